// CONNECT (§3.1) and CONNACK (§3.2).
#include "mqtt/encode.h"
#include "mqtt/map.h"

namespace confab::mqtt {
namespace {

// §3.1.2.3.
std::uint8_t flags_of(const Connect& connect) {
  unsigned flags = connect.clean_start ? 0x02 : 0;
  if (connect.will) flags |= 0x04U | unsigned{connect.will->qos} << 3U | (connect.will->retain ? 0x20U : 0U);
  if (connect.password) flags |= 0x40;
  if (connect.user_name) flags |= 0x80;
  return static_cast<std::uint8_t>(flags);
}

void encode_properties(Sink& out, const Connect& connect) {
  if (connect.session_expiry != 0) {
    encode_four_bytes(out, PropertyId::session_expiry_interval, connect.session_expiry);
  }
  if (connect.receive_maximum != 65535) encode_two_bytes(out, PropertyId::receive_maximum, connect.receive_maximum);
  if (connect.maximum_packet_size != 0) {
    encode_four_bytes(out, PropertyId::maximum_packet_size, connect.maximum_packet_size);
  }
  if (connect.topic_alias_maximum != 0) {
    encode_two_bytes(out, PropertyId::topic_alias_maximum, connect.topic_alias_maximum);
  }
  if (connect.request_response_information) encode_flag(out, PropertyId::request_response_information, true);
  if (!connect.request_problem_information) encode_flag(out, PropertyId::request_problem_information, false);
  encode_text(out, PropertyId::authentication_method, connect.authentication_method);
  encode_text(out, PropertyId::authentication_data, connect.authentication_data);
  encode_user(out, connect.user);
}

void encode_will(Sink& out, const Will& will, Level level) {
  if (level == Level::v5) {
    out.counted([&](Sink& inner) {
      if (will.delay != 0) encode_four_bytes(inner, PropertyId::will_delay_interval, will.delay);
      encode_message(inner, will.properties);
    });
  }
  out.text(will.topic);
  out.text(will.payload);
}

void encode_limits(Sink& out, const Connack& connack) {
  if (connack.session_expiry) encode_four_bytes(out, PropertyId::session_expiry_interval, *connack.session_expiry);
  if (connack.receive_maximum != 65535) encode_two_bytes(out, PropertyId::receive_maximum, connack.receive_maximum);
  if (connack.maximum_qos < 2) encode_flag(out, PropertyId::maximum_qos, connack.maximum_qos == 1);
  if (!connack.retain_available) encode_flag(out, PropertyId::retain_available, false);
  if (connack.maximum_packet_size != 0) {
    encode_four_bytes(out, PropertyId::maximum_packet_size, connack.maximum_packet_size);
  }
  if (connack.topic_alias_maximum != 0) {
    encode_two_bytes(out, PropertyId::topic_alias_maximum, connack.topic_alias_maximum);
  }
  if (!connack.wildcard_subscriptions_available) {
    encode_flag(out, PropertyId::wildcard_subscription_available, false);
  }
  if (!connack.subscription_ids_available) encode_flag(out, PropertyId::subscription_identifier_available, false);
  if (!connack.shared_subscriptions_available) encode_flag(out, PropertyId::shared_subscription_available, false);
  if (connack.server_keep_alive) encode_two_bytes(out, PropertyId::server_keep_alive, *connack.server_keep_alive);
}

void encode_properties(Sink& out, const Connack& connack) {
  encode_limits(out, connack);
  encode_text(out, PropertyId::assigned_client_identifier, connack.assigned_client_id);
  encode_text(out, PropertyId::reason_string, connack.reason_string);
  encode_text(out, PropertyId::response_information, connack.response_information);
  encode_text(out, PropertyId::server_reference, connack.server_reference);
  encode_text(out, PropertyId::authentication_method, connack.authentication_method);
  encode_text(out, PropertyId::authentication_data, connack.authentication_data);
  encode_user(out, connack.user);
}

}  // namespace

void encode_body(Sink& out, const Connect& connect, Level level) {
  out.text(level == Level::v31 ? "MQIsdp" : "MQTT");
  out.byte(static_cast<std::uint8_t>(level));
  out.byte(flags_of(connect));
  out.two_bytes(connect.keep_alive);
  if (level == Level::v5) out.counted([&](Sink& inner) { encode_properties(inner, connect); });
  out.text(connect.client_id);
  if (connect.will) encode_will(out, *connect.will, level);
  if (connect.user_name) out.text(*connect.user_name);
  if (connect.password) out.text(*connect.password);
}

void encode_body(Sink& out, const Connack& connack, Level level) {
  const bool refused = connack.reason != Reason::success;
  const bool present = connack.session_present && !refused && level != Level::v31;  // [MQTT-3.2.2-6]
  out.byte(present ? 1 : 0);
  if (level == Level::v5) {
    out.byte(static_cast<std::uint8_t>(connack.reason));
    out.counted([&](Sink& inner) { encode_properties(inner, connack); });
  } else {
    out.byte(connack_code(connack.reason).value_or(3));  // write() does not write what has no code
  }
}

}  // namespace confab::mqtt
