// What a client is sent: identifiers, what is unacknowledged, the send quota, aliases, expiry (MQTT 5 §3.3, §4.3 to
// §4.6, §4.9).
#include <algorithm>

#include "mqtt/tests/mqtt_peer.h"
#include "mqtt/tests/topic_site.h"

namespace confab::mqtt {
namespace {

constexpr Level kLevels[] = {Level::v5, Level::v311};
using Texts = std::vector<std::string>;

core::TopicDelivery delivery(std::uint8_t qos, core::TopicSeq seq = 0) {
  core::TopicMessage message;
  message.topic = "a";
  message.payload = "x";
  core::TopicDelivery one;
  one.message = std::make_shared<core::TopicMessage>(std::move(message));
  one.qos = qos;
  one.seq = seq;
  one.takes_room = qos > 0;
  return one;
}

std::vector<PacketId> ids(const TopicClient& client) {
  std::vector<PacketId> all;
  for (const Publish& publish : client.sent<Publish>()) all.push_back(publish.id);
  return all;
}

TEST_CASE("session: [MQTT-2.2.1-4] [MQTT-4.3.2-1] [MQTT-4.3.3-1] an identifier is nobody else's while it is in use") {
  FakeWorld world;
  Config config;
  config.anonymous = true;
  const Site site = world.site(config);
  Peer peer(site, true);
  peer.feed(named("c"));
  peer.reply(core::TopicSessionOpened{});
  peer.forget();
  peer.topic(delivery(1));
  peer.topic(delivery(2));
  peer.topic(delivery(2));
  const auto first = peer.sent<Publish>();
  REQUIRE(first.size() == 3);
  peer.feed(Ack{Ack::Kind::pubrec, first[2].id});  // until PUBCOMP it is in use, too
  bool unused = true;
  for (int i = 0; i < 70'000; ++i) {
    peer.forget();
    peer.topic(delivery(1));
    const PacketId id = peer.sent<Publish>().front().id;
    unused = unused && id != 0;
    for (const Publish& each : first) unused = unused && each.id != id;
    peer.feed(Ack{Ack::Kind::puback, id});
  }
  CHECK(unused);
}

TEST_CASE("session: [MQTT-4.3.2-2] [MQTT-4.3.3-2] DUP is 0 at first, as bytes") {
  TopicSite site;
  TopicClient client(site, lasting("c"));
  client.subscribe("a", 2);
  client.hear();
  TopicClient other(site, named("o"));
  other.publish("a", "0", 0);
  other.publish("a", "1", 1);
  other.publish("a", "2", 2);
  CHECK(client.hear() == bytes_of("30 05 0001 'a' 00 '0'  32 07 0001 'a' 0001 00 '1'  34 07 0001 'a' 0002 00 '2'"));
}

TEST_CASE("session: [MQTT-4.3.2-3] with QoS 1 a message is unacknowledged until PUBACK, whatever else comes") {
  for (const Level level : kLevels) {
    TopicSite site;
    const Connect connect = lasting("c", level);
    {
      TopicClient client(site, connect);
      client.subscribe("a", 1);
      client.publish("a", "x", 1);
      client.acknowledge(Ack::Kind::pubrec, 1);
      client.acknowledge(Ack::Kind::pubcomp, 1);
      client.acknowledge(Ack::Kind::puback, 2);
    }
    for (int i = 0; i < 2; ++i) {
      TopicClient client(site, connect);
      REQUIRE(client.sent<Publish>().size() == 1);
      CHECK(client.sent<Publish>()[0].dup);
      CHECK(client.sent<Publish>()[0].id == 1);
      if (i == 1) client.acknowledge(Ack::Kind::puback, 1);
    }
    TopicClient client(site, connect);
    CHECK(client.sent<Publish>().empty());
  }
}

TEST_CASE(
    "session: [MQTT-4.3.3-3] [MQTT-4.3.3-5] [MQTT-4.3.3-6] QoS 2: PUBLISH until PUBREC, then PUBREL until PUBCOMP") {
  for (const Level level : kLevels) {
    TopicSite site;
    const Connect connect = lasting("c", level);
    {
      TopicClient client(site, connect);
      client.subscribe("a", 2);
      client.publish("a", "x", 2);
      client.acknowledge(Ack::Kind::puback, 1);
      client.acknowledge(Ack::Kind::pubcomp, 1);
    }
    {
      TopicClient client(site, connect);
      REQUIRE(client.sent<Publish>().size() == 1);
      CHECK(client.sent<Publish>()[0].dup);
      CHECK(client.sent<Publish>()[0].id == 1);
      client.hear();
      client.acknowledge(Ack::Kind::pubrec, 1);
      CHECK(client.hear() == "62020001");
      client.acknowledge(Ack::Kind::pubrec, 1);
      CHECK(client.hear() == "62020001");
    }
    for (int i = 0; i < 2; ++i) {
      TopicClient client(site, connect);
      CHECK(client.sent<Publish>().empty());
      REQUIRE(client.sent<Ack>().size() == 1);
      CHECK(client.sent<Ack>()[0] == Ack{Ack::Kind::pubrel, 1, Reason::success, {}, {}});
      if (i == 1) client.acknowledge(Ack::Kind::pubcomp, 1);
    }
    TopicClient client(site, connect);
    CHECK(client.packets.size() == 1);
    client.hear();
    client.acknowledge(Ack::Kind::pubrec, 1);  // nobody knows it any more
    CHECK(client.hear() == (level == Level::v5 ? "6203000192" : "62020001"));
  }
}

TEST_CASE("session: [MQTT-4.3.3-7] what has been sent with QoS 2 does not expire") {
  TopicSite site;
  TopicClient other(site, named("o"));
  {
    Connect narrow = lasting("c");
    narrow.receive_maximum = 1;
    TopicClient client(site, narrow);
    client.subscribe("a", 2);
    client.forget();
    for (const char* payload : {"sent", "waits"}) {
      Publish publish{.qos = 2, .topic = "a", .id = 1, .payload = payload};
      publish.properties.expiry = 5;
      other.feed(publish);
      other.acknowledge(Ack::Kind::pubrel, 1);
    }
    CHECK(client.payloads() == Texts{"sent"});
  }
  site.pass(seconds(60));
  TopicClient client(site, lasting("c"));
  CHECK(ids(client) == std::vector<PacketId>{1});
  CHECK(client.payloads() == Texts{"sent"});
  client.acknowledge(Ack::Kind::pubrec, 1);
  CHECK(client.sent<Ack>().back().kind == Ack::Kind::pubrel);
}

TEST_CASE("session: [MQTT-4.4.0-2] what the client refused is not sent again, and its identifier is free") {
  TopicSite site;
  {
    TopicClient client(site, lasting("c"));
    client.subscribe("a", 2);
    client.publish("a", "1", 1);
    client.publish("a", "2", 2);
    client.hear();
    client.acknowledge(Ack::Kind::puback, 1, Reason::quota_exceeded);
    client.acknowledge(Ack::Kind::pubrec, 2, Reason::quota_exceeded);
    CHECK(client.hear() == "");  // no PUBREL
  }
  TopicClient client(site, lasting("c"));
  CHECK(client.packets.size() == 1);
}

TEST_CASE("session: [MQTT-3.3.1-1] [MQTT-4.6.0-1] [MQTT-4.6.0-4] again in the order in which it was") {
  for (const Level level : kLevels) {
    TopicSite site;
    {
      TopicClient client(site, lasting("c", level));
      client.subscribe("a", 2);
      client.forget();
      for (std::uint8_t i = 0; i < 6; ++i) client.publish("a", std::to_string(i), static_cast<std::uint8_t>(1 + i % 2));
      CHECK(ids(client) == std::vector<PacketId>{1, 2, 3, 4, 5, 6});
      CHECK(client.payloads() == Texts{"0", "1", "2", "3", "4", "5"});
      // PUBREL in the order of PUBREC.
      client.hear();
      client.acknowledge(Ack::Kind::pubrec, 6);
      client.acknowledge(Ack::Kind::pubrec, 2);
      CHECK(client.hear() == "6202000662020002");
    }
    TopicClient client(site, lasting("c", level));
    CHECK(client.sent<Ack>().size() == 2);
    CHECK(ids(client) == std::vector<PacketId>{1, 3, 4, 5});
    for (const Publish& each : client.sent<Publish>()) CHECK(each.dup);
    CHECK(client.payloads() == Texts{"0", "2", "3", "4"});
  }
}

TEST_CASE("session: [MQTT-4.6.0-5] [MQTT-4.6.0-6] the messages of a topic come in the order in which they were said") {
  for (const bool durable : {false, true}) {
    for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
      TopicSite site({}, 3);
      Connect connect = durable ? lasting("c") : named("c");
      connect.receive_maximum = 3;
      TopicClient client(site, connect);
      client.subscribe("#", 2);
      client.forget();
      TopicClient one(site, named("one"));
      TopicClient two(site, named("two"));
      Texts said;
      for (PacketId i = 1; i <= 40; ++i) {
        (i % 3 == 0 ? one : two).publish(i % 5 == 0 ? "b" : "a", std::to_string(i), qos, false, i);
        said.push_back(std::to_string(i));
      }
      Texts got;
      for (std::size_t at = 0; at < client.sent<Publish>().size(); ++at) {
        const Publish each = client.sent<Publish>()[at];
        got.emplace_back(each.payload);
        if (each.qos == 1) client.acknowledge(Ack::Kind::puback, each.id);
        if (each.qos == 2) client.acknowledge(Ack::Kind::pubrec, each.id);
        if (each.qos == 2) client.acknowledge(Ack::Kind::pubcomp, each.id);
      }
      CHECK(got == said);
    }
  }
}

TEST_CASE("session: [MQTT-3.1.2-26] [MQTT-3.1.2-27] [MQTT-3.3.2-11] aliases as far as the client allows them") {
  for (const std::uint16_t most : {std::uint16_t{0}, std::uint16_t{2}}) {
    TopicSite site;
    Connect connect = named("c");
    connect.topic_alias_maximum = most;
    TopicClient client(site, connect);
    client.subscribe("#", 1);
    client.forget();
    for (const char* topic : {"a", "b", "a", "c", "b", "c"}) client.publish(topic, "x");
    Texts names;
    std::vector<std::string> known(most + 1U);
    for (const Publish& each : client.sent<Publish>()) {
      CHECK(each.topic_alias.value_or(0) <= most);
      if (each.topic_alias && !each.topic.empty()) known[*each.topic_alias] = each.topic;
      names.emplace_back(each.topic_alias ? known[*each.topic_alias] : std::string(each.topic));
    }
    CHECK(names == Texts{"a", "b", "a", "c", "b", "c"});
    const auto sent = client.sent<Publish>();
    CHECK(sent[2].topic.empty() == (most > 0));
  }
}

TEST_CASE("session: [MQTT-3.3.2-5] [MQTT-3.3.2-6] what has expired is not sent, and what is left is told") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient other(site, named("o"));
    {
      TopicClient client(site, lasting("c", level));
      client.subscribe("a", 1);
    }
    for (const std::uint32_t expiry : {5U, 60U}) {
      Publish publish{.qos = 1, .retain = true, .topic = "a", .id = 1, .payload = "x"};
      publish.properties.expiry = expiry;
      other.feed(publish);
    }
    site.pass(seconds(20));
    TopicClient client(site, lasting("c", level));
    REQUIRE(client.sent<Publish>().size() == 1);
    CHECK(client.sent<Publish>()[0].properties.expiry.value_or(0) == (level == Level::v5 ? 40U : 0U));
    TopicClient late(site, named("late"));
    late.subscribe("a");
    REQUIRE(late.sent<Publish>().size() == 1);
    CHECK(late.sent<Publish>()[0].properties.expiry == 40U);
    site.pass(seconds(41));
    TopicClient later(site, named("later"));
    later.subscribe("a");
    CHECK(later.sent<Publish>().empty());
  }
}

TEST_CASE(
    "session: [MQTT-4.9.0-1] [MQTT-4.9.0-2] [MQTT-4.9.0-3] [MQTT-3.3.4-10] no more QoS 1 and 2 than the client takes, "
    "all else") {
  for (const bool durable : {false, true}) {
    TopicSite site;
    Connect connect = durable ? lasting("c") : named("c");
    connect.receive_maximum = 2;
    TopicClient client(site, connect);
    client.subscribe("a", 2);
    client.forget();
    for (const std::uint8_t qos : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{1}, std::uint8_t{2}}) {
      client.publish("a", std::to_string(qos), qos);
    }
    client.publish("a", "0", 0);
    CHECK(client.hear("c000").ends_with("d000"));
    CHECK(client.subscribe("b", 2) == std::vector<Reason>{Reason::granted_qos_2});
    const auto sent = client.sent<Publish>();
    CHECK(client.payloads() == Texts{"1", "2", "0"});
    client.acknowledge(Ack::Kind::pubrec, sent[1].id);
    CHECK(client.payloads().empty());  // there is no room before PUBCOMP
    client.acknowledge(Ack::Kind::pubcomp, sent[1].id);
    CHECK(client.payloads() == Texts{"1"});
    client.acknowledge(Ack::Kind::puback, sent[0].id);
    CHECK(client.payloads() == Texts{"2"});
    client.lose();
    if (!durable) continue;
    connect.receive_maximum = 1;  // each connection begins with its own
    TopicClient again(site, connect);
    CHECK(again.payloads() == Texts{"1"});
  }
}

TEST_CASE("session: what an earlier connection left makes no room beyond the new Receive Maximum") {
  TopicSite site;
  Connect connect = lasting("c");
  {
    TopicClient client(site, connect);
    client.subscribe("a", 2);
    for (int i = 0; i < 5; ++i) client.publish("a", "earlier", 2);
    for (PacketId id = 1; id <= 5; ++id) client.acknowledge(Ack::Kind::pubrec, id);
  }
  connect.receive_maximum = 2;
  TopicClient client(site, connect);
  for (PacketId id = 1; id <= 5; ++id) client.acknowledge(Ack::Kind::pubcomp, id);
  for (const char* payload : {"1", "2", "3", "4"}) client.publish("a", payload, 2);
  CHECK(ids(client).size() == 2);
  for (const PacketId id : ids(client)) {
    client.acknowledge(Ack::Kind::pubrec, id);
    client.acknowledge(Ack::Kind::pubcomp, id);
  }
  CHECK(client.payloads() == Texts{"1", "2", "3", "4"});
}

TEST_CASE("session: what is too long for the client takes none of its Receive Maximum") {
  for (const bool durable : {false, true}) {
    TopicSite site;
    Connect connect = durable ? lasting("c") : named("c");
    connect.receive_maximum = 2;
    connect.maximum_packet_size = 100;
    TopicClient client(site, connect);
    client.subscribe("a", 2);
    client.forget();
    TopicClient other(site, named("o"));
    for (const std::uint8_t qos : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{1}}) {
      other.publish("a", std::string(100, 'x'), qos);
    }
    other.publish("a", "small", 1);
    CHECK(client.payloads() == Texts{"small"});
  }
}

TEST_CASE("session: a client that cannot take an answer is told so, and that is the end") {
  TopicSite site;
  Connect connect = named("c");
  connect.maximum_packet_size = 20;
  TopicClient client(site, connect);
  client.hear();
  Subscribe subscribe{.id = 1};
  for (int i = 0; i < 20; ++i) subscribe.subscriptions.push_back({"a"});
  client.feed(subscribe);
  CHECK(client.hear() == "e00195");
  CHECK(client.closed);
}

// What a session of shared subscriptions got new must not look like what it has from an earlier connection.
TEST_CASE("session: [MQTT-2.2.1-4] after a loss new messages have none of the identifiers that will come again") {
  FakeWorld world;
  Config config;
  config.anonymous = true;
  const Site site = world.site(config);
  std::string memo;
  {
    Peer peer(site, true);
    peer.feed(lasting("c"));
    peer.reply(core::TopicSessionOpened{});
    peer.topic(delivery(2, 11));
    peer.topic(delivery(2, 12));
    peer.lose();
    memo = peer.command<core::CloseTopicSession>()->memo;
  }
  Peer peer(site, true);
  peer.feed(lasting("c"));
  peer.reply(core::TopicSessionOpened{true, memo});
  peer.topic(delivery(2, 99));
  peer.topic(delivery(2, 11));
  peer.topic(delivery(2, 12));
  const auto sent = peer.sent<Publish>();
  REQUIRE(sent.size() == 3);
  CHECK_FALSE(sent[0].dup);
  CHECK(sent[0].id == 3);
  CHECK(sent[1].dup);
  CHECK(sent[1].id == 1);
  CHECK(sent[2].dup);
  CHECK(sent[2].id == 2);
}

}  // namespace
}  // namespace confab::mqtt
