#include "xml/chars.h"

#include <algorithm>

namespace confab::xml {
namespace {

constexpr unsigned char class_of(unsigned c) {
  unsigned bits = 0;
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
  if (c >= 0x80 || (c < 0x20 && !space))
    bits |= kStopText | kStopValue | kStopCdata | kStopEscapeText | kStopEscapeValue;
  if (c == '&' || c == '<') bits |= kStopText | kStopValue | kStopEscapeText | kStopEscapeValue;
  if (c == ']') bits |= kStopText;  // §2.4: no "]]>"
  if (c == '>') bits |= kStopEscapeText | kStopEscapeValue;
  if (c == '"' || c == '\'') bits |= kStopValue | kStopEscapeValue;
  if (c == '\r') bits |= kStopText | kStopValue | kStopCdata | kStopEscapeText | kStopEscapeValue;
  if (c == '\t' || c == '\n') bits |= kStopValue | kStopEscapeValue;
  if (letter || c == '_') bits |= kNameStart | kNameByte;
  if ((c >= '0' && c <= '9') || c == '-' || c == '.') bits |= kNameByte;
  if (space) bits |= kSpace;
  return static_cast<unsigned char>(bits);
}

constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = class_of(c);
  return table;
}

struct Range {
  char32_t first;
  char32_t last;
};
// §2.3, productions 4 and 4a, without ASCII.
constexpr std::array kNameStarts{Range{0xC0, 0xD6},     Range{0xD8, 0xF6},     Range{0xF8, 0x2FF},
                                 Range{0x370, 0x37D},   Range{0x37F, 0x1FFF},  Range{0x200C, 0x200D},
                                 Range{0x2070, 0x218F}, Range{0x2C00, 0x2FEF}, Range{0x3001, 0xD7FF},
                                 Range{0xF900, 0xFDCF}, Range{0xFDF0, 0xFFFD}, Range{0x10000, 0xEFFFF}};
constexpr std::array kNameMore{Range{0xB7, 0xB7}, Range{0x300, 0x36F}, Range{0x203F, 0x2040}};

template <class Ranges>
bool is_in(const Ranges& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return c >= r.first && c <= r.last; });
}

bool is_tail(unsigned char c) {
  return (c & 0xC0) == 0x80;
}
}  // namespace

constexpr std::array<unsigned char, 256> kByteClasses = make_classes();

bool is_xml_char(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c < 0xD800 || (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c <= 0x10FFFF);
}

bool is_name_start(char32_t c) {
  return c < 0x80 ? has_class(static_cast<char>(c), kNameStart) : is_in(kNameStarts, c);
}

bool is_name_char(char32_t c) {
  return c < 0x80 ? has_class(static_cast<char>(c), kNameByte) : is_in(kNameStarts, c) || is_in(kNameMore, c);
}

CodePoint first_code_point(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1};
  const unsigned bytes = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (bytes == 0 || text.size() < bytes) return {};
  char32_t value = lead & (0x7Fu >> bytes);
  for (unsigned i = 1; i < bytes; ++i) {
    if (!is_tail(at(i))) return {};
    value = (value << 6) | (at(i) & 0x3Fu);
  }
  const bool overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  if (overlong || surrogate || value > 0x10FFFF) return {};
  return {value, bytes};
}

std::size_t name_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      if (!has_class(text[at], at == 0 ? kNameStart : kNameByte)) break;
      ++at;
      continue;
    }
    const CodePoint point = first_code_point(text.substr(at));
    if (point.bytes == 0 || !(at == 0 ? is_name_start(point.value) : is_name_char(point.value))) break;
    at += point.bytes;
  }
  return at;
}

}  // namespace confab::xml
