#include "mqtt/map.h"

#include <algorithm>
#include <array>
#include <utility>

namespace confab::mqtt {
namespace {

using Name = std::pair<Reason, std::string_view>;

// MQTT 5.0 §2.4, in the order of the codes.
constexpr auto kNames = std::to_array<Name>({
    {Reason::success, "success"},
    {Reason::granted_qos_1, "granted QoS 1"},
    {Reason::granted_qos_2, "granted QoS 2"},
    {Reason::disconnect_with_will, "disconnect with will message"},
    {Reason::no_matching_subscribers, "no matching subscribers"},
    {Reason::no_subscription_existed, "no subscription existed"},
    {Reason::continue_authentication, "continue authentication"},
    {Reason::reauthenticate, "re-authenticate"},
    {Reason::unspecified, "unspecified error"},
    {Reason::malformed_packet, "malformed packet"},
    {Reason::protocol_error, "protocol error"},
    {Reason::implementation_specific, "implementation specific error"},
    {Reason::unsupported_protocol_version, "unsupported protocol version"},
    {Reason::client_identifier_not_valid, "client identifier not valid"},
    {Reason::bad_user_name_or_password, "bad user name or password"},
    {Reason::not_authorized, "not authorized"},
    {Reason::server_unavailable, "server unavailable"},
    {Reason::server_busy, "server busy"},
    {Reason::banned, "banned"},
    {Reason::server_shutting_down, "server shutting down"},
    {Reason::bad_authentication_method, "bad authentication method"},
    {Reason::keep_alive_timeout, "keep alive timeout"},
    {Reason::session_taken_over, "session taken over"},
    {Reason::topic_filter_invalid, "topic filter invalid"},
    {Reason::topic_name_invalid, "topic name invalid"},
    {Reason::packet_identifier_in_use, "packet identifier in use"},
    {Reason::packet_identifier_not_found, "packet identifier not found"},
    {Reason::receive_maximum_exceeded, "receive maximum exceeded"},
    {Reason::topic_alias_invalid, "topic alias invalid"},
    {Reason::packet_too_large, "packet too large"},
    {Reason::message_rate_too_high, "message rate too high"},
    {Reason::quota_exceeded, "quota exceeded"},
    {Reason::administrative_action, "administrative action"},
    {Reason::payload_format_invalid, "payload format invalid"},
    {Reason::retain_not_supported, "retain not supported"},
    {Reason::qos_not_supported, "QoS not supported"},
    {Reason::use_another_server, "use another server"},
    {Reason::server_moved, "server moved"},
    {Reason::shared_subscriptions_not_supported, "shared subscriptions not supported"},
    {Reason::connection_rate_exceeded, "connection rate exceeded"},
    {Reason::maximum_connect_time, "maximum connect time"},
    {Reason::subscription_identifiers_not_supported, "subscription identifiers not supported"},
    {Reason::wildcard_subscriptions_not_supported, "wildcard subscriptions not supported"},
});

}  // namespace

std::optional<std::uint8_t> connack_code(Reason reason) {
  switch (reason) {
    case Reason::success:
      return 0;
    case Reason::unsupported_protocol_version:
      return 1;
    case Reason::client_identifier_not_valid:
      return 2;
    case Reason::server_unavailable:
    case Reason::server_busy:
    case Reason::server_shutting_down:
    case Reason::use_another_server:
    case Reason::server_moved:
    case Reason::connection_rate_exceeded:
      return 3;
    case Reason::bad_user_name_or_password:
      return 4;
    case Reason::not_authorized:
    case Reason::banned:
    case Reason::bad_authentication_method:
      return 5;
    default:
      return std::nullopt;
  }
}

std::optional<Reason> reason_of_connack(std::uint8_t code) {
  constexpr auto kReasons =
      std::to_array({Reason::success, Reason::unsupported_protocol_version, Reason::client_identifier_not_valid,
                     Reason::server_unavailable, Reason::bad_user_name_or_password, Reason::not_authorized});
  if (code >= kReasons.size()) return std::nullopt;
  return kReasons[code];
}

std::uint8_t suback_code(Reason reason) {
  const auto code = static_cast<std::uint8_t>(reason);
  return code <= 2 ? code : std::uint8_t{0x80};
}

std::string_view name_of(Reason reason) {
  const auto* found = std::find_if(kNames.begin(), kNames.end(), [&](const Name& one) { return one.first == reason; });
  return found == kNames.end() ? "unknown reason" : found->second;
}

}  // namespace confab::mqtt
