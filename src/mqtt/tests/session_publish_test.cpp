// What a client publishes: acknowledgements, identifiers, what is passed on (MQTT 5 §3.3, §4.3, §4.6).
#include "mqtt/tests/mqtt_peer.h"
#include "mqtt/tests/topic_site.h"

namespace confab::mqtt {
namespace {

constexpr Level kLevels[] = {Level::v5, Level::v311};
using Texts = std::vector<std::string>;

// A client whose publications are answered by hand.
struct Scripted {
  explicit Scripted(Level level = Level::v5, Config config = {}) {
    config.anonymous = true;
    config.messages_per_second = 0;
    site = world.site(std::move(config));
    peer = std::make_unique<Peer>(site, true, level);
    peer->feed(named("c", level));
    peer->reply(core::TopicSessionOpened{});
    peer->forget();
  }
  std::vector<PacketId> acknowledged() const {
    std::vector<PacketId> ids;
    for (const Ack& ack : peer->sent<Ack>()) ids.push_back(ack.id);
    return ids;
  }
  FakeWorld world;
  Site site;
  std::unique_ptr<Peer> peer;
};

TEST_CASE("session: [MQTT-2.2.1-5] [MQTT-3.3.4-1] [MQTT-4.3.2-4] each QoS has its acknowledgement, as bytes") {
  TopicSite site;
  TopicClient five(site, named("5"));
  TopicClient watcher(site, named("w"));
  watcher.subscribe("seen");
  five.hear();
  CHECK(five.hear("30 08 0004 'seen' 00 'x'") == "");
  CHECK(five.hear("32 0a 0004 'seen' 0102 00 'x'") == "40020102");
  CHECK(five.hear("32 0a 0004 'none' ffff 00 'x'") == "4003ffff10");  // nobody is after it
  CHECK(five.hear("34 0a 0004 'seen' 0304 00 'x'") == "50020304");
  CHECK(five.hear("62 02 0304") == "70020304");
  CHECK(five.hear("34 0a 0004 'none' 0305 00 'x'") == "5003030510");
  TopicClient three(site, named("3", Level::v311));
  three.hear();
  CHECK(three.hear("30 07 0004 'none' 'x'") == "");
  CHECK(three.hear("32 09 0004 'none' 0102 'x'") == "40020102");
  CHECK(three.hear("34 09 0004 'none' 0304 'x'") == "50020304");
  CHECK(three.hear("62 02 0304") == "70020304");
}

TEST_CASE("session: [MQTT-4.3.2-5] [MQTT-4.3.3-12] an identifier that is done with is a new message's") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient client(site, named("c", level));
    client.subscribe("a", 2);
    for (const std::uint8_t qos : {std::uint8_t{1}, std::uint8_t{2}}) {
      client.forget();
      client.publish("a", "one", qos);
      Publish again{.dup = true, .qos = qos, .topic = "a", .id = 1, .payload = "two"};
      client.feed(again);
      CHECK(client.payloads() == Texts{"one", "two"});
      if (qos == 2) client.acknowledge(Ack::Kind::pubrel, 1);
    }
  }
}

TEST_CASE("session: [MQTT-4.3.3-9] after a refusal an identifier is a new message's") {
  TopicSite site;
  TopicClient client(site, named("c"));
  client.subscribe("a", 2);
  client.forget();
  // It says that it is text, and is none.
  CHECK(client.hear("34 09 0001 'a' 0007 02 0101 ff") == "5003000799");
  CHECK(client.hear("34 09 0001 'a' 0007 02 0101 'x'").ends_with("50020007"));
  CHECK(client.payloads() == Texts{"x"});
  CHECK(client.hear("62 02 0007") == "70020007");
}

TEST_CASE("session: an identifier that is in use is another message's with QoS 1, the same one's with QoS 2") {
  Scripted s;
  s.peer->feed(publish_to("t", "1", 1, 9));
  s.peer->feed(publish_to("t", "2", 1, 9));
  CHECK(s.peer->commands.size() == 2);
  s.peer->feed(publish_to("t", "3", 2, 10));
  s.peer->feed(publish_to("t", "3", 2, 10));
  CHECK(s.peer->commands.size() == 3);
  for (int i = 0; i < 3; ++i) s.peer->reply(core::TopicPublished{.matched = true});
  CHECK(s.acknowledged() == std::vector<PacketId>{9, 9, 10});
}

TEST_CASE("session: [MQTT-3.3.1-3] DUP is not passed on") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient watcher(site, lasting("w", level));
    watcher.subscribe("a", 2);
    watcher.forget();
    TopicClient client(site, named("c", level));
    client.feed(Publish{.dup = true, .qos = 1, .topic = "a", .id = 1, .payload = "x"});
    client.feed(Publish{.dup = true, .qos = 2, .topic = "a", .id = 2, .payload = "x"});
    REQUIRE(watcher.sent<Publish>().size() == 2);
    for (const Publish& each : watcher.sent<Publish>()) CHECK_FALSE(each.dup);
  }
}

TEST_CASE(
    "session: [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20] what goes "
    "with a message goes on as it came") {
  Publish with{.qos = 1, .retain = true, .topic = "a", .id = 1, .payload = "\xc3\xa9"};
  with.properties.utf8 = true;
  with.properties.content_type = "text/plain";
  with.properties.response_topic = "answers/to me";
  with.properties.correlation = std::string_view("\0\xff", 2);
  with.properties.user = {{"b", "1"}, {"a", "2"}, {"b", "0"}, {"", ""}};
  TopicSite site;
  for (const bool durable : {false, true}) {
    TopicClient live(site, durable ? lasting("d") : named("l"));
    live.subscribe("a", 1);
    live.forget();
    TopicClient client(site, named("c"));
    client.feed(with);
    REQUIRE(live.sent<Publish>().size() == 1);
    CHECK(live.sent<Publish>()[0].properties == with.properties);
    CHECK(live.sent<Publish>()[0].payload == with.payload);
    live.lose();
    TopicClient late(site, named("late"));
    late.subscribe("a", 0);
    REQUIRE(late.sent<Publish>().size() == 1);
    CHECK(late.sent<Publish>()[0].properties == with.properties);
  }
  // What is not there is not made up; a client of 3.1.1 gets the message alone.
  TopicClient three(site, named("3", Level::v311));
  three.subscribe("#");
  three.forget();
  TopicClient client(site, named("c"));
  with.retain = false;
  client.feed(with);
  CHECK(three.hear() == bytes_of("30 05 0001 'a' c3a9"));
  TopicClient watcher(site, named("w"));
  watcher.subscribe("b");
  watcher.forget();
  client.publish("b", "x");
  CHECK(watcher.hear() == bytes_of("30 05 0001 'b' 00 'x'"));
}

TEST_CASE("session: [MQTT-3.3.2-7] topic aliases end with their connection") {
  TopicSite site;
  for (const bool first : {true, false}) {
    TopicClient client(site, lasting("c"));
    Publish publish{.topic = first ? "long/name" : "", .payload = "x", .topic_alias = 3};
    client.feed(publish);
    CHECK(client.closed != first);
    if (!first) CHECK(client.sent<Disconnect>()[0].reason == Reason::protocol_error);
  }
}

TEST_CASE("session: [MQTT-4.6.0-3] PUBREC in the order of the publications") {
  for (const Level level : kLevels) {
    Scripted s(level);
    for (PacketId id = 1; id <= 3; ++id)
      s.peer->feed(publish_to("t", "x", static_cast<std::uint8_t>(id == 2 ? 1 : 2), id));
    std::swap(s.peer->commands[0], s.peer->commands[2]);
    s.peer->reply(core::TopicPublished{.matched = true});
    s.peer->reply(core::TopicPublished{.matched = true});
    CHECK(s.acknowledged().empty());
    s.peer->reply(core::TopicPublished{.matched = true});
    CHECK(s.acknowledged() == std::vector<PacketId>{1, 2, 3});
  }
}

TEST_CASE("session: [MQTT-4.3.3-13] what is acknowledged by steps goes on after the message's time is over") {
  TopicSite site;
  TopicClient client(site, named("c"));
  client.hear();
  CHECK(client.hear("34 0c 0001 'a' 0007 05 0200000001 'x'").starts_with("5003000710"));
  site.pass(seconds(10));
  CHECK(client.hear("3c 0c 0001 'a' 0007 05 0200000001 'x'") == "50020007");
  CHECK(client.hear("62 02 0007") == "70020007");
}

TEST_CASE("session: a flood of PUBREL for identifiers that nobody knows is answered one by one, and leaves nothing") {
  for (const Level level : kLevels) {
    Scripted s(level);
    const std::size_t before = static_cast<Session&>(*s.peer->session).memory();
    std::string bytes;
    for (unsigned id = 1; id <= 65535; ++id) {
      write(Ack{Ack::Kind::pubrel, static_cast<PacketId>(id)}, level, bytes);
    }
    s.peer->feed_bytes(bytes);
    const auto acks = s.peer->sent<Ack>();
    REQUIRE(acks.size() == 65535);
    const Reason expected = level == Level::v5 ? Reason::packet_identifier_not_found : Reason::success;
    CHECK(acks.front() == Ack{Ack::Kind::pubcomp, 1, expected, {}, {}});
    CHECK(acks.back() == Ack{Ack::Kind::pubcomp, 65535, expected, {}, {}});
    CHECK(s.peer->commands.empty());
    CHECK(static_cast<Session&>(*s.peer->session).memory() <= before);
  }
}

TEST_CASE("session: when all identifiers of QoS 2 are in use none is taken for another one") {
  Config config;
  config.receive_maximum = 65535;
  Scripted s(Level::v5, config);
  for (unsigned id = 1; id <= 65535; ++id) {
    s.peer->feed(publish_to("t", "x", 2, static_cast<PacketId>(id)));
    s.peer->reply(core::TopicPublished{.matched = true});
  }
  CHECK_FALSE(s.peer->closed);
  CHECK(s.peer->sent<Ack>().size() == 65535);
  s.peer->forget();
  s.peer->feed(publish_to("t", "y", 2, 77));
  CHECK(s.peer->commands.empty());
  REQUIRE(s.peer->sent<Ack>().size() == 1);
  CHECK(s.peer->sent<Ack>()[0].kind == Ack::Kind::pubrec);
  s.peer->feed(publish_to("t", "y", 1, 77));  // one more than the Receive Maximum
  CHECK(s.peer->sent<Disconnect>().back().reason == Reason::receive_maximum_exceeded);
}

TEST_CASE("session: §4.9 the Receive Maximum is for what a connection has under way, not for what is left") {
  Config config;
  config.receive_maximum = 2;
  TopicSite site(config);
  {
    TopicClient client(site, lasting("c"));
    for (PacketId id = 1; id <= 2; ++id) client.feed(Publish{.qos = 2, .topic = "a", .id = id, .payload = "x"});
    CHECK(client.sent<Ack>().size() == 2);
  }
  TopicClient client(site, lasting("c"));
  client.feed(Publish{.qos = 2, .topic = "a", .id = 3, .payload = "x"});
  client.feed(Publish{.qos = 1, .topic = "a", .id = 4, .payload = "x"});
  client.feed(Publish{.qos = 2, .topic = "a", .id = 5, .payload = "x"});
  CHECK_FALSE(client.closed);
  client.acknowledge(Ack::Kind::pubrel, 1);
  client.acknowledge(Ack::Kind::pubrel, 3);
  client.feed(Publish{.qos = 2, .topic = "a", .id = 6, .payload = "x"});
  CHECK_FALSE(client.closed);
  client.feed(Publish{.qos = 2, .topic = "a", .id = 7, .payload = "x"});
  CHECK(client.closed);
  CHECK(client.sent<Disconnect>()[0].reason == Reason::receive_maximum_exceeded);
}

TEST_CASE(
    "session: 3.1.1 [MQTT-3.3.5-2] [MQTT-4.8.0-2] what may not be published or cannot be kept ends it, in 3.1.1") {
  for (const bool failing : {false, true}) {
    for (const Level level : kLevels) {
      TopicSite site;
      TopicClient watcher(site, lasting("w"));
      watcher.subscribe("a", 1);
      watcher.forget();
      if (failing) site.world.failing = Errc::unavailable;
      TopicClient client(site, named("c", level));
      client.hear();
      client.feed(Publish{.qos = 1, .topic = failing ? "a" : "$SYS/broker/uptime", .id = 1, .payload = "x"});
      CHECK(client.hear() == (level == Level::v311 ? "" : failing ? "4003000180" : "4003000187"));
      CHECK(client.closed == (level == Level::v311));
      CHECK(watcher.sent<Publish>().empty());
    }
  }
}

TEST_CASE("session: [MQTT-4.2-1] [MQTT-4.3.3-10] what comes in pieces, and again, is the same message") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient client(site, level);
    std::string bytes;
    write(lasting("c", level), level, bytes);
    write(Subscribe{1, 0, {{"a", 2}}, {}}, level, bytes);
    for (int i = 0; i < 3; ++i)
      write(Publish{.dup = i > 0, .qos = 2, .topic = "a", .id = 5, .payload = "x"}, level, bytes);
    for (const char each : bytes) client.feed_bytes(std::string(1, each));
    CHECK(client.sent<Ack>().size() == 3);
    CHECK(client.payloads() == Texts{"x"});
  }
}

}  // namespace
}  // namespace confab::mqtt
