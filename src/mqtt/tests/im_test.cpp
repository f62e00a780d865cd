#include <doctest/doctest.h>

#include "mqtt/im_access.h"
#include "mqtt/tests/mqtt_peer.h"

using namespace confab;
using namespace confab::mqtt;

namespace {

const Address kAlice{"alice", "example.org", {}};
const Address kBob{"bob", "example.org", {}};

struct Alice {
  explicit Alice(Level level = Level::v5, std::uint32_t expiry = 0, std::uint16_t receive_maximum = 100)
      : site(world.site()), peer(site, false, level) {
    Connect connect = connect_as("phone", level);
    connect.session_expiry = expiry;
    connect.clean_start = expiry == 0;
    connect.receive_maximum = receive_maximum;
    peer.feed(connect);
    peer.reply(core::Done{});
    peer.reply(core::SessionOpened{.id = 1, .resource = "phone"});
  }
  void begin() {
    peer.reply(core::RosterItems{});
    peer.reply(core::PresencesFound{});
    peer.reply(core::Done{});
    peer.reply(core::Done{});
    // Whatever the beginning brought is acknowledged.
    for (std::size_t i = 0; i < peer.sent<Publish>().size(); ++i) {
      const Publish each = peer.sent<Publish>()[i];
      if (each.qos == 1) peer.feed(Ack{Ack::Kind::puback, each.id, Reason::success, {}, {}});
    }
    peer.forget();
  }
  std::vector<std::string> topics() const {
    std::vector<std::string> names;
    for (const Publish& each : peer.sent<Publish>()) names.emplace_back(each.topic);
    return names;
  }

  FakeWorld world;
  Site site;
  Peer peer;
};

core::Event message(std::string text, core::Wire wire = core::Wire::mqtt) {
  core::Event event;
  event.id.bytes[0] = 1;
  event.at = {1'800'000'000'000};
  event.from = kBob.with("desk");
  event.to = kAlice;
  event.cid = "b1";
  event.source = wire;
  event.body = core::Message{.kind = core::Message::Kind::chat, .bodies = {{{}, std::move(text)}}};
  return event;
}

}  // namespace

TEST_CASE("im: after CONNACK come sync, roster, presence, and sync again") {
  Alice a;
  CHECK(a.peer.sent<Connack>().size() == 1);
  CHECK(a.peer.command<core::SetCopies>() != nullptr);
  a.peer.reply(core::RosterItems{});
  core::Event bob;
  bob.from = kBob;
  bob.body = core::Presence{.status = core::Status::away};
  a.peer.reply(core::PresencesFound{{std::make_shared<core::Event>(bob)}});
  CHECK(a.peer.command<core::SetPresence>() != nullptr);
  a.peer.reply(core::Done{});
  a.peer.reply(core::Done{});
  CHECK(a.topics() == std::vector<std::string>{"im/u/alice/sync", "im/u/alice/roster", "im/u/bob/presence/status",
                                               "im/u/alice/sync"});
  CHECK(a.peer.sent<Publish>()[2].retain);
  CHECK(a.peer.sent<Publish>()[2].qos == 0);
}

TEST_CASE("im: a text for somebody; the sender learns the id where it gave one of its own") {
  Alice a;
  a.begin();
  a.peer.feed(publish_to("im/u/bob/msg", "hello"));
  const auto* send = a.peer.command<core::Send>();
  REQUIRE(send != nullptr);
  CHECK(send->event.to == kBob);
  CHECK(std::get<core::Message>(send->event.body).bodies[0].text == "hello");
  CHECK_FALSE(send->dedupe.key.empty());
  CHECK(send->dedupe.fresh);
  a.peer.reply(core::Sent{.id = {}, .at = {}, .seq = 4});
  CHECK(a.peer.sent<Ack>().size() == 1);
  CHECK(a.topics().empty());
  a.peer.feed(publish_to("im/u/bob/msg", R"({"cid":"c1","body":"again"})", 1, 2));
  a.peer.reply(core::Sent{.id = {}, .at = {}, .seq = 5});
  CHECK(a.topics() == std::vector<std::string>{"im/u/alice/res"});
}

TEST_CASE("im: a refusal of what has a name is told on res in 5.0, too, also where it is refused for its topic") {
  Alice a;
  a.begin();
  a.peer.feed(publish_to("im/u/bob/msg", R"({"cid":"c1","body":"hello"})"));
  a.peer.reply(core::Refused{Errc::blocked, {}});
  a.peer.feed(publish_to("im/g/dev/msg", R"({"cid":"c2","body":"hello"})", 1, 2));
  CHECK(a.peer.sent<Ack>()[0].reason == Reason::not_authorized);
  CHECK(a.peer.sent<Ack>()[1].reason == Reason::topic_name_invalid);
  REQUIRE(a.topics() == std::vector<std::string>{"im/u/alice/res", "im/u/alice/res"});
  CHECK(a.peer.sent<Publish>()[0].payload == R"({"cid":"c1","status":-1,"error":"blocked","message":""})");
  CHECK(a.peer.sent<Publish>()[1].payload == R"({"cid":"c2","status":-1,"error":"unsupported","message":"topic"})");
}

TEST_CASE("im: refusals are a reason code in 5.0, and an answer on res in 3.1.1") {
  Alice five;
  five.begin();
  five.peer.feed(publish_to("im/u/bob/msg", "hello"));
  five.peer.reply(core::Refused{Errc::blocked, {}});
  CHECK(five.peer.sent<Ack>()[0].reason == Reason::not_authorized);
  CHECK(five.topics().empty());
  five.peer.feed(publish_to("im/u/bob/presence/status", "away", 1, 2));
  CHECK(five.peer.sent<Ack>()[1].reason == Reason::not_authorized);
  five.peer.feed(publish_to("elsewhere", "x", 1, 3));
  CHECK(five.peer.sent<Ack>()[2].reason == Reason::topic_name_invalid);
  Alice three(Level::v311);
  three.begin();
  three.peer.feed(publish_to("im/u/bob/msg", R"({"cid":"c","body":"x"})"));
  three.peer.reply(core::Refused{Errc::blocked, {}});
  CHECK(three.peer.sent<Ack>().size() == 1);
  REQUIRE(three.topics() == std::vector<std::string>{"im/u/alice/res"});
  CHECK(three.peer.sent<Publish>()[0].payload.find("\"blocked\"") != std::string_view::npos);
  // What may be tried again is not acknowledged.
  three.peer.feed(publish_to("im/u/bob/msg", "x", 1, 2));
  three.peer.reply(core::Refused{Errc::no_space, {}});
  CHECK(three.peer.sent<Ack>().size() == 1);
  CHECK(three.peer.closed);
}

TEST_CASE("im: the place in the log moves over what the client has, without holes; the author hears of it once") {
  Alice a(Level::v5, 1000);
  a.begin();
  a.peer.deliver(message("one"), 1);
  a.peer.deliver(message("two", core::Wire::xmpp), 2);
  const auto sent = a.peer.sent<Publish>();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].id == 2);  // made of the place: the same again after a loss
  a.peer.feed(Ack{Ack::Kind::puback, sent[1].id, Reason::success, {}, {}});
  CHECK(a.peer.command<core::Acknowledge>() == nullptr);
  CHECK(a.peer.command<core::Send>() == nullptr);  // an XMPP author did not ask for it
  a.peer.feed(Ack{Ack::Kind::puback, sent[0].id, Reason::success, {}, {}});
  REQUIRE(a.peer.command<core::Acknowledge>() != nullptr);
  CHECK(a.peer.command<core::Acknowledge>()->upto == 2);
  const auto* receipt = a.peer.command<core::Send>();
  REQUIRE(receipt != nullptr);
  CHECK(std::get<core::Receipt>(receipt->event.body).about == std::vector<std::string>{"b1"});
}

TEST_CASE("im: no more is under way than the client allows") {
  Alice a(Level::v5, 1000, 2);
  a.begin();
  for (Upos seq = 1; seq <= 5; ++seq) a.peer.deliver(message("x"), seq);
  CHECK(a.peer.sent<Publish>().size() == 2);
  a.peer.feed(Ack{Ack::Kind::puback, a.peer.sent<Publish>()[0].id, Reason::success, {}, {}});
  CHECK(a.peer.sent<Publish>().size() == 3);
}

TEST_CASE("im: a will is what is said when the device is lost") {
  FakeWorld world;
  const Site site = world.site();
  Peer peer(site, false);
  Connect connect = connect_as("phone");
  connect.will = Will{};
  connect.will->topic = "im/u/alice/presence/status";
  connect.will->payload = R"({"st":"offline","text":"no signal"})";
  connect.will->delay = 3;
  peer.feed(connect);
  peer.reply(core::Done{});
  peer.reply(core::SessionOpened{.id = 1, .resource = "phone"});
  peer.lose();
  const auto* close = peer.command<core::CloseSession>();
  REQUIRE(close != nullptr);
  CHECK_FALSE(close->clean);
  CHECK(close->grace == seconds(3));
  REQUIRE(close->last_word != nullptr);
  // A will that nobody could publish is refused at once.
  Peer other(site, false);
  connect.will->topic = "im/u/bob/presence/status";
  other.feed(connect);
  other.reply(core::Done{});
  CHECK(other.sent<Connack>()[0].reason == Reason::topic_name_invalid);
}

TEST_CASE("im: which filters are granted") {
  const api::Viewer viewer{kAlice.with("phone"), false};
  for (const char* filter : {"im/u/alice/#", "im/u/alice/msg", "im/u/alice@example.org/msg", "#", "im/#", "im/u/+/msg",
                             "im/u/+/presence/+", "im/u/+/presence/#", "im/sys/announce", "im/sys/announce/#"}) {
    CAPTURE(filter);
    CHECK(judge(filter, viewer).access == Access::granted);
  }
  for (const char* filter :
       {"im/u/bob/msg", "im/req/+", "elsewhere", "$SYS/#", "im/u/bob/roster", "$share/g/im/u/alice/#"}) {
    CAPTURE(filter);
    CHECK(judge(filter, viewer).access == Access::refused);
  }
  CHECK(judge("im/u/bob/presence/status", viewer).access == Access::friends);
  CHECK(judge("im/u/bob/#", viewer).access == Access::friends);
  CHECK(judge("a#", viewer).access == Access::invalid);
  CHECK(intersects("a/#", "a"));
  CHECK(intersects("+/b", "a/+"));
  CHECK_FALSE(intersects("a/b", "a"));
  CHECK_FALSE(intersects("a/+", "a/b/c"));
}
