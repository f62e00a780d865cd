// The fixed header of a control packet (MQTT 5.0 §2.1, 3.1.1 §2.2), and why a packet is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "mqtt/packet.h"
#include "mqtt/wire.h"

namespace confab::mqtt {

enum class Type : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

struct Fault {
  Reason reason = Reason::success;  // success: none
  const char* why = "";

  explicit operator bool() const { return reason != Reason::success; }
};

constexpr std::size_t kMaxRemaining = 268435455;  // §1.5.5: four bytes of seven bits

struct FixedHeader {
  Type type = Type::connect;
  std::uint8_t flags = 0;
  std::size_t length = 0;  // of the header itself
  std::size_t remaining = 0;
  bool minimal = true;  // Remaining Length takes no more bytes than it needs

  std::size_t size() const { return length + remaining; }
};

// nullopt: more bytes are needed, or `fault` says what is wrong with those that are here.
std::optional<FixedHeader> decode_fixed_header(std::string_view bytes, Fault& fault);

// What is wrong with a packet of this type and these flags from that side; CONNECT's flags are judged with its version.
Fault judge(Type type, std::uint8_t flags, Level level, From from);

}  // namespace confab::mqtt
