#include "websocket/utf8_check.h"

namespace confab::websocket {

std::size_t Utf8Check::take(std::string_view piece) {
  for (std::size_t at = 0; at < piece.size(); ++at) {
    const auto byte = static_cast<std::uint8_t>(piece[at]);
    if (wanted_ == 0) {
      if (!begin(byte)) return at;
      continue;
    }
    if (byte < least_ || byte > most_) return at;
    least_ = 0x80;
    most_ = 0xBF;
    --wanted_;
  }
  return piece.size();
}

// RFC 3629 §4: the second byte's range keeps out overlong forms, surrogates and what is beyond U+10FFFF.
bool Utf8Check::begin(std::uint8_t byte) {
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  wanted_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) least_ = 0xA0;
  if (byte == 0xED) most_ = 0x9F;
  if (byte == 0xF0) least_ = 0x90;
  if (byte == 0xF4) most_ = 0x8F;
  return true;
}

}  // namespace confab::websocket
