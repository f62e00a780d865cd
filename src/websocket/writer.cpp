#include "websocket/writer.h"

#include <cassert>

namespace confab::websocket {
namespace {

constexpr unsigned kFin = 0x80;
constexpr unsigned kMasked = 0x80;

void append_number(std::string& to, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to += static_cast<char>(number >> (8 * i) & 0xFF);
}

// §5.2: the shortest form of the length.
void append_head(std::string& to, unsigned first, std::uint64_t size, unsigned masked) {
  to += static_cast<char>(first);
  const int bytes = size > 0xFFFF ? 8 : size > 125 ? 2 : 0;
  const unsigned coded = bytes == 8 ? 127 : bytes == 2 ? 126 : static_cast<unsigned>(size);
  to += static_cast<char>(masked | coded);
  append_number(to, size, bytes);
}

}  // namespace

void encode_head(std::string& to, Opcode opcode, std::uint64_t size) {
  assert(!is_control(opcode) || size <= kMostControlBytes);
  append_head(to, kFin | static_cast<unsigned>(opcode), size, 0);
}

void encode_frame(std::string& to, Opcode opcode, std::string_view payload) {
  encode_head(to, opcode, payload.size());
  to += payload;
}

void encode_close(std::string& to, CloseCode code, std::string_view reason) {
  if (code == CloseCode::none) return encode_head(to, Opcode::close, 0);
  encode_head(to, Opcode::close, 2 + reason.size());
  append_number(to, static_cast<std::uint64_t>(code), 2);
  to += reason;
}

void encode_masked(std::string& to, Opcode opcode, std::string_view payload, const Mask& mask, bool last) {
  append_head(to, (last ? kFin : 0) | static_cast<unsigned>(opcode), payload.size(), kMasked);
  for (const std::uint8_t byte : mask) to += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    to += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ mask[i % 4]);
  }
}

}  // namespace confab::websocket
