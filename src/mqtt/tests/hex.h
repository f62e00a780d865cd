// Packets as text: hexadecimal digits, with spaces anywhere, and 'characters' between them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace confab::mqtt {

inline std::string hex(std::string_view text) {
  std::string digits;
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (quoted) {
      digits += encode_hex(std::string_view(&c, 1));
    } else if (c != ' ' && c != '\n') {
      digits += c;
    }
  }
  return decode_hex(digits).value();
}

// "'abc'" as a text with its length before it, in hexadecimal.
inline std::string text_hex(std::string_view text) {
  const std::string length{static_cast<char>(text.size() >> 8U), static_cast<char>(text.size())};
  return encode_hex(length) + encode_hex(text);
}

// Properties of less than 128 bytes, in hexadecimal, with their length before them.
inline std::string counted(std::string_view properties_hex) {
  const std::string properties = hex(properties_hex);
  return encode_hex(std::string(1, static_cast<char>(properties.size()))) + encode_hex(properties);
}

// A packet of that first byte; its length is counted.
inline std::string packet(unsigned first, std::string_view body_hex) {
  const std::string body = hex(body_hex);
  std::string out(1, static_cast<char>(first));
  std::size_t left = body.size();
  do {
    out += static_cast<char>((left & 127U) | (left > 127 ? 128U : 0U));
    left >>= 7U;
  } while (left > 0);
  return out + body;
}

}  // namespace confab::mqtt
