// Frames into bytes (RFC 6455 §5). Each appends to `to`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "websocket/frame.h"

namespace confab::websocket {

constexpr std::size_t kMostHeadBytes = 10;  // of a server's frame

// The head of a server's frame that is a message by itself; `size` bytes of payload come behind it as they are.
void encode_head(std::string& to, Opcode opcode, std::uint64_t size);
void encode_frame(std::string& to, Opcode opcode, std::string_view payload);

// `none`: without a code, and then without a reason. `reason`: at most 123 bytes.
void encode_close(std::string& to, CloseCode code, std::string_view reason = {});

// A client's: masked with `mask`, which is to be unpredictable for each frame (§10.3). `last`: of its message.
using Mask = std::array<std::uint8_t, 4>;
void encode_masked(std::string& to, Opcode opcode, std::string_view payload, const Mask& mask, bool last = true);

}  // namespace confab::websocket
