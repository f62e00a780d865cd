#include <doctest/doctest.h>

#include "xmpp/tests/peer.h"
#include "xmpp/timers.h"

namespace confab::xmpp {
namespace {

struct Fixture {
  FakeWorld world;
  std::unique_ptr<Site> site = world.site({});
  Peer peer{*site};
  Fixture() { peer.log_in(); }

  // A message by a session of bob's.
  core::Event from_bob(core::Body body) const {
    core::Event event;
    event.from = {"bob", "example.org", "orchard"};
    event.to = {"alice", "example.org", {}};
    event.id.bytes[15] = 9;
    event.at = {1'799'999'000'000};
    event.body = std::move(body);
    return event;
  }
};

core::Message chat(std::string text) {
  core::Message message;
  message.bodies.push_back({{}, std::move(text)});
  return message;
}

// ---- Messages. ----

TEST_CASE_FIXTURE(Fixture, "RFC 6121 §5: a message becomes an event with its texts, thread and id") {
  const std::string out = peer.feed(
      "<message to='Bob@Example.org/orchard' id='m1' type='chat' xml:lang='en'><body>Wherefore?</body>"
      "<body xml:lang='cs'>Proč?</body><subject>Q</subject><thread parent='p'>t1</thread></message>");
  CHECK(out.empty());
  const auto* send = peer.last<core::Send>();
  REQUIRE(send != nullptr);
  CHECK(send->event.from == Address{"alice", "example.org", "balcony"});
  CHECK(send->event.to == Address{"bob", "example.org", "orchard"});
  CHECK(send->event.cid == "m1");
  const auto& message = std::get<core::Message>(send->event.body);
  CHECK(message.kind == core::Message::Kind::chat);
  REQUIRE(message.bodies.size() == 2);
  CHECK(message.bodies[0] == core::Text{"en", "Wherefore?"});
  CHECK(message.bodies[1] == core::Text{"cs", "Proč?"});
  CHECK(message.subjects[0] == core::Text{"en", "Q"});
  CHECK(message.thread == "t1");
  CHECK(send->dedupe.kept == seconds(600));

  core::Event back = send->event;
  back.to = {"alice", "example.org", "balcony"};
  CHECK(peer.deliver(back) ==
        "<message from='alice@example.org/balcony' to='alice@example.org/balcony' id='m1' type='chat' xml:lang='en'>"
        "<subject>Q</subject><body>Wherefore?</body><body xml:lang='cs'>Proč?</body>"
        "<thread parent='p'>t1</thread></message>");
}

TEST_CASE_FIXTURE(Fixture, "unknown children go through the annex and come out as they were") {
  peer.feed(
      "<message to='bob@example.org' id='m1'><x xmlns='urn:example:x' a='1'><y>&lt;</y></x><z xmlns='urn:z'/>"
      "</message>");
  const auto* send = peer.last<core::Send>();
  REQUIRE(send != nullptr);
  const std::string out = peer.deliver(send->event);
  CHECK(has(out, "<x xmlns='urn:example:x' a='1'><y>&lt;</y></x><z xmlns='urn:z'/></message>"));
}

TEST_CASE_FIXTURE(Fixture, "XEP-0359: origin-id is the author's id, a forged stanza-id goes") {
  peer.feed(
      "<message to='bob@example.org' id='m1' type='chat'><body>x</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"
      "<stanza-id xmlns='urn:xmpp:sid:0' id='f' by='alice@example.org'/></message>");
  const auto* send = peer.last<core::Send>();
  REQUIRE(send != nullptr);
  CHECK(send->event.cid == "o1");
  CHECK(send->dedupe.key == "o:o1");
  CHECK(send->dedupe.kept == seconds(7 * 24 * 3600));
  const std::string out = peer.deliver(send->event, 5);
  CHECK(has(out, " id='m1'"));
  CHECK(has(out, "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"));
  CHECK_FALSE(has(out, "id='f'"));
  CHECK(has(out, "by='alice@example.org' id='00000000-"));
}

TEST_CASE_FIXTURE(Fixture, "the same id to another person, or with another text, is no repeat") {
  auto key = [&](std::string_view to, std::string_view text) {
    peer.feed("<message to='" + std::string(to) + "' id='1'><body>" + std::string(text) + "</body></message>");
    return peer.last<core::Send>()->dedupe.key;
  };
  const std::string first = key("bob@example.org", "a");
  CHECK(first == key("bob@example.org", "a"));
  CHECK(first != key("bob@example.org", "b"));
  CHECK(first != key("carol@example.org", "a"));
}

TEST_CASE_FIXTURE(Fixture, "a refused message is answered with the table's error") {
  peer.feed("<message to='bob@example.org' id='m1' type='chat'><body>x</body></message>");
  CHECK(peer.reply(core::Refused{Errc::blocked, {}}) ==
        "<message from='bob@example.org' id='m1' type='error' to='alice@example.org/balcony'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
  peer.feed("<message to='x@nowhere.example' id='m2'><body>x</body></message>");
  CHECK(has(peer.reply(core::Refused{Errc::not_found, {}}), "<remote-server-not-found "));
}

TEST_CASE_FIXTURE(Fixture, "addresses: malformed, forged, missing") {
  CHECK(has(peer.feed("<message to='@@' id='1'><body>x</body></message>"), "<jid-malformed "));
  CHECK(peer.feed("<message to='@@' type='error' id='1'/>").empty());
  peer.feed("<message id='2'><body>x</body></message>");
  CHECK(peer.last<core::Send>()->event.to == Address{"alice", "example.org", {}});
  CHECK(peer.feed("<message from='alice@example.org' to='bob@example.org'><body>x</body></message>").empty());
  const std::string out = peer.feed("<message from='mallory@example.org' to='bob@example.org'/>");
  CHECK(has(out, "<invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
  CHECK(peer.closed);
}

TEST_CASE_FIXTURE(Fixture, "errors of clients go to a session, or nowhere") {
  peer.feed("<message type='error' to='bob@example.org' id='1'/>");
  CHECK(peer.commands.empty());
  peer.feed("<message type='error' to='bob@example.org/orchard' id='1'><error type='wait'/></message>");
  const auto* send = peer.last<core::Send>();
  REQUIRE(send != nullptr);
  CHECK(std::get<core::Bounce>(send->event.body).about == "1");
  CHECK(peer.commands.back().request == 0);
  CHECK(has(peer.deliver(send->event), "type='error' id='1'><error type='wait'/></message>"));
}

TEST_CASE("a body over message_bytes is refused") {
  FakeWorld world;
  Config config;
  config.message_bytes = 10;
  const auto site = world.site(config);
  Peer peer(*site);
  peer.log_in();
  CHECK(
      has(peer.feed("<message to='bob@example.org' id='1'><body>0123456789a</body></message>"), "<policy-violation "));
  CHECK(peer.commands.empty());
}

TEST_CASE("over messages_per_second reading pauses") {
  FakeWorld world;
  Config config;
  config.messages_per_second = 2;
  const auto site = world.site(config);
  Peer peer(*site);
  peer.log_in();
  std::string many;
  for (int i = 0; i < 25; ++i) many += "<message to='bob@example.org'><body>x</body></message>";
  peer.feed(many);
  CHECK(peer.paused);
  CHECK(peer.commands.size() == 21);
  world.now.mono.ms += 500;
  peer.timer(kRateTimer);
  CHECK(peer.commands.size() == 22);
  world.now.mono.ms += 60'000;
  peer.timer(kRateTimer);
  CHECK(peer.commands.size() == 25);
  CHECK_FALSE(peer.paused);
}

TEST_CASE_FIXTURE(Fixture, "what was stored counts as delivered once it has left") {
  CHECK_FALSE(peer.session->wants_flush());
  peer.deliver(from_bob(chat("hi")), 41, true);
  CHECK(peer.session->wants_flush());
  peer.flushed();
  REQUIRE(peer.commands.size() == 2);
  CHECK(std::get<core::Acknowledge>(peer.commands[0].command).upto == 41);
  CHECK(std::holds_alternative<core::WantBacklog>(peer.commands[1].command));
  CHECK_FALSE(peer.session->wants_flush());
}

// ---- Presence. ----

TEST_CASE_FIXTURE(Fixture, "RFC 6121 §4: presence with show, status and priority, both ways") {
  peer.feed("<presence><show>xa</show><status>gone</status><priority>-5</priority><c xmlns='urn:c'/></presence>");
  const auto* set = peer.last<core::SetPresence>();
  REQUIRE(set != nullptr);
  CHECK(set->event.to.empty());
  const auto& presence = std::get<core::Presence>(set->event.body);
  CHECK(presence.status == core::Status::away);
  CHECK(presence.priority == -5);
  CHECK(presence.signature[0].text == "gone");
  CHECK(peer.deliver(set->event) ==
        "<presence from='alice@example.org/balcony' to='alice@example.org/balcony'><show>xa</show>"
        "<status>gone</status><priority>-5</priority><c xmlns='urn:c'/></presence>");
  peer.feed("<presence type='unavailable'/>");
  CHECK(std::get<core::Presence>(peer.last<core::SetPresence>()->event.body).status == core::Status::offline);
  CHECK(has(peer.deliver(from_bob(core::Presence{})), "type='unavailable'/>"));
  CHECK(has(peer.feed("<presence id='p'><show>here</show></presence>"), "<bad-request "));
  CHECK(has(peer.feed("<presence id='p'><priority>128</priority></presence>"), "<bad-request "));
  CHECK(has(peer.feed("<presence id='p' type='nonsense'/>"), "<bad-request "));
}

TEST_CASE_FIXTURE(Fixture, "RFC 6121 §3: subscriptions are between accounts") {
  peer.feed("<presence type='subscribe' to='bob@example.org/orchard' id='s1'><status>please</status></presence>");
  const auto* subscribe = peer.last<core::Subscribe>();
  REQUIRE(subscribe != nullptr);
  CHECK(subscribe->event.to == Address{"bob", "example.org", {}});
  CHECK(subscribe->event.from == Address{"alice", "example.org", {}});
  CHECK(std::get<core::Subscription>(subscribe->event.body).note[0].text == "please");
  core::Event event = from_bob(core::Subscription{core::Subscription::Step::subscribed, {}});
  event.from.resource.clear();
  CHECK(peer.deliver(event) == "<presence from='bob@example.org' to='alice@example.org' type='subscribed'/>");
}

// ---- Roster. ----

core::RosterItem friend_item() {
  core::RosterItem item;
  item.peer = {"bob", "example.org", {}};
  item.name = "Bob";
  item.groups = {"Friends"};
  item.to = item.from = true;
  item.version = 7;
  return item;
}

TEST_CASE_FIXTURE(Fixture, "RFC 6121 §2: roster get, set, remove and pushes") {
  peer.feed("<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>");
  REQUIRE(peer.last<core::GetRoster>() != nullptr);
  CHECK(peer.reply(core::RosterItems{{friend_item()}, 7, true}) ==
        "<iq to='alice@example.org/balcony' id='r1' type='result'><query xmlns='jabber:iq:roster' ver='7'>"
        "<item jid='bob@example.org' subscription='both' name='Bob'><group>Friends</group></item></query></iq>");

  peer.feed("<iq type='get' id='r2'><query xmlns='jabber:iq:roster' ver='5'/></iq>");
  CHECK(peer.last<core::GetRoster>()->version == std::optional<std::uint64_t>(5));
  const std::string out = peer.reply(core::RosterItems{{friend_item()}, 7, false});
  CHECK(out.starts_with("<iq to='alice@example.org/balcony' id='r2' type='result'/><iq to="));
  CHECK(has(out, "type='set'><query xmlns='jabber:iq:roster' ver='7'><item jid='bob@example.org'"));

  peer.feed(
      "<iq type='set' id='r3'><query xmlns='jabber:iq:roster'><item jid='carol@example.org' name='C'><group>A</group>"
      "</item></query></iq>");
  REQUIRE(peer.last<core::SetRosterItem>() != nullptr);
  CHECK(peer.last<core::SetRosterItem>()->groups == std::vector<std::string>{"A"});
  CHECK(peer.reply(core::Done{}) == "<iq type='result' to='alice@example.org/balcony' id='r3'/>");

  peer.feed(
      "<iq type='set' id='r4'><query xmlns='jabber:iq:roster'><item jid='carol@example.org' subscription='remove'/>"
      "</query></iq>");
  REQUIRE(peer.last<core::RemoveRosterItem>() != nullptr);
  CHECK(has(peer.reply(core::Refused{Errc::not_found, {}}), "<item-not-found "));

  core::RosterItem gone = friend_item();
  gone.deleted = true;
  CHECK(has(peer.deliver(from_bob(core::RosterChange{gone, 8})),
            "ver='8'><item jid='bob@example.org' subscription='remove'/></query></iq>"));
}

TEST_CASE_FIXTURE(Fixture, "RFC 6121 §2.3.3: what a roster set is refused for") {
  auto set = [&](std::string_view items) {
    return peer.feed("<iq type='set' id='r'><query xmlns='jabber:iq:roster'>" + std::string(items) + "</query></iq>");
  };
  CHECK(has(set(""), "<bad-request "));
  CHECK(has(set("<item jid='a@example.org'/><item jid='b@example.org'/>"), "<bad-request "));
  CHECK(has(set("<item jid='a@example.org'><group>G</group><group>G</group></item>"), "<bad-request "));
  CHECK(has(set("<item jid='a@example.org'><group/></item>"), "<not-acceptable "));
  CHECK(has(set("<item jid='alice@example.org'/>"), "<not-allowed "));
  CHECK(has(peer.feed("<iq type='get' to='bob@example.org' id='r'><query xmlns='jabber:iq:roster'/></iq>"),
            "<forbidden "));
  CHECK(peer.commands.empty());
}

// ---- Requests. ----

TEST_CASE_FIXTURE(Fixture, "iq: grammar, unknown payloads, other people") {
  CHECK(has(peer.feed("<iq type='get'><q xmlns='urn:q'/></iq>"), "<bad-request "));
  CHECK(has(peer.feed("<iq type='get' id='1'/>"), "<bad-request "));
  CHECK(has(peer.feed("<iq type='what' id='1'><q xmlns='urn:q'/></iq>"), "<bad-request "));
  CHECK(has(peer.feed("<iq type='get' id='1'><a xmlns='urn:q'/><b xmlns='urn:q'/></iq>"), "<bad-request "));
  CHECK(has(peer.feed("<iq type='get' id='1'><q xmlns='urn:q'/></iq>"), "<service-unavailable "));
  CHECK(has(peer.feed("<iq type='get' to='example.org' id='1'><q xmlns='urn:q'/></iq>"), "<service-unavailable "));
  CHECK(has(peer.feed("<iq type='get' to='bob@example.org' id='1'><q xmlns='urn:q'/></iq>"), "<service-unavailable "));
  CHECK(peer.feed("<iq type='result' id='1'/>").empty());
  CHECK(peer.feed("<iq type='error' id='1' to='example.org'/>").empty());
  CHECK(peer.commands.empty());
}

TEST_CASE_FIXTURE(Fixture, "iq between clients passes with its payload") {
  peer.feed("<iq type='get' to='bob@example.org/orchard' id='v1'><q xmlns='urn:q'>1</q></iq>");
  const auto* send = peer.last<core::Send>();
  REQUIRE(send != nullptr);
  CHECK(peer.deliver(send->event) ==
        "<iq from='alice@example.org/balcony' to='alice@example.org/balcony' id='v1' type='get'>"
        "<q xmlns='urn:q'>1</q></iq>");
  CHECK(has(peer.reply(core::Refused{Errc::not_found, {}}),
            "<iq from='bob@example.org/orchard' id='v1' type='error' to='alice@example.org/balcony'>"
            "<error type='cancel'><service-unavailable "));
  peer.feed("<iq type='result' to='bob@example.org/orchard' id='v2'/>");
  CHECK(peer.commands.back().request == 0);
}

TEST_CASE_FIXTURE(Fixture, "what is no stanza ends the stream") {
  const std::string out = peer.feed("<call xmlns='jabber:client'/>");
  CHECK(has(out, "<unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
  CHECK(out.ends_with("</stream:stream>"));
  CHECK(peer.closed);
}

TEST_CASE_FIXTURE(Fixture, "goodbyes") {
  SUBCASE("the client's") {
    CHECK(peer.feed(" \n </stream:stream>") == "</stream:stream>");
    CHECK(peer.reason == session::CloseReason::finished);
    peer.lose();
    REQUIRE(peer.last<core::CloseSession>() != nullptr);
    CHECK(peer.last<core::CloseSession>()->clean);
  }
  SUBCASE("another session's") {
    CHECK(has(peer.end(session::CloseReason::replaced), "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
  }
  SUBCASE("the server's") {
    CHECK(has(peer.end(session::CloseReason::shutdown), "<system-shutdown "));
  }
  SUBCASE("none") {
    peer.lose();
    CHECK_FALSE(peer.last<core::CloseSession>()->clean);
  }
}

TEST_CASE_FIXTURE(Fixture, "an idle session is small") {
  peer.feed("<presence/>");
  peer.reply(core::Done{});
  CHECK(peer.session->memory() < 1200);
}

}  // namespace
}  // namespace confab::xmpp
