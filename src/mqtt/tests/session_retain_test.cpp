// Retained messages and shared subscriptions as clients see them (MQTT 5 §3.3.1.3, §3.8.3.1, §4.8.2).
#include <algorithm>

#include "mqtt/tests/topic_site.h"

namespace confab::mqtt {
namespace {

constexpr Level kLevels[] = {Level::v5, Level::v311};
using Texts = std::vector<std::string>;

// What somebody who subscribes now is told of.
Texts retained(TopicSite& site, std::string_view filter = "#") {
  TopicClient client(site, named("reader"));
  client.subscribe(filter, 2);
  for (const Publish& each : client.sent<Publish>()) CHECK(each.retain);
  return client.payloads();
}

TEST_CASE("session: [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-7] [MQTT-3.3.1-8] the last one of a topic is retained") {
  for (const Level level : kLevels) {
    for (std::uint8_t qos = 0; qos <= 2; ++qos) {
      TopicSite site({}, 3);
      TopicClient client(site, named("c", level));
      client.publish("a", "1", qos, true);
      CHECK(retained(site) == Texts{"1"});
      client.publish("a", "2", 0, true);  // in 3.1.1, too, QoS 0 replaces [MQTT-3.3.1-7]
      CHECK(retained(site) == Texts{"2"});
      client.publish("a", "3", qos, false);
      client.publish("a", "", qos, false);
      client.publish("A", "", qos, true);
      CHECK(retained(site) == Texts{"2"});
      client.lose();
      CHECK(retained(site) == Texts{"2"});  // 3.1.1 [MQTT-3.1.2-7]
      TopicClient again(site, named("c", level));
      TopicClient watcher(site, named("w"));
      watcher.subscribe("a", 2);
      watcher.forget();
      again.publish("a", "", qos, true);
      CHECK(watcher.payloads() == Texts{""});  // it is a message as any other
      CHECK(retained(site).empty());
      again.publish("b", "", qos, true);
      CHECK(retained(site).empty());
    }
  }
}

TEST_CASE("session: [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11] retain handling") {
  TopicSite site;
  TopicClient other(site, named("o"));
  other.publish("a/1", "1", 1, true);
  other.publish("a/2", "2", 0, true);
  TopicClient client(site, lasting("c"));
  const auto told = [&](std::string_view filter, std::uint8_t handling) {
    client.forget();
    client.subscribe({filter, 1, false, false, handling});
    Texts got = client.payloads();
    std::sort(got.begin(), got.end());
    return got;
  };
  CHECK(told("a/+", 0) == Texts{"1", "2"});
  CHECK(told("a/+", 0) == Texts{"1", "2"});
  CHECK(told("a/+", 1).empty());
  CHECK(told("a/#", 1) == Texts{"1", "2"});
  CHECK(told("a/#", 1).empty());
  CHECK(told("#", 2).empty());
  CHECK(told("#", 1).empty());
  client.feed(Unsubscribe{1, {"#"}, {}});
  CHECK(told("#", 1) == Texts{"1", "2"});
}

TEST_CASE("session: [MQTT-3.3.1-12] [MQTT-3.3.1-13] retain as published") {
  for (const bool durable : {false, true}) {
    for (const bool as_published : {false, true}) {
      TopicSite site;
      TopicClient client(site, durable ? lasting("c") : named("c"));
      client.subscribe({"a", 1, false, as_published});
      client.forget();
      for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}}) {
        client.publish("a", "x", qos, true);
        client.publish("a", "x", qos, false);
      }
      std::vector<bool> flags;
      for (const Publish& each : client.sent<Publish>()) flags.push_back(each.retain);
      CHECK(flags == std::vector<bool>{as_published, false, as_published, false});
    }
  }
}

TEST_CASE("session: 3.1.1 [MQTT-3.3.1-8] [MQTT-3.3.1-9] RETAIN is 1 to who subscribes, and 0 to others") {
  TopicSite site;
  TopicClient client(site, named("c", Level::v311));
  client.subscribe("a", 1);
  client.hear();
  CHECK(client.hear("33 06 0001 'a' 0001 'x'") == bytes_of("32 06 0001 'a' 0001 'x'  4002 0001"));
  CHECK(client.hear("82 06 0002 0001 'a' 00") == bytes_of("9003 0002 00  31 04 0001 'a' 'x'"));
}

// ---- Shared subscriptions. ----

TEST_CASE("session: [MQTT-4.8.2-3] each of those who share has the QoS that it was granted") {
  TopicSite site({}, 3);
  TopicClient one(site, named("1"));
  TopicClient two(site, lasting("2"));
  one.subscribe("$share/g/a", 0);
  two.subscribe("$share/g/a", 1);
  one.forget();
  two.forget();
  TopicClient other(site, named("o"));
  for (PacketId i = 1; i <= 10; ++i) other.publish("a", "x", 2, false, i);
  CHECK(one.sent<Publish>().size() == 5);
  CHECK(two.sent<Publish>().size() == 5);
  for (const Publish& each : one.sent<Publish>()) CHECK(each.qos == 0);
  for (const Publish& each : two.sent<Publish>()) CHECK(each.qos == 1);
}

TEST_CASE("session: [MQTT-4.8.2-4] [MQTT-4.8.2-5] a QoS 2 message that one of them has got is nobody else's") {
  for (const bool comes_back : {true, false}) {
    TopicSite site;
    auto first = std::make_unique<TopicClient>(site, lasting("1", Level::v5, 100));
    first->subscribe("$share/g/a", 2);
    first->forget();
    TopicClient other(site, named("o"));
    other.publish("a", "x", 2);
    CHECK(first->payloads() == Texts{"x"});
    TopicClient second(site, lasting("2"));
    second.subscribe("$share/g/a", 2);
    second.forget();
    first.reset();
    site.pass(seconds(comes_back ? 10 : 200));
    CHECK(second.payloads().empty());
    TopicClient again(site, lasting("1", Level::v5, 100));
    REQUIRE(again.sent<Publish>().size() == (comes_back ? 1U : 0U));
    if (comes_back) CHECK(again.sent<Publish>()[0].dup);
    if (comes_back) again.acknowledge(Ack::Kind::pubrec, again.sent<Publish>()[0].id);
    CHECK(second.payloads().empty());
    // What comes later goes to whoever is there.
    other.publish("a", "y", 2);
    again.lose();
    other.publish("a", "z", 2);
    const Texts got = second.payloads();
    CHECK(std::find(got.begin(), got.end(), "z") != got.end());
    CHECK(std::find(got.begin(), got.end(), "x") == got.end());
  }
}

TEST_CASE("session: [MQTT-4.8.2-6] what one of them refuses is not offered to another") {
  for (const std::uint8_t qos : {std::uint8_t{1}, std::uint8_t{2}}) {
    TopicSite site;
    TopicClient one(site, lasting("1"));
    TopicClient two(site, lasting("2"));
    one.subscribe("$share/g/a", qos);
    two.subscribe("$share/g/a", qos);
    one.forget();
    two.forget();
    TopicClient other(site, named("o"));
    other.publish("a", "x", qos);
    TopicClient& taker = one.sent<Publish>().empty() ? two : one;
    TopicClient& idle = one.sent<Publish>().empty() ? one : two;
    REQUIRE(taker.sent<Publish>().size() == 1);
    const PacketId id = taker.sent<Publish>()[0].id;
    taker.acknowledge(qos == 1 ? Ack::Kind::puback : Ack::Kind::pubrec, id, Reason::unspecified);
    CHECK(taker.sent<Ack>().empty());
    taker.lose();
    site.pass(seconds(100));
    CHECK(idle.packets.empty());
    TopicClient again(site, lasting(&taker == &one ? "1" : "2"));
    CHECK(again.sent<Publish>().empty());
    CHECK(again.sent<Ack>().empty());
  }
}

}  // namespace
}  // namespace confab::mqtt
