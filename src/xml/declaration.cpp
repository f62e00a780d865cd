// The XML declaration (§2.8).
#include "xml/decode.h"

namespace confab::xml {
namespace {

constexpr Fault kIllFormed{Problem::not_well_formed, "an XML declaration that is none"};

void skip_space(std::string_view& rest) {
  while (!rest.empty() && has_class(rest[0], kSpace)) rest.remove_prefix(1);
}

// Takes S name Eq quoted-value off `rest` if it is there. false: it is there, but broken.
bool take_field(std::string_view& rest, std::string_view name, std::string_view& value) {
  std::string_view at = rest;
  skip_space(at);
  if (!at.starts_with(name)) return true;
  if (at.size() == rest.size()) return false;
  at.remove_prefix(name.size());
  skip_space(at);
  if (!at.starts_with('=')) return false;
  at.remove_prefix(1);
  skip_space(at);
  if (!at.starts_with('"') && !at.starts_with('\'')) return false;
  const std::size_t end = at.find(at[0], 1);
  if (end == std::string_view::npos || end == 1) return false;
  value = at.substr(1, end - 1);
  rest = at.substr(end + 1);
  return true;
}

bool is_utf8_name(std::string_view name) {
  constexpr std::string_view kName = "utf-8";
  if (name.size() != kName.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] + 32) : name[i];
    if (c != kName[i]) return false;
  }
  return true;
}
}  // namespace

Fault read_declaration(std::string_view rest) {
  std::string_view version;
  std::string_view encoding;
  std::string_view standalone;
  if (!take_field(rest, "version", version) || version != "1.0") return kIllFormed;
  if (!take_field(rest, "encoding", encoding)) return kIllFormed;
  if (!take_field(rest, "standalone", standalone)) return kIllFormed;
  skip_space(rest);
  if (!rest.empty()) return kIllFormed;
  if (!standalone.empty() && standalone != "yes" && standalone != "no") return kIllFormed;
  if (!encoding.empty() && !is_utf8_name(encoding)) {
    return {Problem::unsupported_encoding, "an encoding other than UTF-8"};  // RFC 6120 §11.6
  }
  return {};
}

}  // namespace confab::xml
