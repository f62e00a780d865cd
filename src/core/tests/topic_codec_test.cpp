#include "core/topic_codec.h"

#include <doctest/doctest.h>

using namespace confab;
using namespace confab::core;

namespace {

TopicMessage full_message() {
  return {.topic = "a/b",
          .payload = std::string("\0\xff", 2),
          .qos = 2,
          .retain = true,
          .utf8 = true,
          .at = {1'795'166'336'123},
          .expiry = 0,
          .content_type = "text/plain",
          .response_topic = "r",
          .correlation = "",
          .user = {{"k", "v"}, {"k", ""}}};
}

}  // namespace

TEST_CASE("a topic message, whole or almost empty, comes back from its bytes as it was") {
  for (const TopicMessage& message : {full_message(), TopicMessage{}}) {
    const auto again = decode_topic_message(encode_topic_message(message));
    REQUIRE(again);
    CHECK(*again == message);
  }
}

TEST_CASE("so do wills and options") {
  const TopicWill will{full_message(), 4'294'967'295U};
  const auto again = decode_topic_will(encode_topic_will(will));
  REQUIRE(again);
  CHECK(*again == will);
  const TopicFilter filter{"a/#", 2, true, true, 2, 7};
  TopicFilter read{"a/#", 0, false, false, 0, 7};
  decode_topic_options(encode_topic_options(filter), read);
  CHECK(read == filter);
}

TEST_CASE("bytes that are no topic message are refused") {
  const std::string good = encode_topic_message(full_message());
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(decode_topic_message(good.substr(0, size)));
  CHECK_FALSE(decode_topic_message(good + "x"));
  std::string other = good;
  other[0] = 9;
  CHECK_FALSE(decode_topic_message(other));
}

TEST_CASE("§3.3.2.3.3: the expiry counts down, and never up") {
  TopicMessage message;
  message.at = {100'000};
  CHECK_FALSE(seconds_left(message, {200'000}));
  message.expiry = 10;
  CHECK(seconds_left(message, {100'999}) == 10U);
  CHECK(seconds_left(message, {101'000}) == 9U);
  CHECK(seconds_left(message, {90'000}) == 10U);
  CHECK_FALSE(is_expired(message, {109'999}));
  CHECK(is_expired(message, {110'000}));
}

TEST_CASE("a client's home is nobody's account") {
  const Address home = topic_home("alice/phone");
  CHECK(is_topic_home(home));
  CHECK(home.local == "alice/phone");
  CHECK_FALSE(home.empty());
  CHECK_FALSE(is_topic_home({"alice", "example.net", {}}));
}
