// SUBSCRIBE and UNSUBSCRIBE, and what comes of several subscriptions (MQTT 5 §3.3.4, §3.8 to §3.11).
#include <algorithm>

#include "mqtt/tests/topic_site.h"

namespace confab::mqtt {
namespace {

constexpr Level kLevels[] = {Level::v5, Level::v311};
using Texts = std::vector<std::string>;

std::vector<std::uint32_t> sorted(std::vector<std::uint32_t> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

TEST_CASE(
    "session: [MQTT-2.2.1-6] [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-6] SUBACK, with a code for each, as bytes") {
  TopicSite site;
  TopicClient five(site, named("5"));
  five.hear();
  CHECK(five.hear("82 07 0102 00 0001 'a' 02") == "900401020002");
  CHECK(five.hear("82 0f ffff 00 0001 'a' 00 0001 'b' 01 0001 'c' 02") == "9006ffff00000102");
  CHECK(five.hear("82 0c 0003 00 0002 'a#' 01 0001 'b' 01") == "90050003008f01");
  TopicClient three(site, named("3", Level::v311));
  three.hear();
  CHECK(three.hear("82 06 0102 0001 'a' 02") == "9003010202");
  CHECK(three.hear("82 0e ffff 0001 'a' 00 0001 'b' 01 0001 'c' 02") == "9005ffff000102");
  CHECK(three.hear("82 0b 0003 0002 'a#' 01 0001 'b' 01") == "900400038001");
}

// 3.1.1 [MQTT-3.8.3-2]: wildcards are supported.
TEST_CASE("session: [MQTT-3.8.4-5] [MQTT-3.8.4-7] several filters are as several SUBSCRIBEs, each granted or refused") {
  for (const Level level : kLevels) {
    Config config;
    config.deny = {"secret/#"};
    TopicSite site(config);
    TopicClient client(site, named("c", level));
    client.feed(Subscribe{1, 0, {{"a", 0}, {"secret/x", 1}, {"+/b", 1}, {"c/#", 2}}, {}});
    REQUIRE(client.sent<Suback>().size() == 1);
    const Reason refused = level == Level::v5 ? Reason::not_authorized : Reason::unspecified;
    CHECK(client.sent<Suback>()[0].reasons ==
          std::vector<Reason>{Reason::success, refused, Reason::granted_qos_1, Reason::granted_qos_2});
    client.forget();
    for (const char* topic : {"a", "secret/x", "a/b", "c"}) client.publish(topic, topic, 2);
    CHECK(client.sent<Publish>().size() == 3);
    std::vector<std::uint8_t> levels;
    for (const Publish& each : client.sent<Publish>()) levels.push_back(each.qos);
    CHECK(levels == std::vector<std::uint8_t>{0, 1, 2});
    CHECK(client.payloads() == Texts{"a", "a/b", "c"});
  }
}

TEST_CASE(
    "session: [MQTT-3.8.4-3] [MQTT-3.8.4-4] an identical filter replaces; retained messages again, none is lost") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient other(site, named("o"));
    other.publish("a", "kept", 1, true);
    TopicClient client(site, lasting("c", level));
    client.subscribe("a", 2);
    CHECK(client.payloads() == Texts{"kept"});
    // What comes in between is not lost, nor does it come twice.
    std::string bytes;
    write(Publish{.qos = 1, .topic = "a", .id = 1, .payload = "1"}, level, bytes);
    write(Subscribe{2, 0, {{"a", 1}}, {}}, level, bytes);
    write(Publish{.qos = 1, .topic = "a", .id = 2, .payload = "2"}, level, bytes);
    client.feed_bytes(bytes);
    Texts got = client.payloads();
    std::sort(got.begin(), got.end());
    CHECK(got == Texts{"1", "2", "kept"});
    other.publish("a", "x", 2);
    REQUIRE(client.sent<Publish>().size() == 1);
    CHECK(client.sent<Publish>()[0].qos == 1);
    // A filter that differs is another one.
    client.subscribe("A", 0);
    CHECK(client.sent<Publish>().size() == 1);
  }
}

TEST_CASE("session: [MQTT-3.8.4-8] a message comes with the lower QoS of the two") {
  for (const Level level : kLevels) {
    for (const bool durable : {false, true}) {
      for (std::uint8_t granted = 0; granted <= 2; ++granted) {
        TopicSite site;
        TopicClient client(site, durable ? lasting("c", level) : named("c", level));
        client.subscribe("a", granted);
        for (std::uint8_t qos = 0; qos <= 2; ++qos) {
          client.forget();
          client.publish("a", "x", qos);
          REQUIRE(client.sent<Publish>().size() == 1);
          CHECK(client.sent<Publish>()[0].qos == std::min(granted, qos));
        }
      }
    }
  }
}

TEST_CASE("session: [MQTT-3.8.3-3] no local: not what the client says itself") {
  for (const bool durable : {false, true}) {
    TopicSite site({}, 3);
    TopicClient client(site, durable ? lasting("c") : named("c"));
    client.subscribe({"a", 1, true});
    client.forget();
    TopicClient other(site, named("o"));
    for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}}) {
      client.publish("a", "own", qos);
      other.publish("a", "other's", qos);
    }
    CHECK(client.payloads() == Texts{"other's", "other's"});
    client.subscribe({"a", 1, false});
    client.forget();
    client.publish("a", "own", 1);
    CHECK(client.payloads() == Texts{"own"});
  }
}

TEST_CASE(
    "session: [MQTT-3.3.4-2] [MQTT-3.3.4-3] [MQTT-3.3.4-4] overlapping subscriptions: one copy, the highest QoS") {
  for (const Level level : kLevels) {
    for (const bool durable : {false, true}) {
      TopicSite site;
      TopicClient client(site, durable ? lasting("c", level) : named("c", level));
      client.subscribe("a/#", 1, level == Level::v5 ? 7 : 0);
      client.subscribe("+/b", 2);
      client.subscribe("a/b", 0, level == Level::v5 ? 300'000 : 0);
      client.forget();
      TopicClient other(site, named("o"));
      other.publish("a/b", "x", 2);
      REQUIRE(client.sent<Publish>().size() == 1);
      const Publish got = client.sent<Publish>()[0];
      CHECK(got.qos == 2);
      const bool v5 = level == Level::v5;
      CHECK(sorted(got.subscription_ids) ==
            (v5 ? std::vector<std::uint32_t>{7, 300'000} : std::vector<std::uint32_t>{}));
    }
  }
}

TEST_CASE("session: [MQTT-3.3.4-5] where there are several copies each has the identifier of its subscription") {
  TopicSite site;
  TopicClient client(site, named("c"));
  client.subscribe("a", 1, 1);
  client.subscribe("$share/g/a", 1, 2);
  client.subscribe("$share/h/a", 1, 3);
  client.subscribe("$share/i/a", 1);
  client.forget();
  client.publish("a", "x", 1);
  std::vector<std::uint32_t> ids;
  for (const Publish& each : client.sent<Publish>()) {
    CHECK(each.subscription_ids.size() <= 1);
    ids.push_back(each.subscription_ids.empty() ? 0 : each.subscription_ids[0]);
  }
  CHECK(sorted(ids) == std::vector<std::uint32_t>{0, 1, 2, 3});
}

TEST_CASE("session: [MQTT-3.10.4-1] [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6] UNSUBACK, one by one, as bytes") {
  TopicSite site;
  TopicClient five(site, named("5"));
  for (const char* filter : {"a", "a/+", "$share/g/a"}) five.subscribe(filter);
  five.hear();
  // Compared character by character: "A", "a/b", "a/" and "$share/h/a" are others; "a#" is none.
  CHECK(five.hear("a2 06 0102 00 0001 'A'") ==
        "b004010200"
        "11");
  CHECK(five.hear("a2 1b 0103 00 0003 'a/b' 0002 'a/' 000a '$share/h/a' 0001 'a'") ==
        "b007010300"
        "11111100");
  CHECK(five.hear("a2 18 0104 00 0003 'a/+' 000a '$share/g/a' 0002 'a#'") ==
        "b006010400"
        "00008f");
  CHECK(five.hear("a2 06 0105 00 0001 'a'") ==
        "b004010500"
        "11");
  five.publish("a", "x");
  five.publish("a/b", "x");
  CHECK(five.hear() == "");
  TopicClient three(site, named("3", Level::v311));
  three.subscribe("a");
  three.hear();
  CHECK(three.hear("a2 0b 0106 0001 'b' 0001 'a' 0001 'c'") == "b0020106");
  CHECK(three.hear("a2 05 0107 0001 'a'") == "b0020107");  // though nothing is deleted
  five.publish("a", "x");
  CHECK(three.hear() == "");
}

TEST_CASE(
    "session: [MQTT-3.10.4-2] [MQTT-3.10.4-3] after UNSUBSCRIBE nothing new, but what has begun is brought to its "
    "end") {
  for (const Level level : kLevels) {
    TopicSite site;
    {
      TopicClient client(site, lasting("c", level));
      client.subscribe("a", 2);
      client.forget();
      client.publish("a", "1", 1);
      client.publish("a", "2", 2);
      client.publish("a", "3", 2);
      CHECK(client.payloads() == Texts{"1", "2", "3"});
      client.acknowledge(Ack::Kind::pubrec, 3);
      client.feed(Unsubscribe{1, {"a"}, {}});
      client.forget();
      for (std::uint8_t qos = 0; qos <= 2; ++qos) client.publish("a", "new", qos);
      CHECK(client.payloads().empty());
    }
    TopicClient client(site, lasting("c", level));
    CHECK(client.sent<Ack>().size() == 1);
    CHECK(client.payloads() == Texts{"1", "2"});
    client.acknowledge(Ack::Kind::puback, 1);
    client.hear();
    client.acknowledge(Ack::Kind::pubrec, 2);
    CHECK(client.hear() == "62020002");
    client.acknowledge(Ack::Kind::pubcomp, 2);
    client.acknowledge(Ack::Kind::pubcomp, 3);
    client.lose();
    TopicClient last(site, lasting("c", level));
    CHECK(last.packets.size() == 1);
  }
}

}  // namespace
}  // namespace confab::mqtt
