// A version, then fields: a tag and a value each; 0 ends them. New fields get new numbers, old ones are never used
// again.
#include "core/topic_codec.h"

#include "core/codec.h"

namespace confab::core {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kMaxQos = 2;

void write(Encoder& out, const TopicMessage& message) {
  out.text_field(1, message.topic);
  out.text_field(2, message.payload);
  out.number_field(3, message.qos);
  out.number_field(4, (message.retain ? 1U : 0U) | (message.utf8 ? 2U : 0U));
  out.signed_field(5, message.at.ms);
  if (message.expiry) {
    out.byte(6);
    out.varint(*message.expiry);
  }
  out.text_field(7, message.content_type);
  out.text_field(8, message.response_topic);
  if (message.correlation) {
    out.byte(9);
    out.text(*message.correlation);
  }
  for (const auto& [name, value] : message.user) {
    out.byte(10);
    out.text(name);
    out.text(value);
  }
  out.end();
}

void read_flags(Decoder& in, TopicMessage& message) {
  const std::uint64_t flags = in.number(3);
  message.retain = (flags & 1U) != 0;
  message.utf8 = (flags & 2U) != 0;
}

void read_user(Decoder& in, TopicMessage& message) {
  std::string name = in.text();
  message.user.emplace_back(std::move(name), in.text());
}

void read_field(Decoder& in, std::uint8_t tag, TopicMessage& message) {
  switch (tag) {
    case 1:
      message.topic = in.text();
      break;
    case 2:
      message.payload = in.text();
      break;
    case 3:
      message.qos = static_cast<std::uint8_t>(in.number(kMaxQos));
      break;
    case 4:
      read_flags(in, message);
      break;
    case 5:
      message.at.ms = in.signed_varint();
      break;
    case 6:
      message.expiry = static_cast<std::uint32_t>(in.number(0xFFFF'FFFFU));
      break;
    case 7:
      message.content_type = in.text();
      break;
    case 8:
      message.response_topic = in.text();
      break;
    case 9:
      message.correlation = in.text();
      break;
    case 10:
      read_user(in, message);
      break;
    default:
      in.refuse("unknown field");
  }
}

void read(Decoder& in, TopicMessage& message) {
  while (const std::uint8_t tag = in.byte()) read_field(in, tag, message);
}

std::size_t expected_size(const TopicMessage& message) {
  std::size_t size = 48 + message.topic.size() + message.payload.size() + message.content_type.size() +
                     message.response_topic.size() + (message.correlation ? message.correlation->size() : 0);
  for (const auto& [name, value] : message.user) size += name.size() + value.size() + 12;
  return size;
}

void read_version(Decoder& in) {
  if (in.byte() != kVersion) in.refuse("of a version that this server does not know");
}

Result<> finish(const Decoder& in) {
  if (!in.ok()) return fail(Errc::bad_payload, "stored topic: " + std::string(in.why()));
  if (!in.at_end()) return fail(Errc::bad_payload, "stored topic: bytes after its end");
  return {};
}

}  // namespace

std::string encode_topic_message(const TopicMessage& message) {
  Encoder out(expected_size(message));
  out.byte(kVersion);
  write(out, message);
  return out.take();
}

std::string encode_topic_will(const TopicWill& will) {
  Encoder out(expected_size(will.message) + 8);
  out.byte(kVersion);
  out.varint(will.delay);
  write(out, will.message);
  return out.take();
}

std::uint32_t encode_topic_options(const TopicFilter& filter) {
  return filter.qos | (filter.no_local ? 4U : 0U) | (filter.retain_as_published ? 8U : 0U) |
         (static_cast<std::uint32_t>(filter.retain_handling) << 4U);
}

Result<TopicMessage> decode_topic_message(std::string_view bytes) {
  Decoder in(bytes);
  TopicMessage message;
  read_version(in);
  read(in, message);
  if (auto good = finish(in); !good) return fail(good.error());
  return message;
}

Result<TopicWill> decode_topic_will(std::string_view bytes) {
  Decoder in(bytes);
  TopicWill will;
  read_version(in);
  will.delay = static_cast<std::uint32_t>(in.number(0xFFFF'FFFFU));
  read(in, will.message);
  if (auto good = finish(in); !good) return fail(good.error());
  return will;
}

void decode_topic_options(std::uint32_t options, TopicFilter& filter) {
  filter.qos = static_cast<std::uint8_t>(options & 3U);
  filter.no_local = (options & 4U) != 0;
  filter.retain_as_published = (options & 8U) != 0;
  filter.retain_handling = static_cast<std::uint8_t>((options >> 4U) & 3U);
}

}  // namespace confab::core
