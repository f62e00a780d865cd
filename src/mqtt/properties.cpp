#include "mqtt/properties.h"

#include <array>

namespace confab::mqtt {
namespace {

enum class Form : std::uint8_t { none, flag, two_bytes, four_bytes, variable, text, binary, pair };

struct Kind {
  Form form = Form::none;
  std::uint16_t holders = 0;  // a bit for each Holder
  bool may_be_zero = true;
};

template <class... Holders>
constexpr std::uint16_t in(Holders... holders) {
  return static_cast<std::uint16_t>((0U | ... | (1U << static_cast<unsigned>(holders))));
}

using Kinds = std::array<Kind, 0x2B>;

constexpr void add(Kinds& kinds, PropertyId id, Form form, std::uint16_t holders, bool may_be_zero = true) {
  kinds[static_cast<std::size_t>(id)] = {form, holders, may_be_zero};
}

constexpr std::uint16_t kMessage = in(Holder::publish, Holder::will);
constexpr std::uint16_t kAcks = in(Holder::puback, Holder::pubrec, Holder::pubrel, Holder::pubcomp, Holder::suback,
                                   Holder::unsuback, Holder::connack, Holder::disconnect, Holder::auth);
constexpr std::uint16_t kBothConnects = in(Holder::connect, Holder::connack);
constexpr std::uint16_t kConnack = in(Holder::connack);

constexpr void add_texts(Kinds& kinds) {
  add(kinds, PropertyId::content_type, Form::text, kMessage);
  add(kinds, PropertyId::response_topic, Form::text, kMessage);
  add(kinds, PropertyId::correlation_data, Form::binary, kMessage);
  add(kinds, PropertyId::assigned_client_identifier, Form::text, kConnack);
  add(kinds, PropertyId::authentication_method, Form::text, kBothConnects | in(Holder::auth));
  add(kinds, PropertyId::authentication_data, Form::binary, kBothConnects | in(Holder::auth));
  add(kinds, PropertyId::response_information, Form::text, kConnack);
  add(kinds, PropertyId::server_reference, Form::text, kConnack | in(Holder::disconnect));
  add(kinds, PropertyId::reason_string, Form::text, kAcks);
  add(kinds, PropertyId::user_property, Form::pair,
      kAcks | kMessage | in(Holder::connect, Holder::subscribe, Holder::unsubscribe));
}

// Zero is a protocol error in Receive Maximum (§3.1.2.11.3), Maximum Packet Size (§3.1.2.11.4) and Subscription
// Identifier (§3.8.2.1.2).
constexpr void add_numbers(Kinds& kinds) {
  add(kinds, PropertyId::message_expiry_interval, Form::four_bytes, kMessage);
  add(kinds, PropertyId::subscription_identifier, Form::variable, in(Holder::publish, Holder::subscribe), false);
  add(kinds, PropertyId::session_expiry_interval, Form::four_bytes, kBothConnects | in(Holder::disconnect));
  add(kinds, PropertyId::server_keep_alive, Form::two_bytes, kConnack);
  add(kinds, PropertyId::will_delay_interval, Form::four_bytes, in(Holder::will));
  add(kinds, PropertyId::receive_maximum, Form::two_bytes, kBothConnects, false);
  add(kinds, PropertyId::topic_alias_maximum, Form::two_bytes, kBothConnects);
  add(kinds, PropertyId::topic_alias, Form::two_bytes, in(Holder::publish));
  add(kinds, PropertyId::maximum_packet_size, Form::four_bytes, kBothConnects, false);
}

constexpr void add_flags(Kinds& kinds) {
  add(kinds, PropertyId::payload_format_indicator, Form::flag, kMessage);
  add(kinds, PropertyId::request_problem_information, Form::flag, in(Holder::connect));
  add(kinds, PropertyId::request_response_information, Form::flag, in(Holder::connect));
  add(kinds, PropertyId::maximum_qos, Form::flag, kConnack);
  add(kinds, PropertyId::retain_available, Form::flag, kConnack);
  add(kinds, PropertyId::wildcard_subscription_available, Form::flag, kConnack);
  add(kinds, PropertyId::subscription_identifier_available, Form::flag, kConnack);
  add(kinds, PropertyId::shared_subscription_available, Form::flag, kConnack);
}

constexpr Kinds make_kinds() {
  Kinds kinds;
  add_texts(kinds);
  add_numbers(kinds);
  add_flags(kinds);
  return kinds;
}

constexpr Kinds kKinds = make_kinds();

Kind kind_of(std::uint32_t id) {
  return id < kKinds.size() ? kKinds[id] : Kind{};
}

// §2.2.2.2: the others are a protocol error twice.
bool may_repeat(PropertyId id, Holder holder) {
  return id == PropertyId::user_property ||
         (id == PropertyId::subscription_identifier && holder == Holder::publish);  // §3.3.2.3.8
}

}  // namespace

Properties::Properties(Cursor& packet, Holder holder) : packet_(packet), holder_(holder), bytes_({}) {
  const std::uint32_t length = packet.variable_integer();
  bytes_ = Cursor(packet.bytes(length));
}

std::optional<Property> Properties::next() {
  if (bytes_.at_end()) return std::nullopt;
  const std::uint32_t number = bytes_.variable_integer();
  const Kind kind = kind_of(number);
  if (kind.form == Form::none) return refuse(Reason::malformed_packet, "an unknown property");
  if ((kind.holders >> static_cast<unsigned>(holder_) & 1U) == 0) {
    return refuse(Reason::malformed_packet, "a property that this packet does not have");
  }
  const auto id = static_cast<PropertyId>(number);
  const std::uint64_t bit = std::uint64_t{1} << number;
  if ((seen_ & bit) != 0 && !may_repeat(id, holder_)) return refuse(Reason::protocol_error, "a property twice");
  seen_ |= bit;
  const Property property = take(id);
  if (!bytes_.good()) return refuse(bytes_.fault().reason, bytes_.fault().why);
  if (kind.form == Form::flag && property.number > 1) return refuse(Reason::protocol_error, "neither 0 nor 1");
  if (!kind.may_be_zero && property.number == 0) return refuse(Reason::protocol_error, "a property that is 0");
  return property;
}

std::optional<Property> Properties::refuse(Reason reason, const char* why) {
  const Fault& inner = bytes_.fault();
  packet_.fail(inner ? inner.reason : reason, inner ? inner.why : why);
  bytes_ = Cursor({});
  return std::nullopt;
}

Property Properties::take(PropertyId id) {
  Property property{id};
  switch (kind_of(static_cast<std::uint32_t>(id)).form) {
    case Form::flag:
      property.number = bytes_.byte();
      break;
    case Form::two_bytes:
      property.number = bytes_.two_bytes();
      break;
    case Form::four_bytes:
      property.number = bytes_.four_bytes();
      break;
    case Form::variable:
      property.number = bytes_.variable_integer();
      break;
    case Form::text:
      property.text = bytes_.text();
      break;
    case Form::binary:
      property.text = bytes_.binary();
      break;
    case Form::pair:
      property.text = bytes_.text();
      property.value = bytes_.text();
      break;
    case Form::none:
      break;
  }
  return property;
}

bool has_wildcard(std::string_view topic) {
  return topic.find_first_of("+#") != std::string_view::npos;
}

bool take_message_property(const Property& property, MessageProperties& message, Cursor& packet) {
  switch (property.id) {
    case PropertyId::payload_format_indicator:
      message.utf8 = property.flag();
      return true;
    case PropertyId::message_expiry_interval:
      message.expiry = property.number;
      return true;
    case PropertyId::content_type:
      message.content_type = property.text;
      return true;
    case PropertyId::response_topic:
      // [MQTT-3.3.2-14], [MQTT-4.7.3-1]
      if (property.text.empty() || has_wildcard(property.text)) {
        packet.fail(Reason::protocol_error, "a response topic that is none");
      }
      message.response_topic = property.text;
      return true;
    case PropertyId::correlation_data:
      message.correlation = property.text;
      return true;
    case PropertyId::user_property:
      message.user.emplace_back(property.text, property.value);
      return true;
    default:
      return false;
  }
}

}  // namespace confab::mqtt
