#include <doctest/doctest.h>

#include "xmpp/stanza_queue.h"
#include "xmpp/tests/peer.h"

namespace confab::xmpp {
namespace {

core::Event from_bob(std::string text) {
  core::Event event;
  event.from = {"bob", "example.org", "orchard"};
  event.to = {"alice", "example.org", {}};
  core::Message message;
  message.bodies.push_back({{}, std::move(text)});
  event.body = std::move(message);
  return event;
}

struct Fixture {
  FakeWorld world;
  std::unique_ptr<Site> site;
  std::unique_ptr<Peer> peer;

  explicit Fixture(Config config = {}) : site(world.site(std::move(config))), peer(std::make_unique<Peer>(*site)) {
    peer->log_in();
  }
  void enable() { peer->feed("<enable xmlns='urn:xmpp:sm:3' resume='true'/>"); }
  // A new connection of alice's that asks to resume; it waits for the take-over.
  std::unique_ptr<Peer> reconnect(std::string_view h, std::string_view behind = {}) {
    auto fresh = std::make_unique<Peer>(*site);
    fresh->open();
    fresh->feed(kOpen);
    fresh->feed("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>");
    fresh->reply(core::Done{});
    fresh->feed(kOpen);
    fresh->feed("<resume xmlns='urn:xmpp:sm:3' previd='" + peer->kept + "' h='" + std::string(h) + "'/>" +
                std::string(behind));
    return fresh;
  }
};

TEST_CASE_FIXTURE(Fixture, "XEP-0198 §3: enabling") {
  const std::string out = peer->feed("<enable xmlns='urn:xmpp:sm:3' resume='true' max='60'/>");
  CHECK(has(out, "<enabled xmlns='urn:xmpp:sm:3' id='"));
  CHECK(has(out, "resume='true' max='60'/>"));
  CHECK(peer->kept.size() == 32);
  CHECK(has(peer->feed("<enable xmlns='urn:xmpp:sm:3'/>"), "<failed xmlns='urn:xmpp:sm:3'><unexpected-request "));
  CHECK_FALSE(peer->closed);
}

TEST_CASE("XEP-0198 §3: not before binding") {
  FakeWorld world;
  const auto site = world.site({});
  Peer peer(*site);
  peer.open();
  peer.feed(kOpen);
  CHECK(has(peer.feed("<enable xmlns='urn:xmpp:sm:3'/>"), "<unexpected-request "));
  CHECK_FALSE(peer.closed);
}

TEST_CASE_FIXTURE(Fixture, "XEP-0198 §4: h counts what is durable, and the answer waits for it") {
  enable();
  CHECK(peer->feed("<r xmlns='urn:xmpp:sm:3'/>") == "<a xmlns='urn:xmpp:sm:3' h='0'/>");
  peer->feed("<message to='bob@example.org' id='1'><body>a</body></message>");
  peer->feed("<message to='bob@example.org' id='2'><body>b</body></message>");
  CHECK(peer->feed("<r xmlns='urn:xmpp:sm:3'/>").empty());
  const session::RequestId first = peer->commands[0].request;
  const session::RequestId second = peer->commands[1].request;
  CHECK(peer->reply_to(second, core::Sent{}).empty());
  CHECK(peer->reply_to(first, core::Sent{}) == "<a xmlns='urn:xmpp:sm:3' h='2'/>");
}

TEST_CASE_FIXTURE(Fixture, "the client's h moves the device's place in the log") {
  enable();
  CHECK(has(peer->deliver(from_bob("one"), 11), "<r xmlns='urn:xmpp:sm:3'/>"));
  CHECK_FALSE(has(peer->deliver(from_bob("two"), 12), "<r "));
  CHECK_FALSE(peer->session->wants_flush());
  CHECK(has(peer->feed("<a xmlns='urn:xmpp:sm:3' h='1'/>"), "<r "));
  CHECK(peer->last<core::Acknowledge>()->upto == 11);
  CHECK(peer->feed("<a xmlns='urn:xmpp:sm:3' h='2'/>").empty());
  CHECK(peer->last<core::Acknowledge>()->upto == 12);
}

TEST_CASE_FIXTURE(Fixture, "the next page of the backlog once this one is acknowledged") {
  enable();
  peer->deliver(from_bob("one"), 11, true);
  peer->deliver(from_bob("two"), 12, true);
  peer->feed("<a xmlns='urn:xmpp:sm:3' h='1'/>");
  CHECK(peer->last<core::WantBacklog>() == nullptr);
  peer->feed("<a xmlns='urn:xmpp:sm:3' h='2'/>");
  CHECK(peer->last<core::WantBacklog>() != nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a row that made no stanza is asked about, too: nothing else may come") {
  enable();
  core::Event presence = from_bob("x");
  presence.body =
      core::Presence{.status = core::Status::online, .priority = 0, .signature = {}, .listening = {}, .since = {}};
  CHECK_FALSE(has(peer->deliver(presence), "<r "));
  core::Event gone = from_bob("x");
  gone.body = core::Withdrawn{};
  CHECK(peer->deliver(gone, 11, true) == "<r xmlns='urn:xmpp:sm:3'/>");
  peer->feed("<a xmlns='urn:xmpp:sm:3' h='1'/>");
  CHECK(peer->last<core::WantBacklog>() != nullptr);
}

TEST_CASE_FIXTURE(Fixture, "XEP-0198 §4: a count that is too high") {
  enable();
  const std::string out = peer->feed("<a xmlns='urn:xmpp:sm:3' h='10'/>");
  CHECK(has(out, "<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
  CHECK(has(out, "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='0'/>"));
  CHECK(peer->closed);
  CHECK(peer->kept.empty());
}

TEST_CASE_FIXTURE(Fixture, "XEP-0198 §5: resumption sends again what was not acknowledged") {
  enable();
  peer->deliver(from_bob("one"), 11);
  peer->deliver(from_bob("two"), 12);
  peer->feed("<message to='bob@example.org' id='1'><body>a</body></message>");
  peer->reply(core::Sent{});
  peer->feed("<message to='bob@example.org' id='2'><body>lost?</body></message>");
  peer->lose();
  CHECK(peer->last<core::CloseSession>() == nullptr);
  peer->deliver(from_bob("three"), 13);

  auto fresh = reconnect("1", "<r xmlns='urn:xmpp:sm:3'/><message to='bob@example.org'><body>b</body></message>");
  CHECK(fresh->wanted == peer->kept);
  CHECK(fresh->paused);
  REQUIRE(fresh->handover != nullptr);
  const std::string out = peer->resumed(std::move(fresh->handover));
  CHECK(out.starts_with("<resumed xmlns='urn:xmpp:sm:3' previd='" + peer->kept + "' h='1'/>"));
  CHECK_FALSE(has(out, "<body>one</body>"));
  CHECK(has(out, "<body>two</body>"));
  CHECK(has(out, "<body>three</body>"));
  CHECK(has(out, "<a xmlns='urn:xmpp:sm:3' h='1'/>"));  // to what came behind <resume/>
  const auto* send = peer->last<core::Send>();
  REQUIRE(send != nullptr);
  CHECK(std::get<core::Message>(send->event.body).bodies[0].text == "b");
  CHECK(has(peer->feed("<presence/>"), ""));
}

TEST_CASE_FIXTURE(Fixture, "XEP-0198 §5: nothing to resume, so the client binds") {
  enable();
  auto fresh = reconnect("0", "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  const std::string out =
      fresh->run([&](session::Outbox& o) { fresh->session->on_take_over_failed(std::move(fresh->handover), o); });
  CHECK(has(out, "<failed xmlns='urn:xmpp:sm:3'><item-not-found "));
  CHECK(fresh->last<core::OpenSession>() != nullptr);
}

TEST_CASE("a kept session gives up resumption before it keeps too much") {
  Config config;
  config.unacked_stanzas = 3;
  Fixture f(config);
  f.enable();
  f.peer->lose();
  for (int i = 1; i <= 3; ++i) f.peer->deliver(from_bob("x"), static_cast<Upos>(i));
  CHECK_FALSE(f.peer->kept.empty());
  CHECK(f.peer->last<core::HoldBacklog>() != nullptr);  // the log waits; what comes all the same is too much
  f.peer->deliver(from_bob("x"), 4);
  CHECK(f.peer->kept.empty());
  REQUIRE(f.peer->last<core::CloseSession>() != nullptr);
  f.peer->run([&](session::Outbox& out) { f.peer->session->on_expired(out); });
  CHECK(f.peer->commands.size() == 3);
}

TEST_CASE("who never acknowledges is sent away") {
  Config config;
  config.unacked_stanzas = 3;
  Fixture f(config);
  f.enable();
  std::string out;
  for (int i = 1; i <= 4; ++i) out += f.peer->deliver(from_bob("x"), static_cast<Upos>(i));
  CHECK(has(out, "<policy-violation "));
  CHECK(f.peer->reason == session::CloseReason::slow_reader);
}

TEST_CASE_FIXTURE(Fixture, "a goodbye ends what could have been resumed") {
  enable();
  peer->feed("</stream:stream>");
  CHECK(peer->kept.empty());
  peer->lose();
  CHECK(peer->last<core::CloseSession>() != nullptr);
}

TEST_CASE("the queue gives its memory back") {
  StanzaQueue queue;
  for (Upos i = 1; i <= 1000; ++i) queue.add("<message/>", i);
  CHECK(queue.drop(999) == 999);
  CHECK(queue.bytes() == "<message/>");
  CHECK(queue.has_seq());
  CHECK(queue.drop(1) == 1000);
  CHECK_FALSE(queue.has_seq());
  CHECK_FALSE(queue.raise_seq(3));
}

}  // namespace
}  // namespace confab::xmpp
