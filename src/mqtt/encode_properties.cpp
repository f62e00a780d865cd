#include "mqtt/encode.h"

namespace confab::mqtt {

void encode_text(Sink& out, PropertyId id, std::string_view text) {
  if (text.empty()) return;
  out.property(id);
  out.text(text);
}

void encode_two_bytes(Sink& out, PropertyId id, std::uint16_t number) {
  out.property(id);
  out.two_bytes(number);
}

void encode_four_bytes(Sink& out, PropertyId id, std::uint32_t number) {
  out.property(id);
  out.four_bytes(number);
}

void encode_flag(Sink& out, PropertyId id, bool flag) {
  out.property(id);
  out.byte(flag ? 1 : 0);
}

void encode_user(Sink& out, const UserProperties& user) {
  for (const auto& [name, value] : user) {
    out.property(PropertyId::user_property);
    out.text(name);
    out.text(value);
  }
}

void encode_message(Sink& out, const MessageProperties& message) {
  if (message.utf8) encode_flag(out, PropertyId::payload_format_indicator, true);
  if (message.expiry) encode_four_bytes(out, PropertyId::message_expiry_interval, *message.expiry);
  encode_text(out, PropertyId::content_type, message.content_type);
  encode_text(out, PropertyId::response_topic, message.response_topic);
  if (message.correlation) {
    out.property(PropertyId::correlation_data);
    out.text(*message.correlation);
  }
  encode_user(out, message.user);
}

}  // namespace confab::mqtt
