#include "markup.h"

namespace confab::load {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kNone = std::string_view::npos;

}  // namespace

std::string_view element_name(std::string_view stanza) {
  if (stanza.empty()) return {};
  const std::string_view rest = stanza.substr(1);
  return rest.substr(0, rest.find_first_of(" \t\r\n/>"));
}

std::string_view attribute(std::string_view stanza, std::string_view name) {
  std::size_t at = 1 + element_name(stanza).size();
  while ((at = stanza.find_first_not_of(kSpace, at)) != kNone) {
    const std::size_t equals = stanza.find_first_of("=>", at);
    if (equals == kNone || stanza[equals] == '>') return {};
    std::string_view found = stanza.substr(at, equals - at);
    found = found.substr(0, found.find_first_of(kSpace));
    const std::size_t open = stanza.find_first_of("'\"", equals);
    if (open == kNone) return {};
    const std::size_t close = stanza.find(stanza[open], open + 1);
    if (close == kNone) return {};
    if (found == name) return stanza.substr(open + 1, close - open - 1);
    at = close + 1;
  }
  return {};
}

std::string_view text_of(std::string_view stanza, std::string_view name) {
  for (std::size_t at = stanza.find('<'); at != kNone; at = stanza.find('<', at + 1)) {
    const std::string_view here = stanza.substr(at);
    if (element_name(here) != name) continue;
    const std::size_t open = here.find('>');
    if (open == kNone || here[open - 1] == '/') return {};
    return here.substr(open + 1, here.find("</", open) - open - 1);
  }
  return {};
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace confab::load
