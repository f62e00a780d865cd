// Reads the data types of MQTT (5.0 §1.5) off the front of a packet's body. The first fault stays; after it everything
// reads as zero or empty, so that a decoder looks for it once, at its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mqtt/fixed_header.h"

namespace confab::mqtt {

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte();
  std::uint16_t two_bytes();
  std::uint32_t four_bytes();
  std::uint32_t variable_integer();  // §1.5.5: in as few bytes as it needs
  std::string_view binary();         // §1.5.6
  std::string_view text();           // §1.5.4
  std::string_view bytes(std::size_t size);
  std::string_view take_rest() { return bytes(rest_.size()); }

  bool at_end() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  // Nothing may follow.
  void expect_end();
  void fail(Reason reason, const char* why);
  bool good() const { return !fault_; }
  const Fault& fault() const { return fault_; }

 private:
  std::string_view rest_;
  Fault fault_;
};

}  // namespace confab::mqtt
