// Which code points XML 1.0 (fifth edition) allows where, and UTF-8.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace confab::xml {

// One bit per reason to look closer at a byte. Bytes from 0x80 on have all of them but the name bits.
enum ByteClass : unsigned char {
  kStopText = 1,          // ends a run of plain character data
  kStopValue = 2,         // the same in an attribute's value
  kStopCdata = 4,         // the same in a CDATA section
  kStopEscapeText = 8,    // has to be written otherwise in character data
  kStopEscapeValue = 16,  // the same in an attribute's value
  kNameStart = 32,        // ASCII that begins an NCName
  kNameByte = 64,         // ASCII that continues one
  kSpace = 128,           // S (§2.3)
};
extern const std::array<unsigned char, 256> kByteClasses;

inline bool has_class(char c, unsigned classes) {
  return (kByteClasses[static_cast<unsigned char>(c)] & classes) != 0;
}

bool is_xml_char(char32_t c);    // Char, §2.2
bool is_name_start(char32_t c);  // NameStartChar without ":", §2.3 and Namespaces in XML §3
bool is_name_char(char32_t c);   // NameChar without ":"

struct CodePoint {
  char32_t value = 0;
  unsigned bytes = 0;  // 0: not UTF-8
};
// The code point at the begin of `text`, which is not empty.
CodePoint first_code_point(std::string_view text);

// How many bytes at the begin of `text` are an NCName; 0: none.
std::size_t name_length(std::string_view text);

}  // namespace confab::xml
