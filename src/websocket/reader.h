// Frames out of a stream of bytes (RFC 6455 §5), strictly and within bounds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "websocket/frame.h"
#include "websocket/utf8_check.h"

namespace confab::websocket {

// Who reads. Frames to a server are masked, those to a client are not, and each refuses the other (§5.1).
enum class Side : std::uint8_t { server, client };

// Which messages are wanted; the others are refused with 1003.
enum class Messages : std::uint8_t { any, binary, text };

struct Limits {
  std::uint64_t frame_bytes = 16777216;    // payload of one frame
  std::uint64_t message_bytes = 16777216;  // of all frames of one message together
};

// What has been read to its end.
struct Event {
  Opcode opcode = Opcode::binary;  // text, binary: a message, all of whose bytes have been handed out
  std::string payload;             // of ping and pong; a close's reason
  CloseCode code = CloseCode::none;
};

// Hands the payload of messages out as it comes, unmasked, so that it keeps no message; between two frames it owns no
// memory beside itself. Any cut of the bytes gives the same. Lives on: the connection's shard.
class Reader {
 public:
  Reader(Side side, Messages wanted, const Limits& limits) : limits_(limits), side_(side), wanted_(wanted) {}

  // Takes bytes off the front of `bytes` until something is complete, and appends what belongs to messages to
  // `payload`. nullopt: more is needed, and `bytes` is empty. Errors (close_code_of says what the peer is told):
  // bad_frame; bad_payload for text that is no UTF-8; unsupported for messages that are not wanted; too_big.
  // What was appended before an error is good. After an error, and after a close, nothing more can be read.
  Result<std::optional<Event>> read(std::string_view& bytes, std::string& payload);

 private:
  Result<bool> read_head(std::string_view& bytes);
  std::size_t head_wanted() const;
  Result<> check_first(std::uint8_t byte) const;
  Result<> check_second(std::uint8_t byte) const;
  Result<> begin_frame();
  Result<> take_payload(std::string_view& bytes, std::string& payload);
  void unmask(char* at, std::size_t size);
  Result<std::optional<Event>> end_control();
  Result<std::optional<Event>> end_message();
  Opcode opcode() const { return static_cast<Opcode>(head_[0] & 0x0F); }

  const Limits limits_;
  std::uint64_t left_ = 0;     // payload of this frame that is to come
  std::uint64_t message_ = 0;  // bytes of this message's frames so far
  std::string control_;        // payload of a control frame that is not complete
  std::array<std::uint8_t, 14> head_{};
  std::uint8_t head_size_ = 0;  // bytes of the head so far
  std::array<std::uint8_t, 4> mask_{};
  std::uint8_t mask_at_ = 0;
  bool in_frame_ = false;                         // the head is complete
  Opcode message_opcode_ = Opcode::continuation;  // continuation: no message is under way
  Utf8Check utf8_;
  const Side side_;
  const Messages wanted_;
};

}  // namespace confab::websocket
