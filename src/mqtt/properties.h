// Properties of MQTT 5.0 (§2.2.2): what there is, where it may stand and how often, and reading them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mqtt/cursor.h"
#include "mqtt/packet.h"

namespace confab::mqtt {

// Table 2-4.
enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

struct Property {
  PropertyId id = PropertyId::user_property;
  std::uint32_t number = 0;
  std::string_view text;   // Binary Data too; of a pair the name
  std::string_view value;  // of a pair

  bool flag() const { return number != 0; }
  std::uint16_t short_number() const { return static_cast<std::uint16_t>(number); }
};

// The packet that properties stand in; CONNECT has a second set for its will.
enum class Holder : std::uint8_t {
  will = 0,
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
  disconnect = 14,
  auth = 15,
};

// Reads the Property Length, then one property after the other, each checked against the table. What is wrong ends it,
// and is the cursor's fault.
class Properties {
 public:
  Properties(Cursor& packet, Holder holder);

  std::optional<Property> next();

 private:
  std::optional<Property> refuse(Reason reason, const char* why);
  Property take(PropertyId id);

  Cursor& packet_;
  Holder holder_;
  Cursor bytes_;
  std::uint64_t seen_ = 0;  // a bit for each identifier
};

// Takes what belongs to the message; false: another property. A fault of its value is one of `packet`.
bool take_message_property(const Property& property, MessageProperties& message, Cursor& packet);

// A Topic Name has neither "+" nor "#" (§4.7.1).
bool has_wildcard(std::string_view topic);

}  // namespace confab::mqtt
