// CONNECT (§3.1) and CONNACK (§3.2).
#include "mqtt/decode.h"
#include "mqtt/map.h"
#include "mqtt/properties.h"

namespace confab::mqtt {
namespace {

// §3.1.2.3, the bits of the Connect Flags.
constexpr unsigned kReserved = 0x01;
constexpr unsigned kCleanStart = 0x02;
constexpr unsigned kWill = 0x04;
constexpr unsigned kWillQos = 0x18;
constexpr unsigned kWillRetain = 0x20;
constexpr unsigned kPassword = 0x40;
constexpr unsigned kUserName = 0x80;

constexpr std::uint32_t kNever = 0xFFFFFFFF;

// §3.1.2.1, §3.1.2.2. Another version's refusal is written as 5.0 does from there on, else as 3.1.1 does; mosquitto's
// bridges set the highest bit.
Level decode_version(Cursor& in) {
  const std::string_view name = in.binary();
  const unsigned version = in.byte();
  if (!in.good()) return Level::v311;
  if (name == "MQIsdp" && version == 3) return Level::v31;
  if (name == "MQTT" && version == 4) return Level::v311;
  if (name == "MQTT" && version == 5) return Level::v5;
  in.fail(Reason::unsupported_protocol_version, "another protocol, or another version of it");
  return (version & 0x7FU) >= 5 ? Level::v5 : Level::v311;
}

void check_header(const FixedHeader& header, Level level, Cursor& in) {
  if (header.flags != 0 && level != Level::v31) in.fail(Reason::malformed_packet, "reserved flags");
  if (!header.minimal && level == Level::v5) in.fail(Reason::malformed_packet, "a length in more bytes than it needs");
}

void check_flags(unsigned flags, Level level, Cursor& in) {
  // MQTT 3.1 §3.1 calls the bit "not used".
  if ((flags & kReserved) != 0 && level != Level::v31) {
    in.fail(Reason::malformed_packet, "the reserved flag of CONNECT");
  }
  if ((flags & kWill) == 0 && (flags & (kWillQos | kWillRetain)) != 0) {
    in.fail(Reason::malformed_packet, "flags of a will that there is not");
  }
  if ((flags & kWillQos) == kWillQos) in.fail(Reason::malformed_packet, "a will of QoS 3");
  if (level != Level::v5 && (flags & kPassword) != 0 && (flags & kUserName) == 0) {
    in.fail(Reason::malformed_packet, "a password without a user name");  // 3.1.1 [MQTT-3.1.2-22]
  }
}

void take_number(const Property& property, Connect& connect) {
  switch (property.id) {
    case PropertyId::session_expiry_interval:
      connect.session_expiry = property.number;
      break;
    case PropertyId::receive_maximum:
      connect.receive_maximum = property.short_number();
      break;
    case PropertyId::maximum_packet_size:
      connect.maximum_packet_size = property.number;
      break;
    case PropertyId::topic_alias_maximum:
      connect.topic_alias_maximum = property.short_number();
      break;
    case PropertyId::request_response_information:
      connect.request_response_information = property.flag();
      break;
    case PropertyId::request_problem_information:
      connect.request_problem_information = property.flag();
      break;
    default:
      break;
  }
}

void decode_properties(Cursor& in, Connect& connect) {
  bool has_data = false;
  Properties properties(in, Holder::connect);
  while (const auto property = properties.next()) {
    if (property->id == PropertyId::user_property) {
      connect.user.emplace_back(property->text, property->value);
    } else if (property->id == PropertyId::authentication_method) {
      if (property->text.empty()) in.fail(Reason::bad_authentication_method, "an empty authentication method");
      connect.authentication_method = property->text;
    } else if (property->id == PropertyId::authentication_data) {
      has_data = true;
      connect.authentication_data = property->text;
    } else {
      take_number(*property, connect);
    }
  }
  if (has_data && connect.authentication_method.empty()) {  // §3.1.2.11.10
    in.fail(Reason::protocol_error, "authentication data without a method");
  }
}

Will decode_will(Cursor& in, unsigned flags, Level level) {
  Will will;
  will.qos = static_cast<std::uint8_t>((flags & kWillQos) >> 3U);
  will.retain = (flags & kWillRetain) != 0;
  if (level == Level::v5) {
    Properties properties(in, Holder::will);
    while (const auto property = properties.next()) {
      if (property->id == PropertyId::will_delay_interval) will.delay = property->number;
      take_message_property(*property, will.properties, in);
    }
  }
  will.topic = in.text();
  check_topic_name(in, will.topic);
  will.payload = in.binary();
  return will;
}

// MQTT 3.1 §3.1 allows the flags of texts that are missing at the end.
bool is_there(unsigned flag, Level level, const Cursor& in) {
  return flag != 0 && !(level == Level::v31 && in.at_end());
}

// 3.1 wants one; 3.1.1 too, where a session is to be kept [MQTT-3.1.3-8].
void check_client_id(const Connect& connect, Cursor& in) {
  const bool needed = connect.level == Level::v31 || (connect.level == Level::v311 && !connect.clean_start);
  if (needed && connect.client_id.empty()) in.fail(Reason::client_identifier_not_valid, "an empty client identifier");
}

}  // namespace

Connect decode_connect(const FixedHeader& header, Cursor& in) {
  Connect connect;
  connect.level = decode_version(in);
  check_header(header, connect.level, in);
  const unsigned flags = in.byte();
  check_flags(flags, connect.level, in);
  connect.clean_start = (flags & kCleanStart) != 0;
  connect.keep_alive = in.two_bytes();
  if (connect.level == Level::v5) {
    decode_properties(in, connect);
  } else {
    connect.session_expiry = connect.clean_start ? 0 : kNever;
  }
  connect.client_id = in.text();
  if ((flags & kWill) != 0) connect.will = decode_will(in, flags, connect.level);
  if (is_there(flags & kUserName, connect.level, in)) connect.user_name = in.text();
  if (is_there(flags & kPassword, connect.level, in)) connect.password = in.binary();
  in.expect_end();
  check_client_id(connect, in);
  return connect;
}

namespace {

bool take_number(const Property& property, Connack& connack) {
  switch (property.id) {
    case PropertyId::session_expiry_interval:
      connack.session_expiry = property.number;
      return true;
    case PropertyId::receive_maximum:
      connack.receive_maximum = property.short_number();
      return true;
    case PropertyId::maximum_qos:
      connack.maximum_qos = static_cast<std::uint8_t>(property.number);
      return true;
    case PropertyId::retain_available:
      connack.retain_available = property.flag();
      return true;
    case PropertyId::maximum_packet_size:
      connack.maximum_packet_size = property.number;
      return true;
    case PropertyId::topic_alias_maximum:
      connack.topic_alias_maximum = property.short_number();
      return true;
    case PropertyId::server_keep_alive:
      connack.server_keep_alive = property.short_number();
      return true;
    case PropertyId::wildcard_subscription_available:
      connack.wildcard_subscriptions_available = property.flag();
      return true;
    case PropertyId::subscription_identifier_available:
      connack.subscription_ids_available = property.flag();
      return true;
    case PropertyId::shared_subscription_available:
      connack.shared_subscriptions_available = property.flag();
      return true;
    default:
      return false;
  }
}

void take_text(const Property& property, Connack& connack) {
  switch (property.id) {
    case PropertyId::assigned_client_identifier:
      connack.assigned_client_id = property.text;
      break;
    case PropertyId::reason_string:
      connack.reason_string = property.text;
      break;
    case PropertyId::response_information:
      connack.response_information = property.text;
      break;
    case PropertyId::server_reference:
      connack.server_reference = property.text;
      break;
    case PropertyId::authentication_method:
      connack.authentication_method = property.text;
      break;
    case PropertyId::authentication_data:
      connack.authentication_data = property.text;
      break;
    default:
      connack.user.emplace_back(property.text, property.value);
  }
}

Reason decode_return_code(Cursor& in) {
  const auto reason = reason_of_connack(in.byte());
  if (!reason) in.fail(Reason::protocol_error, "a reserved return code");
  return reason.value_or(Reason::unspecified);
}

}  // namespace

Connack decode_connack(Cursor& in, Level level) {
  Connack connack;
  const unsigned flags = in.byte();
  // MQTT 3.1 §3.2 calls the byte "not used".
  if (flags > 1 && level != Level::v31) in.fail(Reason::malformed_packet, "reserved flags of CONNACK");
  connack.session_present = level != Level::v31 && flags == 1;
  connack.reason = level == Level::v5 ? decode_reason(in, Type::connack, From::server) : decode_return_code(in);
  if (connack.session_present && connack.reason != Reason::success) {  // [MQTT-3.2.2-6]
    in.fail(Reason::protocol_error, "a session with a refusal");
  }
  if (level == Level::v5) {
    Properties properties(in, Holder::connack);
    while (const auto property = properties.next()) {
      if (!take_number(*property, connack)) take_text(*property, connack);
    }
  }
  in.expect_end();
  return connack;
}

}  // namespace confab::mqtt
