#include "mqtt/cursor.h"

#include "mqtt/wire.h"

namespace confab::mqtt {

std::string_view Cursor::bytes(std::size_t size) {
  if (rest_.size() < size) {
    fail(Reason::malformed_packet, "a field goes beyond the packet");
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint8_t Cursor::byte() {
  const std::string_view one = bytes(1);
  return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
}

std::uint16_t Cursor::two_bytes() {
  const std::string_view two = bytes(2);
  if (two.empty()) return 0;
  return static_cast<std::uint16_t>(static_cast<unsigned char>(two[0]) << 8U | static_cast<unsigned char>(two[1]));
}

std::uint32_t Cursor::four_bytes() {
  const std::uint32_t high = two_bytes();
  return high << 16U | two_bytes();
}

std::uint32_t Cursor::variable_integer() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const std::uint32_t next = byte();
    value |= (next & 127U) << shift;
    if ((next & 128U) != 0) continue;
    if (shift > 0 && next == 0) fail(Reason::malformed_packet, "a number in more bytes than it needs");
    return good() ? value : 0;
  }
  fail(Reason::malformed_packet, "a number of more than four bytes");
  return 0;
}

std::string_view Cursor::binary() {
  return bytes(two_bytes());
}

std::string_view Cursor::text() {
  const std::string_view text = binary();
  if (is_mqtt_text(text)) return text;
  fail(Reason::malformed_packet, "a text that is not UTF-8, or has U+0000");
  return {};
}

void Cursor::expect_end() {
  if (!rest_.empty()) fail(Reason::malformed_packet, "bytes behind the packet's last field");
}

void Cursor::fail(Reason reason, const char* why) {
  if (good()) fault_ = {reason, why};
  rest_ = {};
}

}  // namespace confab::mqtt
