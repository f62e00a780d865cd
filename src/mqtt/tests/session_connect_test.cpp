// Which session a CONNECT gets, and what CONNACK says (MQTT 5 §3.1, §3.2). Transcripts are bytes as the wire has them.
#include "mqtt/tests/mqtt_peer.h"
#include "mqtt/tests/topic_site.h"

namespace confab::mqtt {
namespace {

constexpr Level kLevels[] = {Level::v5, Level::v311};
using Texts = std::vector<std::string>;

bool is_present(const TopicClient& client) {
  REQUIRE(client.sent<Connack>().size() == 1);
  CHECK(client.sent<Connack>()[0].reason == Reason::success);
  return client.sent<Connack>()[0].session_present;
}

TEST_CASE("session: [MQTT-3.1.2-4] [MQTT-3.1.4-4] [MQTT-3.2.2-2] a clean start ends the session that was there") {
  for (const Level level : kLevels) {
    TopicSite site;
    {
      TopicClient first(site, lasting("c", level));
      first.subscribe("a", 1);
    }
    TopicClient other(site, named("other"));
    other.publish("a", "missed", 1);
    Connect clean = lasting("c", level);
    clean.clean_start = true;
    if (level != Level::v5) clean.session_expiry = 0;
    TopicClient second(site, clean);
    CHECK_FALSE(is_present(second));
    other.publish("a", "x", 1);
    CHECK(second.payloads().empty());
    second.lose();
    // 3.1.1 [MQTT-3.1.2-6]: that session ended with its connection.
    TopicClient third(site, lasting("c", level));
    CHECK(is_present(third) == (level == Level::v5));
    CHECK(third.payloads().empty());
  }
}

TEST_CASE("session: [MQTT-3.1.2-5] [MQTT-3.2.2-3] [MQTT-4.5.0-1] a session goes on, and has got what came meanwhile") {
  for (const Level level : kLevels) {
    TopicSite site;
    {
      TopicClient first(site, lasting("c", level));
      CHECK_FALSE(is_present(first));
      first.subscribe("a/+", 2);
    }
    TopicClient other(site, named("other"));
    for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
      other.publish("a/b", std::to_string(qos), qos);
    }
    TopicClient second(site, lasting("c", level));
    CHECK(is_present(second));
    CHECK(second.payloads() == Texts{"1", "2"});
  }
}

TEST_CASE("session: [MQTT-3.1.2-6] where there is no session CONNECT makes one") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient client(site, lasting("c", level));
    CHECK_FALSE(is_present(client));
    client.subscribe("a", 1);
    client.publish("a", "x", 1);
    CHECK(client.payloads() == Texts{"x"});
  }
}

TEST_CASE("session: [MQTT-3.1.2-23] [MQTT-4.1.0-1] [MQTT-4.1.0-2] a session is kept for its expiry, and ends with it") {
  TopicSite site;
  const auto comes_back_after = [&](std::uint32_t expiry, seconds span) {
    {
      Connect connect = lasting("c", Level::v5, expiry);
      TopicClient client(site, connect);
      client.subscribe("a", 1);
      site.pass(seconds(30));  // while its connection lives it has no end
      client.forget();
      client.publish("a", "x", 1);
      CHECK(client.payloads() == Texts{"x"});
    }
    site.pass(span);
    TopicClient client(site, lasting("c", Level::v5, 0));
    return is_present(client);
  };
  CHECK(comes_back_after(20, seconds(19)));
  CHECK_FALSE(comes_back_after(20, seconds(21)));
  CHECK_FALSE(comes_back_after(0, seconds(0)));
  CHECK(comes_back_after(core::kNeverExpires, seconds(10'000)));
  // DISCONNECT may say another one.
  TopicClient client(site, lasting("c", Level::v5, 20));
  client.feed(Disconnect{.session_expiry = 5});
  site.pass(seconds(6));
  TopicClient again(site, lasting("c"));
  CHECK_FALSE(is_present(again));
}

TEST_CASE("session: [MQTT-3.1.3-2] the client identifier names the session, within the account") {
  for (const Level level : kLevels) {
    TopicSite site;
    const auto open = [&](std::string_view id, std::string_view user) {
      Connect connect = lasting(id, level);
      if (!user.empty()) connect.user_name = user;
      if (!user.empty()) connect.password = "right";
      return std::make_unique<TopicClient>(site, connect);
    };
    open("c", "")->subscribe("a", 1);
    CHECK(is_present(*open("c", "")));
    CHECK_FALSE(is_present(*open("C", "")));
    CHECK_FALSE(is_present(*open("c", "alice")));
    const auto alice = open("c", "alice");
    CHECK(is_present(*alice));
    const auto bob = open("c", "bob");
    CHECK_FALSE(is_present(*bob));
    CHECK_FALSE(alice->closed);
  }
}

TEST_CASE("session: [MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.2.2-16] a client without an identifier gets a new one") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient one(site, named("", level));
    TopicClient two(site, named("", level));
    CHECK_FALSE(is_present(one));
    CHECK_FALSE(one.closed);  // it is not the same
    const std::string_view first = one.sent<Connack>()[0].assigned_client_id;
    const std::string_view second = two.sent<Connack>()[0].assigned_client_id;
    CHECK(first.empty() == (level != Level::v5));
    CHECK((first != second) == (level == Level::v5));
    two.subscribe("a", 1);
    one.publish("a", "x");
    CHECK(two.payloads() == Texts{"x"});
    TopicClient own(site, named("own", level));
    CHECK(own.sent<Connack>()[0].assigned_client_id.empty());
  }
}

// Of the profile that takes the identifier for the name of a device.
TEST_CASE("session: [MQTT-3.1.3-8] an identifier that is refused is told so, and that is the end") {
  for (const Level level : kLevels) {
    FakeWorld world;
    const Site site = world.site();
    Peer peer(site, false, level);
    peer.feed(connect_as("\x01", level));
    REQUIRE(peer.packets.size() == 1);
    CHECK(peer.sent<Connack>()[0].reason == Reason::client_identifier_not_valid);
    CHECK(peer.closed);
    CHECK(peer.commands.empty());
  }
  TopicSite site;
  TopicClient client(site, Level::v311);
  CHECK(client.hear("10 0c 0004 'MQTT' 04 00 003c 0000") == "20020002");  // 3.1.1 [MQTT-3.1.3-8]
  CHECK(client.closed);
}

TEST_CASE("session: [MQTT-3.1.4-2] a CONNECT that fails other checks is told why, and that is the end") {
  const auto answer = [](const Connect& connect) {
    TopicSite site;
    TopicClient client(site, connect);
    CHECK(client.closed);
    REQUIRE(client.packets.size() == 1);
    return client.sent<Connack>()[0].reason;
  };
  Connect connect = named("c");
  connect.user_name = "alice";
  connect.password = "wrong";
  CHECK(answer(connect) == Reason::bad_user_name_or_password);
  connect = named("c");
  connect.will = Will{.topic = "$SYS/broker/uptime", .payload = "x"};
  CHECK(answer(connect) == Reason::not_authorized);
  connect.level = Level::v311;
  CHECK(answer(connect) == Reason::not_authorized);
  connect = named("c");
  connect.will = Will{.topic = "w", .payload = "\xff", .properties = {.utf8 = true}};
  CHECK(answer(connect) == Reason::payload_format_invalid);
}

TEST_CASE("session: [MQTT-3.1.4-3] a client that comes again takes over from itself, who is told, in 5.0") {
  for (const Level level : kLevels) {
    for (const bool keeps : {false, true}) {
      TopicSite site;
      TopicClient first(site, keeps ? lasting("c", level) : named("c", level));
      first.subscribe("a", 1);
      first.publish("a", "unacknowledged", 1);
      first.hear();
      TopicClient second(site, keeps ? lasting("c", level) : named("c", level));
      CHECK(first.hear() == (level == Level::v5 ? "e0018e" : ""));
      CHECK(first.closed);
      CHECK(first.closed_by == session::CloseReason::replaced);
      CHECK(is_present(second) == keeps);
      REQUIRE(second.sent<Publish>().size() == (keeps ? 1U : 0U));
      if (keeps) CHECK(second.sent<Publish>()[0].dup);
      second.forget();
      TopicClient other(site, named("other"));
      other.publish("a", "x");
      CHECK(second.payloads() == (keeps ? Texts{"x"} : Texts{}));
    }
  }
}

TEST_CASE("session: a client that takes over from itself again and again has one session in the end") {
  TopicSite site;
  std::vector<std::unique_ptr<TopicClient>> all;
  for (int i = 0; i < 20; ++i) {
    Connect connect = lasting("c");
    connect.clean_start = i % 3 == 0;
    all.push_back(std::make_unique<TopicClient>(site, connect));
    CHECK(is_present(*all.back()) == (i % 3 != 0));
  }
  for (const auto& each : all) CHECK(each->closed == (each != all.back()));
  CHECK(site.world.space().counters().connected.get() == 1);
  CHECK(site.world.space().counters().sessions.get() == 1);
}

TEST_CASE("session: [MQTT-3.1.4-5] CONNACK with 0x00 answers a CONNECT that is taken, as bytes") {
  TopicSite site;
  TopicClient five(site, Level::v5);
  // Receive Maximum 1000, Maximum Packet Size 1,638,400, Topic Alias Maximum 32: nothing else is other than its
  // default.
  CHECK(five.hear("10 0e 0004 'MQTT' 05 02 003c 00 0001 'c'") == bytes_of("20 0e 00 00 0b 2103e8 2700190000 220020"));
  TopicClient three(site, Level::v311);
  CHECK(three.hear("10 0d 0004 'MQTT' 04 02 003c 0001 'd'") == "20020000");
  TopicClient old(site, Level::v31);
  CHECK(old.hear("10 0f 0006 'MQIsdp' 03 02 003c 0001 'e'") == "20020000");
}

TEST_CASE("session: [MQTT-3.1.4-6] [MQTT-3.2.2-7] what comes behind a CONNECT that is refused is not looked at") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient watcher(site, named("watcher"));
    watcher.subscribe("a");
    watcher.forget();
    TopicClient client(site, level);
    Connect connect = named("c", level);
    connect.user_name = "alice";
    connect.password = "wrong";
    std::string bytes;
    write(connect, level, bytes);
    write(Subscribe{1, 0, {{"a"}}, {}}, level, bytes);
    write(Publish{.topic = "a", .payload = "x"}, level, bytes);
    client.feed_bytes(bytes);
    CHECK(client.hear() == (level == Level::v5 ? "2003008600" : "20020004"));
    CHECK(client.closed);
    CHECK(watcher.packets.empty());
  }
}

TEST_CASE("session: [MQTT-3.2.0-1] [MQTT-3.2.0-2] CONNACK is the first packet, and there is one") {
  for (const Level level : kLevels) {
    TopicSite site;
    {
      TopicClient(site, lasting("c", level)).subscribe("a", 1);
    }
    TopicClient other(site, named("other"));
    other.publish("a", "x", 1);
    TopicClient client(site, level);
    std::string bytes;
    write(lasting("c", level), level, bytes);
    write(Pingreq{}, level, bytes);
    write(Subscribe{1, 0, {{"b"}}, {}}, level, bytes);
    client.feed_bytes(bytes);
    CHECK(client.packets.size() == 4);
    CHECK(std::holds_alternative<Connack>(client.packets.front()));
    CHECK(client.sent<Connack>().size() == 1);
  }
}

TEST_CASE("session: a client that could not read CONNACK gets no session, and hears nothing else") {
  for (const std::uint32_t limit : {1U, 4U, 5U, 15U}) {
    CAPTURE(limit);
    TopicSite site;
    TopicClient watcher(site, named("watcher"));
    watcher.subscribe("will");
    watcher.forget();
    Connect connect = lasting("c");
    connect.maximum_packet_size = limit;
    TopicClient client(site, connect);
    CHECK(client.hear() == (limit < 5 ? "" : "2003009500"));
    CHECK(client.closed);
  }
  TopicSite site;
  Connect connect = named("c");
  connect.maximum_packet_size = 16;
  TopicClient client(site, connect);
  CHECK_FALSE(is_present(client));
}

TEST_CASE("session: [MQTT-3.2.2-9] [MQTT-3.2.2-10] [MQTT-3.2.2-12] [MQTT-3.2.2-13] every QoS, and what is retained") {
  for (const Level level : kLevels) {
    TopicSite site;
    Connect connect = named("c", level);
    connect.will = Will{.topic = "w", .payload = "x", .qos = 2, .retain = true};
    TopicClient client(site, connect);
    CHECK_FALSE(is_present(client));
    CHECK(client.sent<Connack>()[0].maximum_qos == 2);
    CHECK(client.sent<Connack>()[0].retain_available);
    for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
      CHECK(client.subscribe("a", qos) == std::vector<Reason>{static_cast<Reason>(qos)});
      client.publish("b", "x", qos, true);
    }
    CHECK_FALSE(client.closed);
  }
}

TEST_CASE("session: [MQTT-3.2.2-18] without a Topic Alias Maximum of ours the client may use none") {
  Config config;
  config.topic_aliases = 0;
  TopicSite site(config);
  TopicClient client(site, named("c"));
  CHECK(client.sent<Connack>()[0].topic_alias_maximum == 0);
  client.hear();
  CHECK(client.hear("30 08 0001 'a' 03 230001 'x'") == "e00194");
  CHECK(client.closed);
}

TEST_CASE("session: [MQTT-3.2.2-22] without a Server Keep Alive the client's own holds, else ours") {
  for (const std::uint16_t ours : {std::uint16_t{0}, std::uint16_t{5}}) {
    Config config;
    config.keep_alive_max = ours;
    TopicSite site(config);
    Connect connect = named("c");
    connect.keep_alive = 20;
    TopicClient client(site, connect);
    CHECK(client.sent<Connack>()[0].server_keep_alive.has_value() == (ours != 0));
    site.pass(milliseconds(ours == 0 ? 29'500 : 7'000));
    CHECK_FALSE(client.closed);
    site.pass(seconds(1));
    CHECK(client.closed);
    CHECK(client.sent<Disconnect>().back().reason == Reason::keep_alive_timeout);
  }
  TopicSite site;
  TopicClient forever(site, named("f"));
  site.pass(seconds(5000));
  CHECK_FALSE(forever.closed);
}

TEST_CASE("session: [MQTT-3.1.2-28] Response Information is told to who asked for it") {
  for (const bool asks : {false, true}) {
    FakeWorld world;
    const Site site = world.site();
    Peer peer(site, false);
    Connect connect = connect_as("phone");
    connect.request_response_information = asks;
    peer.feed(connect);
    peer.reply(core::Done{});
    peer.reply(core::SessionOpened{.id = 1, .resource = "phone"});
    REQUIRE(peer.sent<Connack>().size() == 1);
    CHECK(peer.sent<Connack>()[0].response_information == (asks ? "im/u/alice/" : ""));
  }
}

// Only CONNACK and DISCONNECT may say more to who wants nothing of the kind, and ours do not either. A will that nobody
// could publish is refused with words.
TEST_CASE("session: [MQTT-3.1.2-29] who wants no diagnostics gets none") {
  for (const bool wants : {true, false}) {
    FakeWorld world;
    const Site site = world.site();
    Peer peer(site, false);
    Connect connect = connect_as("phone");
    connect.request_problem_information = wants;
    connect.will = Will{.topic = "elsewhere", .payload = "x"};
    peer.feed(connect);
    peer.reply(core::Done{});
    REQUIRE(peer.sent<Connack>().size() == 1);
    CHECK(peer.sent<Connack>()[0].reason_string.empty() != wants);
  }
  Config config;
  config.deny = {"#"};
  TopicSite site(config);
  Connect connect = named("c");
  connect.request_problem_information = false;
  TopicClient client(site, connect);
  client.hear();
  CHECK(client.hear("82 07 0001 00 0001 'a' 00") ==
        "90040001"
        "0087");
  CHECK(client.hear("a2 06 0002 00 0001 'a'") ==
        "b0040002"
        "0011");
  CHECK(client.hear("32 0a 0004 '$SYS' 0003 00 'x'") ==
        "4003"
        "000387");
  CHECK(client.hear("34 0a 0004 '$SYS' 0004 00 'x'") ==
        "5003"
        "000487");
  CHECK(client.hear("62 02 0005") ==
        "7003"
        "000592");
  CHECK(client.hear("50 02 0006") ==
        "6203"
        "000692");
  CHECK(client.hear("e0 07 00 05 11 00000005") == "e00182");
}

}  // namespace
}  // namespace confab::mqtt
