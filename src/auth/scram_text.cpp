#include "auth/scram_text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

#include "auth/scram.h"
#include "base/bytes.h"

namespace confab::auth {
namespace {

struct Named {
  std::string_view name;
  ScramMechanism mechanism;
};
constexpr std::array kMechanisms = {
    Named{"SCRAM-SHA-1", {Hash::sha1, false}},     Named{"SCRAM-SHA-1-PLUS", {Hash::sha1, true}},
    Named{"SCRAM-SHA-256", {Hash::sha256, false}}, Named{"SCRAM-SHA-256-PLUS", {Hash::sha256, true}},
    Named{"SCRAM-SHA-512", {Hash::sha512, false}}, Named{"SCRAM-SHA-512-PLUS", {Hash::sha512, true}},
};

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string_view name_of(const ScramMechanism& mechanism) {
  const auto found =
      std::find_if(kMechanisms.begin(), kMechanisms.end(), [&](const Named& n) { return n.mechanism == mechanism; });
  assert(found != kMechanisms.end());
  return found->name;
}

std::optional<ScramMechanism> parse_mechanism(std::string_view name) {
  const auto found =
      std::find_if(kMechanisms.begin(), kMechanisms.end(), [&](const Named& n) { return n.name == name; });
  if (found == kMechanisms.end()) return std::nullopt;
  return found->mechanism;
}

std::string make_nonce(const RandomBytes& random) {
  std::string bytes(18, '\0');
  random(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
  return encode_base64(bytes);  // a multiple of three bytes: no padding, and never a comma
}

std::optional<std::string_view> take_attribute(std::string_view& rest, char name) {
  if (rest.size() < 3 || rest[0] != name || rest[1] != '=') return std::nullopt;
  const std::size_t comma = rest.find(',');
  const std::string_view value = rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  if (value.empty()) return std::nullopt;
  if (comma == std::string_view::npos) {
    rest = {};
  } else if (comma + 1 == rest.size()) {
    return std::nullopt;  // a comma that nothing follows
  } else {
    rest.remove_prefix(comma + 1);
  }
  return value;
}

Result<> skip_extensions(std::string_view rest) {
  while (!rest.empty()) {
    if (rest[0] == 'm') return fail(kScramExtension, "scram: mandatory extension");
    if (!is_alpha(rest[0]) || !take_attribute(rest, rest[0])) return fail(kScramMalformed, "scram: extension");
  }
  return {};
}

std::optional<std::string> decode_saslname(std::string_view text) {
  std::string name;
  name.reserve(text.size());
  while (!text.empty()) {
    const bool escaped = text[0] == '=';
    if (escaped && !text.starts_with("=2C") && !text.starts_with("=3D")) return std::nullopt;
    if (text[0] == ',') return std::nullopt;
    name += !escaped ? text[0] : text[1] == '2' ? ',' : '=';
    text.remove_prefix(escaped ? 3 : 1);
  }
  return name;
}

std::string encode_saslname(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ',') {
      text += "=2C";
    } else if (c == '=') {
      text += "=3D";
    } else {
      text += c;
    }
  }
  return text;
}

bool is_nonce(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != ','; });
}

std::optional<int> read_positive(std::string_view text, int limit) {
  if (text.empty() || text[0] < '1' || text[0] > '9') return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > limit) return std::nullopt;
  return value;
}

std::string xor_bytes(std::string_view a, std::string_view b) {
  assert(a.size() == b.size());
  std::string out(a);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ b[i]);
  return out;
}

}  // namespace confab::auth
