#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

std::string deliver(LoggedIn& alice, core::Event event, bool own, Upos seq = 0) {
  event.at = {1'800'000'000'000};
  return alice.peer.run([&](session::Outbox& out) {
    const auto kept = std::make_shared<const core::Event>(std::move(event));
    alice.peer.session->on_delivery({.event = kept, .seq = seq, .own = own, .copy = true}, out);
  });
}

core::Event directed() {
  core::Message message;
  message.bodies.push_back({"", "What man art thou?"});
  message.thread = "0e31";
  core::Event event = from_bob(message);
  event.to = {"alice", "example.org", "garden"};
  return event;
}

}  // namespace

TEST_CASE("carbons: XEP-0280 examples 3 to 8, asked for and not wanted any more") {
  LoggedIn alice;
  const auto* on = alice.asks<core::SetCopies>("<iq type='set' id='enable1'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
  REQUIRE(on != nullptr);
  CHECK(on->on);
  CHECK(canon(alice.peer.reply(core::Done{})) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='enable1'/>"));
  const auto* off = alice.asks<core::SetCopies>("<iq type='set' id='d'><disable xmlns='urn:xmpp:carbons:2'/></iq>");
  REQUIRE(off != nullptr);
  CHECK_FALSE(off->on);
}

TEST_CASE("carbons: XEP-0280 example 12, what another device was sent") {
  LoggedIn alice;
  CHECK(canon(deliver(alice, directed(), false)) ==
        canon("<message from='alice@example.org' to='alice@example.org/balcony' type='chat'>"
              "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
              "<delay xmlns='urn:xmpp:delay' stamp='2027-01-15T08:00:00.000Z'/>"
              "<message xmlns='jabber:client' from='bob@example.org/phone' to='alice@example.org/garden' id='c1' "
              "type='chat'>"
              "<body>What man art thou?</body><thread>0e31</thread></message></forwarded></received></message>"));
}

TEST_CASE("carbons: XEP-0280 example 14, what another device sent") {
  LoggedIn alice;
  core::Event event = directed();
  std::swap(event.from, event.to);
  event.id.bytes[0] = 1;
  const std::string copy = deliver(alice, event, true, 7);
  CHECK(has(copy, "<sent xmlns='urn:xmpp:carbons:2'><forwarded"));
  CHECK(has(copy, "from='alice@example.org/garden' to='bob@example.org/phone'"));
  CHECK(has(copy, "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@example.org' id='01000000"));
  CHECK(alice.peer.session->wants_flush());  // it counts as delivered once it has left
}

TEST_CASE("carbons: XEP-0280 examples 15 and 16, a message that wants none stays as it was sent") {
  for (const char* wish : {"<private xmlns='urn:xmpp:carbons:2'/>", "<no-copy xmlns='urn:xmpp:hints'/>"}) {
    LoggedIn alice;
    const auto* message = alice.sends<core::Message>("<message to='bob@example.org/home' type='chat'><body>x</body>" +
                                                     std::string(wish) + "</message>");
    REQUIRE(message != nullptr);
    CHECK(has(alice.passed_on(), wish));
    CHECK(deliver(alice, alice.peer.last<core::Send>()->event, true, 3).empty());
    CHECK(deliver(alice, alice.peer.last<core::Send>()->event, false).empty());
    CHECK(alice.peer.session->wants_flush());
  }
}

TEST_CASE("carbons: XEP-0280 example 13, forged ones are refused") {
  LoggedIn alice;
  for (const char* side : {"received", "sent"}) {
    const std::string forged = "<message to='bob@example.org' type='chat' id='x'><" + std::string(side) +
                               " xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'/></" + side +
                               "></message>";
    CHECK(has(alice.peer.feed(forged), "forbidden"));
    CHECK(alice.peer.commands.empty());
  }
}

TEST_CASE("carbons: what is no message has no copy") {
  LoggedIn alice;
  core::Event marker = from_bob(core::ReadMarker{{"bob", "example.org", ""}, {}});
  CHECK(deliver(alice, marker, true, 4).empty());
}
