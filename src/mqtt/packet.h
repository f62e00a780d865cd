// MQTT control packets (MQTT 3.1.1 and 5.0, §2 and §3) as values. What the older protocol does not have is left at its
// default. Texts of a packet that was read are slices of the reader's buffer: they hold until the next call to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace confab::mqtt {

enum class Level : std::uint8_t { v31 = 3, v311 = 4, v5 = 5 };

// Reason codes of MQTT 5.0 §2.4; what 3.1 and 3.1.1 say instead is in map.h.
enum class Reason : std::uint8_t {
  success = 0x00,  // also: normal disconnection, granted QoS 0
  granted_qos_1 = 0x01,
  granted_qos_2 = 0x02,
  disconnect_with_will = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  continue_authentication = 0x18,
  reauthenticate = 0x19,
  unspecified = 0x80,
  malformed_packet = 0x81,
  protocol_error = 0x82,
  implementation_specific = 0x83,
  unsupported_protocol_version = 0x84,
  client_identifier_not_valid = 0x85,
  bad_user_name_or_password = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  banned = 0x8A,
  server_shutting_down = 0x8B,
  bad_authentication_method = 0x8C,
  keep_alive_timeout = 0x8D,
  session_taken_over = 0x8E,
  topic_filter_invalid = 0x8F,
  topic_name_invalid = 0x90,
  packet_identifier_in_use = 0x91,
  packet_identifier_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  message_rate_too_high = 0x96,
  quota_exceeded = 0x97,
  administrative_action = 0x98,
  payload_format_invalid = 0x99,
  retain_not_supported = 0x9A,
  qos_not_supported = 0x9B,
  use_another_server = 0x9C,
  server_moved = 0x9D,
  shared_subscriptions_not_supported = 0x9E,
  connection_rate_exceeded = 0x9F,
  maximum_connect_time = 0xA0,
  subscription_identifiers_not_supported = 0xA1,
  wildcard_subscriptions_not_supported = 0xA2,
};

using PacketId = std::uint16_t;  // 0: none
using UserProperties = std::vector<std::pair<std::string_view, std::string_view>>;

// §3.3.2.3: what goes with an application message from end to end.
struct MessageProperties {
  bool utf8 = false;                    // Payload Format Indicator 1
  std::optional<std::uint32_t> expiry;  // seconds
  std::string_view content_type;
  std::string_view response_topic;
  std::optional<std::string_view> correlation;
  UserProperties user;

  bool operator==(const MessageProperties&) const = default;
};

struct Will {
  std::string_view topic;
  std::string_view payload;
  std::uint8_t qos = 0;
  bool retain = false;
  std::uint32_t delay = 0;  // seconds
  MessageProperties properties;

  bool operator==(const Will&) const = default;
};

struct Connect {
  Level level = Level::v5;
  bool clean_start = true;
  std::uint16_t keep_alive = 0;  // seconds; 0: none
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name;
  std::optional<std::string_view> password;
  std::uint32_t session_expiry = 0;  // seconds; 0xFFFFFFFF: never. Of 3.x without clean session: never
  std::uint16_t receive_maximum = 65535;
  std::uint32_t maximum_packet_size = 0;  // 0: none
  std::uint16_t topic_alias_maximum = 0;
  bool request_response_information = false;
  bool request_problem_information = true;
  std::string_view authentication_method;  // empty: none
  std::string_view authentication_data;
  UserProperties user;

  bool operator==(const Connect&) const = default;
};

struct Connack {
  bool session_present = false;
  Reason reason = Reason::success;
  std::optional<std::uint32_t> session_expiry;
  std::uint16_t receive_maximum = 65535;  // 65535, and the defaults below: not said
  std::uint8_t maximum_qos = 2;
  bool retain_available = true;
  std::uint32_t maximum_packet_size = 0;
  std::string_view assigned_client_id;
  std::uint16_t topic_alias_maximum = 0;
  std::string_view reason_string;
  std::optional<std::uint16_t> server_keep_alive;
  std::string_view response_information;
  std::string_view authentication_method;
  std::string_view authentication_data;
  UserProperties user;
  std::string_view server_reference;
  bool wildcard_subscriptions_available = true;
  bool subscription_ids_available = true;
  bool shared_subscriptions_available = true;

  bool operator==(const Connack&) const = default;
};

struct Publish {
  bool dup = false;
  std::uint8_t qos = 0;
  bool retain = false;
  std::string_view topic;  // may be empty beside an alias
  PacketId id = 0;
  std::string_view payload;
  MessageProperties properties;
  std::optional<std::uint16_t> topic_alias;
  std::vector<std::uint32_t> subscription_ids;  // never from a client: the reader refuses it

  bool operator==(const Publish&) const = default;
};

// PUBACK, PUBREC, PUBREL, PUBCOMP.
struct Ack {
  enum class Kind : std::uint8_t { puback = 4, pubrec = 5, pubrel = 6, pubcomp = 7 };
  Kind kind = Kind::puback;
  PacketId id = 0;
  Reason reason = Reason::success;
  std::string_view reason_string;
  UserProperties user;

  bool operator==(const Ack&) const = default;
};

struct Subscription {
  std::string_view filter;
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;  // 0..2 (§3.8.3.1)

  bool operator==(const Subscription&) const = default;
};

struct Subscribe {
  PacketId id = 0;
  std::uint32_t subscription_id = 0;  // 0: none
  std::vector<Subscription> subscriptions;
  UserProperties user;

  bool operator==(const Subscribe&) const = default;
};

struct Suback {
  PacketId id = 0;
  std::vector<Reason> reasons;
  std::string_view reason_string;
  UserProperties user;

  bool operator==(const Suback&) const = default;
};

struct Unsubscribe {
  PacketId id = 0;
  std::vector<std::string_view> filters;
  UserProperties user;

  bool operator==(const Unsubscribe&) const = default;
};

struct Unsuback {
  PacketId id = 0;
  std::vector<Reason> reasons;  // 3.x: not sent
  std::string_view reason_string;
  UserProperties user;

  bool operator==(const Unsuback&) const = default;
};

struct Pingreq {
  bool operator==(const Pingreq&) const = default;
};
struct Pingresp {
  bool operator==(const Pingresp&) const = default;
};

struct Disconnect {
  Reason reason = Reason::success;
  std::optional<std::uint32_t> session_expiry;
  std::string_view reason_string;
  std::string_view server_reference;
  UserProperties user;

  bool operator==(const Disconnect&) const = default;
};

struct Auth {
  Reason reason = Reason::success;
  std::string_view method;
  std::string_view data;
  std::string_view reason_string;
  UserProperties user;

  bool operator==(const Auth&) const = default;
};

using Packet = std::variant<Connect, Connack, Publish, Ack, Subscribe, Suback, Unsubscribe, Unsuback, Pingreq, Pingresp,
                            Disconnect, Auth>;

}  // namespace confab::mqtt
