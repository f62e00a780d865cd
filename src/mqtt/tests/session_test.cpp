#include <doctest/doctest.h>

#include "mqtt/tests/mqtt_peer.h"
#include "mqtt/timers.h"

using namespace confab;
using namespace confab::mqtt;

namespace {

// A client of free topics, let in without a name.
struct Anybody {
  explicit Anybody(Level level = Level::v5, Config config = {})
      : site(make(world, std::move(config))), peer(site, true, level) {
    Connect connect;
    connect.level = level;
    connect.client_id = "c";
    peer.feed(connect);
    peer.reply(core::TopicSessionOpened{});
    REQUIRE(peer.sent<Connack>().size() == 1);
    peer.forget();
  }
  static Site make(FakeWorld& world, Config config) {
    config.anonymous = true;
    return world.site(std::move(config));
  }

  FakeWorld world;
  Site site;
  Peer peer;
};

core::TopicDelivery delivery(std::uint8_t qos, core::TopicSeq seq = 0) {
  core::TopicMessage message;
  message.topic = "a/b";
  message.payload = "x";
  core::TopicDelivery one;
  one.message = std::make_shared<core::TopicMessage>(std::move(message));
  one.qos = qos;
  one.seq = seq;
  one.takes_room = qos > 0;
  return one;
}

}  // namespace

TEST_CASE("session: [MQTT-3.1.0-1] the first packet is CONNECT") {
  FakeWorld world;
  const Site site = world.site();
  Peer peer(site, true);
  peer.feed(Pingreq{});
  CHECK(peer.closed);
  CHECK(peer.packets.empty());
}

TEST_CASE("session: [MQTT-3.1.0-2] a second CONNECT is a protocol error") {
  Anybody a;
  a.peer.feed(connect_as("c"));
  CHECK(a.peer.closed);
  REQUIRE(a.peer.sent<Disconnect>().size() == 1);
  CHECK(a.peer.sent<Disconnect>()[0].reason == Reason::protocol_error);
  CHECK(a.peer.command<core::CloseTopicSession>()->will);
}

TEST_CASE("session: a wrong password is 0x86 in 5.0 and 4 in 3.1.1, and nobody without a name gets in") {
  for (const Level level : {Level::v5, Level::v311}) {
    FakeWorld world;
    const Site site = world.site();
    Peer peer(site, false, level);
    peer.feed(connect_as("phone", level));
    REQUIRE(peer.command<core::VerifyPassword>() != nullptr);
    CHECK(peer.paused);
    peer.reply(core::Refused{Errc::not_authorized, {}});
    REQUIRE(peer.sent<Connack>().size() == 1);
    CHECK(peer.sent<Connack>()[0].reason == Reason::bad_user_name_or_password);
    CHECK(peer.closed);
    Peer nobody(site, false, level);
    Connect connect;
    connect.level = level;
    connect.client_id = "phone";
    nobody.feed(connect);
    CHECK(nobody.sent<Connack>()[0].reason == Reason::not_authorized);
  }
}

TEST_CASE("session: what is pipelined behind CONNECT waits for the login") {
  FakeWorld world;
  Config config;
  config.anonymous = true;
  const Site site = world.site(config);
  Peer peer(site, true);
  Connect connect;
  connect.client_id = "c";
  std::string bytes;
  write(connect, Level::v5, bytes);
  write(publish_to("t", "1", 0), Level::v5, bytes);
  peer.feed_bytes(bytes);
  CHECK(peer.command<core::PublishTopic>() == nullptr);
  peer.reply(core::TopicSessionOpened{});
  CHECK(peer.command<core::PublishTopic>() != nullptr);
}

TEST_CASE("session: [MQTT-3.1.2-22] silence beyond one and a half times the keep alive ends it") {
  for (const Level level : {Level::v5, Level::v311}) {
    FakeWorld world;
    Config config;
    config.anonymous = true;
    const Site site = world.site(config);
    Peer peer(site, true, level);
    Connect connect;
    connect.level = level;
    connect.client_id = "c";
    connect.keep_alive = 10;
    peer.feed(connect);
    peer.reply(core::TopicSessionOpened{});
    world.now.mono.ms += 14'000;
    peer.feed(Pingreq{});
    CHECK(peer.sent<Pingresp>().size() == 1);
    world.now.mono.ms += 14'900;
    peer.timer(kAliveTimer);
    CHECK_FALSE(peer.closed);
    world.now.mono.ms += 200;
    peer.timer(kAliveTimer);
    CHECK(peer.closed);
    REQUIRE(peer.sent<Disconnect>().size() == (level == Level::v5 ? 1U : 0U));
    if (level == Level::v5) CHECK(peer.sent<Disconnect>()[0].reason == Reason::keep_alive_timeout);
  }
}

TEST_CASE("session: [MQTT-4.6.0-2] acknowledgements are in the order of the publications") {
  Anybody a;
  a.peer.feed(publish_to("t", "1", 1, 1));
  a.peer.feed(publish_to("t", "2", 1, 2));
  std::deque<session::Submit> asked = a.peer.commands;
  REQUIRE(asked.size() == 2);
  std::swap(a.peer.commands[0], a.peer.commands[1]);
  a.peer.reply(core::TopicPublished{.matched = true});
  CHECK(a.peer.sent<Ack>().empty());
  a.peer.reply(core::TopicPublished{.matched = false});
  REQUIRE(a.peer.sent<Ack>().size() == 2);
  CHECK(a.peer.sent<Ack>()[0].id == 1);
  CHECK(a.peer.sent<Ack>()[0].reason == Reason::no_matching_subscribers);
  CHECK(a.peer.sent<Ack>()[1].id == 2);
}

TEST_CASE("session: §4.3.3 QoS 2 is published once, however often it comes before PUBREL") {
  Anybody a;
  a.peer.feed(publish_to("t", "1", 2, 7));
  CHECK(a.peer.command<core::PublishTopic>()->key == 7);
  a.peer.feed(publish_to("t", "1", 2, 7));
  CHECK(a.peer.commands.size() == 1);
  a.peer.reply(core::TopicPublished{.matched = true});
  a.peer.feed(publish_to("t", "1", 2, 7));
  CHECK(a.peer.sent<Ack>().size() == 2);
  CHECK(a.peer.sent<Ack>()[1].kind == Ack::Kind::pubrec);
  a.peer.feed(Ack{Ack::Kind::pubrel, 7, Reason::success, {}, {}});
  CHECK(a.peer.command<core::ForgetTopicKey>() != nullptr);
  a.peer.feed(Ack{Ack::Kind::pubrel, 7, Reason::success, {}, {}});
  const auto acks = a.peer.sent<Ack>();
  CHECK(acks[2].reason == Reason::success);
  CHECK(acks[3].reason == Reason::packet_identifier_not_found);
}

TEST_CASE("session: [MQTT-3.3.4-7] more under way than our Receive Maximum ends it with 0x93") {
  Config config;
  config.receive_maximum = 2;
  Anybody a(Level::v5, config);
  for (PacketId id = 1; id <= 3; ++id) a.peer.feed(publish_to("t", "x", 1, id));
  CHECK(a.peer.closed);
  CHECK(a.peer.sent<Disconnect>()[0].reason == Reason::receive_maximum_exceeded);
}

TEST_CASE("session: §3.3.2.3.4 topic aliases of the client") {
  Anybody a;
  Publish named = publish_to("long/name", "1", 0);
  named.topic_alias = 3;
  a.peer.feed(named);
  Publish by_alias = publish_to("", "2", 0);
  by_alias.topic_alias = 3;
  a.peer.feed(by_alias);
  REQUIRE(a.peer.commands.size() == 2);
  CHECK(std::get<core::PublishTopic>(a.peer.commands[1].command).message.topic == "long/name");
  by_alias.topic_alias = 4;
  a.peer.feed(by_alias);
  CHECK(a.peer.sent<Disconnect>()[0].reason == Reason::protocol_error);
  Anybody b;
  named.topic_alias = 33;
  b.peer.feed(named);
  CHECK(b.peer.sent<Disconnect>()[0].reason == Reason::topic_alias_invalid);
}

TEST_CASE("session: what was sent with QoS 2 is acknowledged to the domain at PUBREC, and released") {
  Anybody a;
  a.peer.topic(delivery(2, 5));
  REQUIRE(a.peer.sent<Publish>().size() == 1);
  const PacketId id = a.peer.sent<Publish>()[0].id;
  a.peer.feed(Ack{Ack::Kind::pubrec, id, Reason::success, {}, {}});
  CHECK(a.peer.command<core::AcknowledgeTopic>()->seq == 5);
  CHECK(a.peer.sent<Ack>()[0].kind == Ack::Kind::pubrel);
  a.peer.feed(Ack{Ack::Kind::pubcomp, id, Reason::success, {}, {}});
  CHECK(a.peer.command<core::WantTopics>() != nullptr);
}

TEST_CASE(
    "session: §4.4 a session that goes on sends with its old identifiers, DUP set, and releases what was released") {
  FakeWorld world;
  Config config;
  config.anonymous = true;
  const Site site = world.site(config);
  Connect connect;
  connect.client_id = "c";
  connect.clean_start = false;
  connect.session_expiry = 100;
  std::string memo;
  {
    Peer peer(site, true);
    peer.feed(connect);
    peer.reply(core::TopicSessionOpened{});
    peer.topic(delivery(1, 11));
    peer.topic(delivery(2, 12));
    peer.feed(Ack{Ack::Kind::pubrec, peer.sent<Publish>()[1].id, Reason::success, {}, {}});
    peer.feed(publish_to("t", "x", 2, 9));
    for (const session::Submit& each : peer.commands) {
      if (std::holds_alternative<core::PublishTopic>(each.command)) break;
    }
    while (peer.command<core::PublishTopic>() != nullptr) peer.reply(core::TopicPublished{});
    peer.lose();
    memo = peer.command<core::CloseTopicSession>()->memo;
  }
  REQUIRE_FALSE(memo.empty());
  Peer peer(site, true);
  peer.feed(connect);
  peer.reply(core::TopicSessionOpened{true, memo});
  CHECK(peer.sent<Connack>()[0].session_present);
  REQUIRE(peer.sent<Ack>().size() == 1);
  CHECK(peer.sent<Ack>()[0].kind == Ack::Kind::pubrel);
  peer.topic(delivery(1, 11));
  REQUIRE(peer.sent<Publish>().size() == 1);
  CHECK(peer.sent<Publish>()[0].dup);
  CHECK(peer.sent<Publish>()[0].id == 1);
  // The one that we have from it already is not taken again.
  peer.feed(publish_to("t", "x", 2, 9));
  CHECK(peer.command<core::PublishTopic>() == nullptr);
}

TEST_CASE("session: [MQTT-3.1.2-25] what is longer than the client takes counts as sent") {
  FakeWorld world;
  Config config;
  config.anonymous = true;
  const Site site = world.site(config);
  Peer peer(site, true);
  Connect connect;
  connect.client_id = "c";
  connect.maximum_packet_size = 40;
  peer.feed(connect);
  peer.reply(core::TopicSessionOpened{});
  peer.forget();
  core::TopicDelivery big = delivery(1, 3);
  core::TopicMessage message = *big.message;
  message.payload.assign(100, 'x');
  big.message = std::make_shared<core::TopicMessage>(message);
  peer.topic(big);
  CHECK(peer.sent<Publish>().empty());
  CHECK(peer.command<core::AcknowledgeTopic>()->seq == 3);
}

TEST_CASE("session: [MQTT-3.14.2-2] a session that ends with its connection cannot get a life at DISCONNECT") {
  Anybody a;
  Disconnect disconnect;
  disconnect.session_expiry = 10;
  a.peer.feed(disconnect);
  CHECK(a.peer.sent<Disconnect>()[0].reason == Reason::protocol_error);
}

TEST_CASE("session: DISCONNECT with 0x04 has the will said, with 0x00 not") {
  for (const bool with : {false, true}) {
    Anybody a;
    Disconnect disconnect;
    if (with) disconnect.reason = Reason::disconnect_with_will;
    a.peer.feed(disconnect);
    CHECK(a.peer.command<core::CloseTopicSession>()->will == with);
    CHECK(a.peer.closed);
  }
}

TEST_CASE("session: refused filters, denied ones and the others each get their code") {
  Config config;
  config.deny = {"secret/#"};
  config.refused_subscribe = 128;
  Anybody a(Level::v5, config);
  Subscribe subscribe;
  subscribe.id = 4;
  for (const char* filter : {"ok/+", "secret/x", "bad#", "$share//x"}) subscribe.subscriptions.push_back({filter, 1});
  a.peer.feed(subscribe);
  a.peer.reply(core::TopicsSubscribed{{Result<std::uint8_t>(std::uint8_t{1})}});
  REQUIRE(a.peer.sent<Suback>().size() == 1);
  CHECK(a.peer.sent<Suback>()[0].reasons == std::vector<Reason>{Reason::granted_qos_1, Reason::unspecified,
                                                                Reason::topic_filter_invalid,
                                                                Reason::topic_filter_invalid});
}

TEST_CASE("session: enhanced authentication by a method that is not offered, and data out of turn") {
  FakeWorld world;
  const Site site = world.site();
  Peer peer(site, false);
  Connect connect;
  connect.client_id = "c";
  connect.authentication_method = "SCRAM-SHA-1";
  peer.feed(connect);
  CHECK(peer.sent<Connack>()[0].reason == Reason::bad_authentication_method);
  Peer second(site, false);
  connect.authentication_method = "SCRAM-SHA-256";
  second.feed(connect);
  REQUIRE(second.sent<Auth>().size() == 1);
  CHECK(second.sent<Auth>()[0].reason == Reason::continue_authentication);
  Auth other;
  other.reason = Reason::continue_authentication;
  other.method = "SCRAM-SHA-512";
  second.feed(other);
  CHECK(second.sent<Connack>()[0].reason == Reason::protocol_error);
}
