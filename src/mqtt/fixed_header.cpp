#include "mqtt/fixed_header.h"

namespace confab::mqtt {
namespace {

// §2.1.2, "Direction of flow".
bool comes_from(Type type, From from, Level level) {
  switch (type) {
    case Type::connect:
    case Type::subscribe:
    case Type::unsubscribe:
    case Type::pingreq:
      return from == From::client;
    case Type::connack:
    case Type::suback:
    case Type::unsuback:
    case Type::pingresp:
      return from == From::server;
    case Type::disconnect:
      return from == From::client || level == Level::v5;
    default:
      return true;
  }
}

// §2.1.3: what the flags of a packet other than PUBLISH are.
std::uint8_t fixed_flags(Type type) {
  const bool two = type == Type::pubrel || type == Type::subscribe || type == Type::unsubscribe;
  return two ? 0x02 : 0x00;
}

Fault judge_publish_flags(std::uint8_t flags) {
  const unsigned qos = flags >> 1U & 3U;
  if (qos == 3) return {Reason::malformed_packet, "QoS 3"};                                           // [MQTT-3.3.1-4]
  if (qos == 0 && (flags & 8U) != 0) return {Reason::malformed_packet, "DUP in a PUBLISH of QoS 0"};  // [MQTT-3.3.1-2]
  return {};
}

}  // namespace

std::optional<FixedHeader> decode_fixed_header(std::string_view bytes, Fault& fault) {
  if (bytes.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  FixedHeader header{static_cast<Type>(first >> 4U), static_cast<std::uint8_t>(first & 15U)};
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    header.remaining |= std::size_t{byte & 127U} << 7 * (i - 1);
    if ((byte & 128U) == 0) {
      header.length = i + 1;
      header.minimal = i == 1 || byte != 0;
      return header;
    }
    if (i == 4) {
      fault = {Reason::malformed_packet, "Remaining Length of more than four bytes"};
      break;
    }
  }
  return std::nullopt;
}

Fault judge(Type type, std::uint8_t flags, Level level, From from) {
  if (type == Type{0}) return {Reason::malformed_packet, "packet type 0"};
  if (type == Type::auth && level != Level::v5) return {Reason::malformed_packet, "packet type 15"};
  if (!comes_from(type, from, level)) return {Reason::protocol_error, "a packet that this side never sends"};
  if (type == Type::publish) return judge_publish_flags(flags);
  // MQTT 3.1 §2.1 has DUP in what is sent again and calls the others "not used".
  if (type == Type::connect || level == Level::v31) return {};
  if (flags != fixed_flags(type)) return {Reason::malformed_packet, "reserved flags"};
  return {};
}

}  // namespace confab::mqtt
