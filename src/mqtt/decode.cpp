#include "mqtt/decode.h"

#include "mqtt/properties.h"
#include "mqtt/reasons.h"

namespace confab::mqtt {
namespace {

Publish decode_publish(const FixedHeader& header, Cursor& in, const Mode& mode) {
  Publish publish;
  publish.dup = (header.flags & 8U) != 0;
  publish.qos = header.flags >> 1U & 3U;
  publish.retain = (header.flags & 1U) != 0;
  publish.topic = in.text();
  if (publish.qos > 0) publish.id = decode_packet_id(in);
  if (mode.level == Level::v5) {
    Properties properties(in, Holder::publish);
    while (const auto property = properties.next()) {
      if (property->id == PropertyId::topic_alias) {
        publish.topic_alias = property->short_number();
      } else if (property->id == PropertyId::subscription_identifier) {
        publish.subscription_ids.push_back(property->number);
      } else {
        take_message_property(*property, publish.properties, in);
      }
    }
  }
  if (publish.topic_alias == 0) in.fail(Reason::topic_alias_invalid, "topic alias 0");  // [MQTT-3.3.2-8]
  if (mode.from == From::client && !publish.subscription_ids.empty()) {                 // [MQTT-3.3.4-6]
    in.fail(Reason::protocol_error, "a subscription identifier from a client");
  }
  if (!publish.topic.empty() || !publish.topic_alias) check_topic_name(in, publish.topic);
  publish.payload = in.take_rest();
  return publish;
}

// Reason String and User Property: what an acknowledgement has, whatever else may stand there.
template <class P>
void take_diagnostics(const Property& property, P& packet) {
  if (property.id == PropertyId::reason_string) packet.reason_string = property.text;
  if (property.id == PropertyId::user_property) packet.user.emplace_back(property.text, property.value);
}

template <class P>
void decode_diagnostics(Cursor& in, Holder holder, P& packet) {
  Properties properties(in, holder);
  while (const auto property = properties.next()) take_diagnostics(*property, packet);
}

// §3.4.2.1: the reason code may be left out when it is 0, the Property Length when it is 0.
Ack decode_ack(Type type, Cursor& in, const Mode& mode) {
  Ack ack;
  ack.kind = static_cast<Ack::Kind>(type);
  ack.id = decode_packet_id(in);
  if (mode.level == Level::v5 && !in.at_end()) ack.reason = decode_reason(in, type, mode.from);
  if (mode.level == Level::v5 && !in.at_end()) decode_diagnostics(in, static_cast<Holder>(type), ack);
  in.expect_end();
  return ack;
}

// §3.8.3.1.
Subscription decode_subscription(Cursor& in, Level level) {
  Subscription subscription;
  subscription.filter = in.text();
  const unsigned options = in.byte();
  subscription.qos = options & 3U;
  subscription.no_local = (options & 4U) != 0;
  subscription.retain_as_published = (options & 8U) != 0;
  subscription.retain_handling = options >> 4U & 3U;
  const unsigned reserved = level == Level::v5 ? 0xC0 : 0xFC;
  if ((options & reserved) != 0) in.fail(Reason::malformed_packet, "reserved subscription options");
  if (subscription.qos == 3) {
    in.fail(level == Level::v5 ? Reason::protocol_error : Reason::malformed_packet, "a subscription of QoS 3");
  }
  if (subscription.retain_handling == 3) in.fail(Reason::protocol_error, "retain handling 3");
  if (subscription.no_local && subscription.filter.starts_with("$share/")) {  // [MQTT-3.8.3-4]
    in.fail(Reason::protocol_error, "a shared subscription with no local");
  }
  return subscription;
}

void check_filter(Cursor& in, std::string_view filter) {
  if (filter.empty()) in.fail(Reason::malformed_packet, "an empty topic filter");  // [MQTT-4.7.3-1]
}

void expect_payload(Cursor& in) {
  if (in.at_end()) in.fail(Reason::protocol_error, "a packet without its payload");
}

Subscribe decode_subscribe(Cursor& in, const Mode& mode) {
  Subscribe subscribe;
  subscribe.id = decode_packet_id(in);
  if (mode.level == Level::v5) {
    Properties properties(in, Holder::subscribe);
    while (const auto property = properties.next()) {
      if (property->id == PropertyId::subscription_identifier) {
        subscribe.subscription_id = property->number;
      } else {
        subscribe.user.emplace_back(property->text, property->value);
      }
    }
  }
  expect_payload(in);
  while (!in.at_end()) {
    subscribe.subscriptions.push_back(decode_subscription(in, mode.level));
    check_filter(in, subscribe.subscriptions.back().filter);
  }
  return subscribe;
}

Unsubscribe decode_unsubscribe(Cursor& in, const Mode& mode) {
  Unsubscribe unsubscribe;
  unsubscribe.id = decode_packet_id(in);
  if (mode.level == Level::v5) {
    Properties properties(in, Holder::unsubscribe);
    while (const auto property = properties.next()) unsubscribe.user.emplace_back(property->text, property->value);
  }
  expect_payload(in);
  while (!in.at_end()) {
    unsubscribe.filters.push_back(in.text());
    check_filter(in, unsubscribe.filters.back());
  }
  return unsubscribe;
}

Reason decode_suback_code(Cursor& in, Level level) {
  if (level == Level::v5) return decode_reason(in, Type::suback, From::server);
  const std::uint8_t code = in.byte();
  if (code > 2 && code != 0x80) in.fail(Reason::protocol_error, "a reserved return code");  // 3.1.1 [MQTT-3.9.3-2]
  return static_cast<Reason>(code);
}

Suback decode_suback(Cursor& in, const Mode& mode) {
  Suback suback;
  suback.id = decode_packet_id(in);
  if (mode.level == Level::v5) decode_diagnostics(in, Holder::suback, suback);
  expect_payload(in);
  suback.reasons.reserve(in.left());
  while (!in.at_end()) suback.reasons.push_back(decode_suback_code(in, mode.level));
  return suback;
}

Unsuback decode_unsuback(Cursor& in, const Mode& mode) {
  Unsuback unsuback;
  unsuback.id = decode_packet_id(in);
  if (mode.level == Level::v5) {
    decode_diagnostics(in, Holder::unsuback, unsuback);
    expect_payload(in);
    while (!in.at_end()) unsuback.reasons.push_back(decode_reason(in, Type::unsuback, From::server));
  }
  in.expect_end();
  return unsuback;
}

// [MQTT-3.14.2-2]: the expiry is the client's word, the reference the server's (§3.14.2.2).
void check_side(PropertyId id, From from, Cursor& in) {
  if ((id == PropertyId::session_expiry_interval && from == From::server) ||
      (id == PropertyId::server_reference && from == From::client)) {
    in.fail(Reason::protocol_error, "a property of the other side");
  }
}

// §3.14.2.1: an empty DISCONNECT is a normal one.
Disconnect decode_disconnect(Cursor& in, const Mode& mode) {
  Disconnect disconnect;
  if (mode.level == Level::v5 && !in.at_end()) disconnect.reason = decode_reason(in, Type::disconnect, mode.from);
  if (mode.level == Level::v5 && !in.at_end()) {
    Properties properties(in, Holder::disconnect);
    while (const auto property = properties.next()) {
      check_side(property->id, mode.from, in);
      if (property->id == PropertyId::session_expiry_interval) disconnect.session_expiry = property->number;
      if (property->id == PropertyId::server_reference) disconnect.server_reference = property->text;
      take_diagnostics(*property, disconnect);
    }
  }
  in.expect_end();
  return disconnect;
}

// §3.15.2.1: an empty AUTH is a success; every other one names its method (§3.15.2.2.2).
Auth decode_auth(Cursor& in, const Mode& mode) {
  Auth auth;
  const bool empty = in.at_end();
  if (!empty) auth.reason = decode_reason(in, Type::auth, mode.from);
  if (empty && mode.from == From::client) in.fail(Reason::protocol_error, "a success that a client has not to say");
  if (!empty) {
    Properties properties(in, Holder::auth);
    while (const auto property = properties.next()) {
      if (property->id == PropertyId::authentication_method) auth.method = property->text;
      if (property->id == PropertyId::authentication_data) auth.data = property->text;
      take_diagnostics(*property, auth);
    }
    if (auth.method.empty()) in.fail(Reason::protocol_error, "AUTH without an authentication method");
  }
  in.expect_end();
  return auth;
}

}  // namespace

Reason decode_reason(Cursor& in, Type type, From from) {
  const auto reason = static_cast<Reason>(in.byte());
  if (!may_say(type, reason, from)) in.fail(Reason::protocol_error, "a reason code that this packet does not have");
  return reason;
}

PacketId decode_packet_id(Cursor& in) {
  const PacketId id = in.two_bytes();
  if (id == 0) in.fail(Reason::protocol_error, "packet identifier 0");
  return id;
}

void check_topic_name(Cursor& in, std::string_view topic) {
  if (topic.empty()) in.fail(Reason::protocol_error, "no topic name");  // [MQTT-4.7.3-1]
  if (has_wildcard(topic)) in.fail(Reason::topic_name_invalid, "a wildcard in a topic name");
}

Packet decode_body(const FixedHeader& header, Cursor& in, const Mode& mode) {
  switch (header.type) {
    case Type::connect:
      return decode_connect(header, in);
    case Type::connack:
      return decode_connack(in, mode.level);
    case Type::publish:
      return decode_publish(header, in, mode);
    case Type::subscribe:
      return decode_subscribe(in, mode);
    case Type::suback:
      return decode_suback(in, mode);
    case Type::unsubscribe:
      return decode_unsubscribe(in, mode);
    case Type::unsuback:
      return decode_unsuback(in, mode);
    case Type::pingreq:
      in.expect_end();
      return Pingreq{};
    case Type::pingresp:
      in.expect_end();
      return Pingresp{};
    case Type::disconnect:
      return decode_disconnect(in, mode);
    case Type::auth:
      return decode_auth(in, mode);
    default:
      return decode_ack(header.type, in, mode);
  }
}

}  // namespace confab::mqtt
