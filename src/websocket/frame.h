// The words of RFC 6455 that reader and writer share.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace confab::websocket {

// RFC 6455 §5.2. Those from 8 on are control frames.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

constexpr bool is_control(Opcode opcode) {
  return static_cast<std::uint8_t>(opcode) >= 8;
}

// RFC 6455 §7.4.1. A peer's may be any other that is_sendable takes.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,
  none = 1005,  // never on the wire: a Close frame without a code
  invalid_payload = 1007,
  policy = 1008,
  too_big = 1009,
};

// Whether a Close frame may carry it (§7.4): what is reserved, and what is nobody's, may not.
bool is_sendable(CloseCode code);

// What a Reader's error is called in the Close frame that answers it.
CloseCode close_code_of(Errc code);

constexpr std::size_t kMostControlBytes = 125;  // §5.5: payload of a control frame

}  // namespace confab::websocket
