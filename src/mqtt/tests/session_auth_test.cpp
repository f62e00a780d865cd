// Enhanced authentication (MQTT 5 §4.12): SCRAM-SHA-256 in CONNECT and AUTH, again in an open session, and AUTH where
// it has no place.
#include "auth/credentials.h"
#include "auth/scram_client.h"
#include "mqtt/tests/hex.h"
#include "mqtt/tests/mqtt_peer.h"

#include <doctest/doctest.h>

namespace confab::mqtt {
namespace {

constexpr std::string_view kMethod = "SCRAM-SHA-256";

core::CredentialsFound found(std::string_view password, Uid uid = 7) {
  const RandomBytes random = [](unsigned char* out, std::size_t size) { std::fill(out, out + size, 'x'); };
  const auth::NewPassword set{"alice@example.org", "alice", "example.org", password, 4096};
  return {uid, auth::encode(auth::derive(set, nullptr, random))};
}

// One client that logs in by SCRAM, on the profile of accounts or on that of free topics.
struct Scram {
  explicit Scram(bool open_profile = true) : site(world.site()), peer(site, open_profile) {}

  static auth::ScramLogin alice() {
    auth::ScramLogin login;
    login.username = "alice";
    login.password = "secret";
    return login;
  }
  auth::ScramClient client{*auth::parse_mechanism(kMethod), alice(), "rOprNGfwEbeRWgbNEkqO"};

  Connect connect(std::string_view data) const {
    Connect made;
    made.client_id = "c";
    made.authentication_method = kMethod;
    made.authentication_data = data;
    return made;
  }
  void say(Reason reason, std::string_view data, std::string_view method = kMethod) {
    peer.feed(Auth{reason, method, data, {}, {}});
  }
  // The server's last AUTH.
  Auth heard() const {
    REQUIRE_FALSE(peer.sent<Auth>().empty());
    return peer.sent<Auth>().back();
  }
  // From the client's first message on; what the server says in the end is in peer.packets.
  void prove(std::string_view password = "secret") {
    peer.reply(found(password));
    const Auth challenge = heard();
    CHECK(challenge.reason == Reason::continue_authentication);
    CHECK(challenge.method == kMethod);
    const Result<std::string> proof = client.on_challenge(challenge.data);
    REQUIRE(proof);
    say(Reason::continue_authentication, *proof);
  }
  void log_in() {
    const std::string first = client.first();
    peer.feed(connect(first));
    prove();
    peer.reply(core::TopicSessionOpened{});
    REQUIRE(peer.sent<Connack>().size() == 1);
    REQUIRE(peer.sent<Connack>()[0].reason == Reason::success);
  }
  void restart() { client = auth::ScramClient(*auth::parse_mechanism(kMethod), alice(), "another.nonce.of.it"); }

  FakeWorld world;
  Site site;
  Peer peer;
};

TEST_CASE("session: [MQTT-4.12.0-2] [MQTT-4.12.0-3] [MQTT-4.12.0-5] SCRAM by AUTH 0x18, with one method throughout") {
  for (const bool at_once : {false, true}) {
    Scram s;
    const std::string first = s.client.first();
    s.peer.feed(s.connect(at_once ? first : std::string_view()));
    if (!at_once) {
      CHECK(s.heard().reason == Reason::continue_authentication);
      CHECK(s.heard().method == kMethod);
      s.say(Reason::continue_authentication, first);
    }
    REQUIRE(s.peer.command<core::FindCredentials>() != nullptr);
    CHECK(s.peer.command<core::FindCredentials>()->name == "alice");
    s.prove();
    CHECK(s.peer.sent<Connack>().empty());
    REQUIRE(s.peer.command<core::OpenTopicSession>() != nullptr);
    CHECK(s.peer.command<core::OpenTopicSession>()->account == "alice@example.org");
    s.peer.reply(core::TopicSessionOpened{});
    REQUIRE(s.peer.sent<Connack>().size() == 1);
    const Connack connack = s.peer.sent<Connack>()[0];
    CHECK(connack.reason == Reason::success);
    CHECK(connack.authentication_method == kMethod);
    CHECK(s.client.on_server_final(connack.authentication_data));
    for (const Auth& each : s.peer.sent<Auth>()) CHECK(each.method == kMethod);
  }
}

TEST_CASE("session: [MQTT-4.12.0-1] [MQTT-4.12.0-4] the server may refuse at any step, and closes") {
  const auto refused = [](Scram& s, Reason reason) {
    REQUIRE(s.peer.sent<Connack>().size() == 1);
    CHECK(s.peer.sent<Connack>()[0].reason == reason);
    CHECK(s.peer.closed);
    CHECK(s.peer.command<core::OpenTopicSession>() == nullptr);
  };
  {
    Scram s;
    Connect connect = s.connect("x");
    connect.authentication_method = "GS2-KRB5";
    s.peer.feed(connect);
    refused(s, Reason::bad_authentication_method);
  }
  {
    Scram s;
    s.peer.feed(s.connect("no SCRAM"));
    refused(s, Reason::not_authorized);
  }
  for (const bool nobody : {false, true}) {
    Scram s;
    const std::string first = s.client.first();
    s.peer.feed(s.connect(first));
    s.peer.reply(found(nobody ? "secret" : "other", nobody ? 0 : 7));
    const Result<std::string> proof = s.client.on_challenge(s.heard().data);
    REQUIRE(proof);
    s.say(Reason::continue_authentication, *proof);
    refused(s, Reason::bad_user_name_or_password);
  }
  {
    Scram s;
    const std::string first = s.client.first();
    s.peer.feed(s.connect(first));
    s.peer.reply(core::Refused{Errc::unavailable, {}});
    refused(s, Reason::server_unavailable);
  }
}

TEST_CASE("session: [MQTT-4.12.0-6] [MQTT-4.12.0-7] without a method there is no AUTH, from neither side") {
  FakeWorld world;
  const Site site = world.site();
  for (const Reason reason : {Reason::continue_authentication, Reason::reauthenticate, Reason::success}) {
    Peer peer(site, true);
    peer.feed(connect_as("c"));
    peer.reply(core::Done{});
    peer.reply(core::TopicSessionOpened{});
    REQUIRE(peer.sent<Connack>().size() == 1);
    CHECK(peer.sent<Connack>()[0].authentication_method.empty());
    CHECK(peer.sent<Auth>().empty());
    peer.feed(Auth{reason, kMethod, "x", {}, {}});
    CHECK(peer.closed);
    CHECK(peer.sent<Disconnect>()[0].reason == Reason::protocol_error);
    CHECK(peer.sent<Auth>().empty());
  }
}

TEST_CASE("session: [MQTT-4.12.1-1] an open session authenticates again, and goes on meanwhile") {
  Scram s;
  s.log_in();
  for (int i = 0; i < 2; ++i) {
    s.restart();
    s.peer.forget();
    const std::string first = s.client.first();
    s.say(Reason::reauthenticate, first);
    CHECK(s.peer.command<core::FindCredentials>() != nullptr);
    s.prove();
    REQUIRE(s.peer.sent<Auth>().size() == 2);
    CHECK(s.heard().reason == Reason::success);
    CHECK(s.heard().method == kMethod);
    CHECK(s.client.on_server_final(s.heard().data));
    CHECK_FALSE(s.peer.closed);
  }
  // Between two steps other packets are as welcome as before.
  s.restart();
  s.peer.forget();
  s.say(Reason::reauthenticate, {});
  s.peer.feed(Pingreq{});
  s.peer.feed(publish_to("t", "x", 1, 1));
  CHECK(s.peer.sent<Pingresp>().size() == 1);
  CHECK(s.peer.command<core::PublishTopic>() != nullptr);
}

TEST_CASE("session: [MQTT-4.12.1-2] who fails to authenticate again is sent DISCONNECT, and that is the end") {
  const auto ended = [](Scram& s, Reason reason) {
    REQUIRE(s.peer.sent<Disconnect>().size() == 1);
    CHECK(s.peer.sent<Disconnect>()[0].reason == reason);
    CHECK(s.peer.closed);
    CHECK(s.peer.sent<Connack>().size() == 1);
    CHECK(s.peer.command<core::CloseTopicSession>()->will);
  };
  {
    Scram s;
    s.log_in();
    s.restart();
    const std::string first = s.client.first();
    s.say(Reason::reauthenticate, first);
    s.prove("other");
    ended(s, Reason::not_authorized);  // DISCONNECT knows no 0x86
  }
  {
    Scram s;  // as somebody else
    s.log_in();
    s.say(Reason::reauthenticate, "n,,n=bob,r=abcdefgh");
    ended(s, Reason::not_authorized);
  }
  {
    Scram s;
    s.log_in();
    s.say(Reason::reauthenticate, "x", "SCRAM-SHA-512");
    ended(s, Reason::protocol_error);
  }
  for (const Reason out_of_turn : {Reason::continue_authentication, Reason::success}) {
    Scram s;
    s.log_in();
    s.say(out_of_turn, "x");
    ended(s, Reason::protocol_error);
  }
  {
    Scram s;  // twice at a time
    s.log_in();
    s.say(Reason::reauthenticate, {});
    s.say(Reason::reauthenticate, {});
    ended(s, Reason::protocol_error);
  }
}

TEST_CASE("session: AUTH at a wrong time, and anything but AUTH in its place") {
  {
    Scram s;
    s.say(Reason::continue_authentication, "x");
    CHECK(s.peer.closed);
    CHECK(s.peer.packets.empty());
  }
  for (const Reason reason : {Reason::success, Reason::reauthenticate}) {
    Scram s;
    s.peer.feed(s.connect({}));
    s.say(reason, "x");
    CHECK(s.peer.closed);
    CHECK(s.peer.sent<Connack>()[0].reason == Reason::protocol_error);
  }
  const std::vector<Packet> others = {Pingreq{}, publish_to("t", "x"), Subscribe{1, 0, {{"a"}}, {}}, connect_as("c")};
  for (const Packet& each : others) {
    Scram s;
    s.peer.feed(s.connect({}));
    s.peer.feed(each);
    CHECK(s.peer.closed);
    CHECK(s.peer.commands.empty());
    REQUIRE(s.peer.sent<Connack>().size() == 1);
    CHECK(s.peer.sent<Connack>()[0].reason == Reason::protocol_error);
  }
  // While the server looks something up it waits; then it is out of turn.
  Scram s;
  const std::string first = s.client.first();
  s.peer.feed(s.connect(first));
  s.say(Reason::continue_authentication, "too early");
  CHECK_FALSE(s.peer.closed);
  s.peer.reply(found("secret"));
  CHECK(s.peer.closed);
  CHECK(s.peer.sent<Connack>().size() == 1);
  // In 3.1.1 there is no such packet.
  FakeWorld world;
  Config config;
  config.anonymous = true;
  const Site site = world.site(config);
  Peer three(site, true, Level::v311);
  Connect connect;
  connect.level = Level::v311;
  connect.client_id = "c";
  three.feed(connect);
  three.reply(core::TopicSessionOpened{});
  three.forget();
  three.feed_bytes(packet(0xF0, "18" + counted("15 0001 'M'")));
  CHECK(three.closed);
  CHECK(three.packets.empty());
}

}  // namespace
}  // namespace confab::mqtt
