#include "xml/decode.h"

#include <cstring>

namespace confab::xml {
namespace {

constexpr Fault ill_formed(const char* why) {
  return {Problem::not_well_formed, why};
}

struct Cursor {
  char* in;
  char* out;
  char* end;
  ByteClass mode;

  std::string_view rest() const { return {in, static_cast<std::size_t>(end - in)}; }
  void put(char c) { *out++ = c; }
  void keep(std::size_t bytes) {
    if (in != out) std::memmove(out, in, bytes);
    in += bytes;
    out += bytes;
  }
};

void put_code_point(Cursor& at, char32_t c) {
  const auto put = [&at](char32_t bits) { at.put(static_cast<char>(static_cast<unsigned char>(bits))); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | (c >> 6));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

int digit_of(char c, unsigned base) {
  if (c >= '0' && c <= '9') return c - '0';
  if (base == 16 && c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (base == 16 && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// §4.1 CharRef: `at.in` is behind "&#".
Fault read_character(Cursor& at) {
  const unsigned base = at.in != at.end && *at.in == 'x' ? 16 : 10;
  if (base == 16) ++at.in;
  char32_t value = 0;
  const char* const digits = at.in;
  for (; at.in != at.end && *at.in != ';'; ++at.in) {
    const int digit = digit_of(*at.in, base);
    if (digit < 0) return ill_formed("character reference: no number");
    value = value * base + static_cast<char32_t>(digit);
    if (value > 0x10FFFF) return ill_formed("character reference: no character");
  }
  if (at.in == at.end || at.in == digits) return ill_formed("character reference: unfinished");
  if (!is_xml_char(value)) return ill_formed("character reference: no character");
  ++at.in;
  put_code_point(at, value);  // never longer than its reference
  return {};
}

// §4.1 EntityRef, of which RFC 6120 §11.1 leaves the five of §4.6.
Fault read_reference(Cursor& at) {
  ++at.in;
  if (at.in != at.end && *at.in == '#') {
    ++at.in;
    return read_character(at);
  }
  const std::size_t length = name_length(at.rest());
  const std::string_view name = at.rest().substr(0, length);
  if (length == 0 || length == at.rest().size() || at.in[length] != ';') return ill_formed("a bare &");
  const char c = name == "lt"     ? '<'
                 : name == "gt"   ? '>'
                 : name == "amp"  ? '&'
                 : name == "apos" ? '\''
                 : name == "quot" ? '"'
                                  : '\0';
  if (c == '\0') return {Problem::restricted_xml, "an entity that is not predefined"};
  at.in += length + 1;
  at.put(c);
  return {};
}

// §2.11 line ends, and §3.3.3 for attribute values.
void read_space(Cursor& at) {
  const bool pair = *at.in == '\r' && at.in + 1 != at.end && at.in[1] == '\n';
  at.in += pair ? 2 : 1;
  at.put(at.mode == kStopValue ? ' ' : '\n');
}

Fault read_special(Cursor& at) {
  switch (*at.in) {
    case '&':
      return read_reference(at);
    case '<':
      return ill_formed("< in an attribute value");
    case '\t':
    case '\n':
    case '\r':
      read_space(at);
      return {};
    case ']':
      if (at.rest().starts_with("]]>")) return ill_formed("]]> in text");
      at.keep(1);
      return {};
    case '"':
    case '\'':
      at.keep(1);
      return {};
    default:
      break;
  }
  const CodePoint point = first_code_point(at.rest());
  if (point.bytes == 0) return ill_formed("no UTF-8");
  if (!is_xml_char(point.value)) return ill_formed("a character that XML does not allow");
  at.keep(point.bytes);
  return {};
}
}  // namespace

Decoded decode(char* in, char* end, ByteClass mode, char quote) {
  Cursor at{in, in, end, mode};
  for (;;) {
    const char* run = at.in;
    while (run != end && !has_class(*run, mode)) ++run;
    at.keep(static_cast<std::size_t>(run - at.in));
    if (at.in == end || (mode == kStopValue && *at.in == quote)) return {at.in, at.out, {}};
    if (const Fault fault = read_special(at)) return {at.in, at.out, fault};
  }
}

}  // namespace confab::xml
