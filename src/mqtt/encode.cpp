#include "mqtt/encode.h"

#include "mqtt/map.h"

namespace confab::mqtt {
namespace {

template <class P>
void encode_diagnostics(Sink& out, const P& packet) {
  encode_text(out, PropertyId::reason_string, packet.reason_string);
  encode_user(out, packet.user);
}

template <class P>
bool has_diagnostics(const P& packet) {
  return !packet.reason_string.empty() || !packet.user.empty();
}

void encode_properties(Sink& out, const Publish& publish) {
  encode_message(out, publish.properties);
  if (publish.topic_alias) encode_two_bytes(out, PropertyId::topic_alias, *publish.topic_alias);
  for (const std::uint32_t id : publish.subscription_ids) {
    out.property(PropertyId::subscription_identifier);
    out.variable_integer(id);
  }
}

// §3.8.3.1.
std::uint8_t options_of(const Subscription& subscription, Level level) {
  unsigned options = subscription.qos;
  if (level != Level::v5) return static_cast<std::uint8_t>(options);
  if (subscription.no_local) options |= 4;
  if (subscription.retain_as_published) options |= 8;
  options |= unsigned{subscription.retain_handling} << 4U;
  return static_cast<std::uint8_t>(options);
}

void encode_properties(Sink& out, const Subscribe& subscribe) {
  if (subscribe.subscription_id != 0) {
    out.property(PropertyId::subscription_identifier);
    out.variable_integer(subscribe.subscription_id);
  }
  encode_user(out, subscribe.user);
}

void encode_properties(Sink& out, const Disconnect& disconnect) {
  if (disconnect.session_expiry) {
    encode_four_bytes(out, PropertyId::session_expiry_interval, *disconnect.session_expiry);
  }
  encode_text(out, PropertyId::server_reference, disconnect.server_reference);
  encode_diagnostics(out, disconnect);
}

void encode_properties(Sink& out, const Auth& auth) {
  encode_text(out, PropertyId::authentication_method, auth.method);
  encode_text(out, PropertyId::authentication_data, auth.data);
  encode_diagnostics(out, auth);
}

}  // namespace

void encode_body(Sink& out, const Publish& publish, Level level) {
  out.text(publish.topic);
  if (publish.qos > 0) out.two_bytes(publish.id);
  if (level == Level::v5) out.counted([&](Sink& inner) { encode_properties(inner, publish); });
  out.bytes(publish.payload);
}

// §3.4.2.1: without properties no Property Length, and then no reason code 0 either.
void encode_body(Sink& out, const Ack& ack, Level level) {
  out.two_bytes(ack.id);
  const bool properties = has_diagnostics(ack);
  if (level != Level::v5 || (ack.reason == Reason::success && !properties)) return;
  out.byte(static_cast<std::uint8_t>(ack.reason));
  if (properties) out.counted([&](Sink& inner) { encode_diagnostics(inner, ack); });
}

void encode_body(Sink& out, const Subscribe& subscribe, Level level) {
  out.two_bytes(subscribe.id);
  if (level == Level::v5) out.counted([&](Sink& inner) { encode_properties(inner, subscribe); });
  for (const Subscription& subscription : subscribe.subscriptions) {
    out.text(subscription.filter);
    out.byte(options_of(subscription, level));
  }
}

void encode_body(Sink& out, const Suback& suback, Level level) {
  out.two_bytes(suback.id);
  if (level == Level::v5) out.counted([&](Sink& inner) { encode_diagnostics(inner, suback); });
  for (const Reason reason : suback.reasons) {
    out.byte(level == Level::v5 ? static_cast<std::uint8_t>(reason) : suback_code(reason));
  }
}

void encode_body(Sink& out, const Unsubscribe& unsubscribe, Level level) {
  out.two_bytes(unsubscribe.id);
  if (level == Level::v5) out.counted([&](Sink& inner) { encode_user(inner, unsubscribe.user); });
  for (const std::string_view filter : unsubscribe.filters) out.text(filter);
}

void encode_body(Sink& out, const Unsuback& unsuback, Level level) {
  out.two_bytes(unsuback.id);
  if (level != Level::v5) return;
  out.counted([&](Sink& inner) { encode_diagnostics(inner, unsuback); });
  for (const Reason reason : unsuback.reasons) out.byte(static_cast<std::uint8_t>(reason));
}

void encode_body(Sink&, const Pingreq&, Level) {}

void encode_body(Sink&, const Pingresp&, Level) {}

// §3.14.2.1, §3.14.2.2.1.
void encode_body(Sink& out, const Disconnect& disconnect, Level level) {
  const bool properties =
      has_diagnostics(disconnect) || disconnect.session_expiry || !disconnect.server_reference.empty();
  if (level != Level::v5 || (disconnect.reason == Reason::success && !properties)) return;
  out.byte(static_cast<std::uint8_t>(disconnect.reason));
  if (properties) out.counted([&](Sink& inner) { encode_properties(inner, disconnect); });
}

// §3.15.2.1: nothing at all, or both.
void encode_body(Sink& out, const Auth& auth, Level) {
  const bool properties = has_diagnostics(auth) || !auth.method.empty() || !auth.data.empty();
  if (auth.reason == Reason::success && !properties) return;
  out.byte(static_cast<std::uint8_t>(auth.reason));
  out.counted([&](Sink& inner) { encode_properties(inner, auth); });
}

}  // namespace confab::mqtt
