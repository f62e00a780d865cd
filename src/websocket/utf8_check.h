// UTF-8 that comes in pieces, as the text of a fragmented message does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace confab::websocket {

// RFC 3629, as is_utf8 has it, over any cuts. Lives on: the reader's thread.
class Utf8Check {
 public:
  // How many bytes of `piece` are good. Less than all: whatever follows, it is no UTF-8.
  std::size_t take(std::string_view piece);
  // No character is under way.
  bool complete() const { return wanted_ == 0; }

 private:
  bool begin(std::uint8_t byte);

  std::uint8_t wanted_ = 0;    // bytes of the character under way that are to come
  std::uint8_t least_ = 0x80;  // what the next of them may be
  std::uint8_t most_ = 0xBF;
};

}  // namespace confab::websocket
