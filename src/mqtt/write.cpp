#include <cassert>

#include "mqtt/encode.h"
#include "mqtt/fixed_header.h"
#include "mqtt/map.h"
#include "mqtt/wire.h"

namespace confab::mqtt {
namespace {

constexpr std::uint8_t first_byte(Type type, unsigned flags = 0) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4U | flags);
}

std::uint8_t first_byte(const Publish& publish) {
  assert(publish.qos == 0 || publish.id != 0);
  const bool dup = publish.dup && publish.qos > 0;  // [MQTT-3.3.1-2]
  return first_byte(Type::publish, (dup ? 8U : 0U) | unsigned{publish.qos} << 1U | (publish.retain ? 1U : 0U));
}

std::uint8_t first_byte(const Ack& ack) {
  return first_byte(static_cast<Type>(ack.kind), ack.kind == Ack::Kind::pubrel ? 2 : 0);
}

// clang-format off
std::uint8_t first_byte(const Connect&) { return first_byte(Type::connect); }
std::uint8_t first_byte(const Connack&) { return first_byte(Type::connack); }
std::uint8_t first_byte(const Subscribe&) { return first_byte(Type::subscribe, 2); }
std::uint8_t first_byte(const Suback&) { return first_byte(Type::suback); }
std::uint8_t first_byte(const Unsubscribe&) { return first_byte(Type::unsubscribe, 2); }
std::uint8_t first_byte(const Unsuback&) { return first_byte(Type::unsuback); }
std::uint8_t first_byte(const Pingreq&) { return first_byte(Type::pingreq); }
std::uint8_t first_byte(const Pingresp&) { return first_byte(Type::pingresp); }
std::uint8_t first_byte(const Disconnect&) { return first_byte(Type::disconnect); }
std::uint8_t first_byte(const Auth&) { return first_byte(Type::auth); }
// clang-format on

// Whether the version has a form for the packet at all.
template <class P>
bool has_form(const P&, Level) {
  return true;
}
bool has_form(const Auth&, Level level) {
  return level == Level::v5;
}
bool has_form(const Connack& connack, Level level) {
  return level == Level::v5 || connack_code(connack.reason).has_value();
}

// Where a Reason String and User Properties may be left out to keep to a size; they are what a message or a request
// consists of in the other packets.
template <class P>
concept Trimmable = requires(P& packet) { packet.reason_string; };

// `size`: of the whole packet; 0: it cannot be written.
template <class P>
std::size_t size_of(const P& packet, Level level, std::size_t& remaining) {
  Sink body;
  encode_body(body, packet, level);
  remaining = body.size();
  if (!body.fits() || remaining > kMaxRemaining) return 0;
  Sink header;
  header.variable_integer(remaining);
  return 1 + header.size() + remaining;
}

template <class P>
bool write_whole(const P& packet, Level level, std::string& out, std::size_t limit) {
  std::size_t remaining = 0;
  const std::size_t size = size_of(packet, level, remaining);
  if (size == 0 || (limit != 0 && size > limit)) return false;
  Sink sink(out);
  sink.byte(first_byte(packet));
  sink.variable_integer(remaining);
  encode_body(sink, packet, level);
  return true;
}

template <class P>
bool write_any(const P& packet, Level level, std::string& out, std::size_t limit) {
  if (!has_form(packet, level)) return false;
  if (write_whole(packet, level, out, limit)) return true;
  if constexpr (Trimmable<P>) {
    if (level != Level::v5) return false;
    P shorter = packet;
    shorter.reason_string = {};
    if (write_whole(shorter, level, out, limit)) return true;
    shorter.user.clear();
    return write_whole(shorter, level, out, limit);
  }
  return false;
}

}  // namespace

bool write(const Packet& packet, Level level, std::string& out, std::size_t limit) {
  return std::visit([&](const auto& one) { return write_any(one, level, out, limit); }, packet);
}

bool write(const Publish& publish, Level level, std::string& out, std::size_t limit) {
  return write_any(publish, level, out, limit);
}

bool write(const Ack& ack, Level level, std::string& out, std::size_t limit) {
  return write_any(ack, level, out, limit);
}

}  // namespace confab::mqtt
