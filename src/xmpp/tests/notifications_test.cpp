// XEP-0163 §4 and XEP-0115 between one client and its session.
#include "auth/hash.h"
#include "base/bytes.h"
#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const std::string kGeoloc = "http://jabber.org/protocol/geoloc";
const std::string kDisco = "http://jabber.org/protocol/disco#info";

// A client that wants to be told of `nodes`: what it answers, and the name of it.
struct Capabilities {
  std::string query;
  std::string ver;
};
Capabilities interested_in(std::vector<std::string> nodes) {
  std::string features;
  std::string text = "client/pc//Exodus 0.9.1<";
  std::sort(nodes.begin(), nodes.end());
  for (const std::string& node : nodes) {
    features += "<feature var='" + node + "+notify'/>";
    text += node + "+notify<";
  }
  return {"<query xmlns='" + kDisco + "'><identity category='client' name='Exodus 0.9.1' type='pc'/>" + features +
              "</query>",
          encode_base64(auth::digest(auth::Hash::sha1, text))};
}

std::string presence(const Capabilities& caps) {
  return "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://www.chatopus.com' ver='" +
         caps.ver + "'/></presence>";
}

// The id of the question in `out`; empty: none was asked.
std::string question_in(const std::string& out) {
  const std::size_t at = out.find("<iq from='example.org' to='alice@example.org/balcony' id='");
  if (at == std::string::npos) return {};
  const std::size_t start = out.find("id='", at) + 4;
  return out.substr(start, out.find('\'', start) - start);
}

struct Client : LoggedIn {
  using LoggedIn::LoggedIn;

  std::string answer(const std::string& id, const std::string& content, const std::string& more = " type='result'") {
    return peer.feed("<iq id='" + id + "'" + more + ">" + content + "</iq>");
  }
  // Says its capabilities, is asked, and answers.
  void say(const Capabilities& caps) {
    const std::string id = question_in(peer.feed(presence(caps)));
    REQUIRE_FALSE(id.empty());
    peer.commands.clear();
    answer(id, caps.query, " type='result' to='example.org'");
  }
  const core::ShowLast* wants() const { return peer.last<core::ShowLast>(); }
};

core::Event published(const std::string& node, const std::string& payload = "<geoloc xmlns='urn:g'/>") {
  core::Event event = from_bob(core::Published{.node = node, .item = "current", .payload = payload}, core::Wire::xmpp);
  event.from = {"bob", "example.org", {}};
  event.to = {};
  event.cid.clear();
  event.id.bytes[15] = 9;
  return event;
}

}  // namespace

TEST_CASE("notifications: XEP-0115 example 4, the client is asked what its capabilities are") {
  Client alice;
  const Capabilities caps = interested_in({kGeoloc});
  const std::string out = alice.peer.feed(presence(caps));
  const std::string id = question_in(out);
  REQUIRE_FALSE(id.empty());
  CHECK(has(out, "type='get'><query xmlns='" + kDisco + "' node='http://www.chatopus.com#" + caps.ver + "'/></iq>"));
  // The same again while it is under way: not asked again.
  CHECK(question_in(alice.peer.feed(presence(caps))).empty());
  alice.peer.commands.clear();
  CHECK(alice.answer(id, caps.query).empty());
  REQUIRE(alice.wants() != nullptr);
  CHECK(alice.wants()->nodes == std::vector<std::string>{kGeoloc});
  CHECK_FALSE(alice.wants()->listening);
  CHECK(alice.wants()->of.empty());
  CHECK(alice.site->caps->size() == 1);
  // Known from now on, to this client and to others.
  alice.peer.commands.clear();
  CHECK(question_in(alice.peer.feed(presence(caps))).empty());
  CHECK(alice.wants() == nullptr);
  Peer other(*alice.site);
  other.log_in();
  CHECK(question_in(other.feed(presence(caps))).empty());
  REQUIRE(other.last<core::ShowLast>() != nullptr);
  CHECK(other.last<core::ShowLast>()->nodes == std::vector<std::string>{kGeoloc});
}

TEST_CASE("notifications: XEP-0163 example 3, told of what it wants, and of nothing else") {
  Client alice;
  CHECK(alice.peer.deliver(published(kGeoloc)).empty());
  alice.say(interested_in({kGeoloc}));
  CHECK(canon(alice.peer.deliver(published(kGeoloc))) ==
        canon("<message from='bob@example.org' to='alice@example.org/balcony' "
              "id='00000000-0000-0000-0000-000000000009' type='headline'>"
              "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" +
              kGeoloc + "'><item id='current'><geoloc xmlns='urn:g'/></item></items></event></message>"));
  CHECK(alice.peer.deliver(published("urn:other")).empty());
  CHECK(alice.peer.deliver(published(kGeoloc + "x")).empty());
  const std::string late = alice.peer.deliver(published(kGeoloc), 0, true);
  CHECK(has(late, "<delay xmlns='urn:xmpp:delay' from='example.org' stamp='2027-01-15T08:00:00"));
}

TEST_CASE("notifications: XEP-0060 examples 118, 150, 158 and 163, what else is told of a node") {
  Client alice;
  alice.say(interested_in({"n"}));
  const auto told = [&](core::Published::What what) {
    core::Event event = published("n");
    event.body = core::Published{.what = what, .node = "n", .item = "i"};
    const std::string out = alice.peer.deliver(event);
    const std::size_t start = out.find("#event'>") + 8;
    return out.substr(start, out.find("</event>") - start);
  };
  using What = core::Published::What;
  CHECK(told(What::retracted) == "<items node='n'><retract id='i'/></items>");
  CHECK(told(What::configured) == "<configuration node='n'/>");
  CHECK(told(What::deleted) == "<delete node='n'/>");
  CHECK(told(What::purged) == "<purge node='n'/>");
  core::Event normal = published("n", "");
  std::get<core::Published>(normal.body).headline = false;
  const std::string out = alice.peer.deliver(normal);
  CHECK_FALSE(has(out, "type="));
  CHECK(has(out, "<item id='current'/>"));
  CHECK(has(alice.peer.deliver(published("n", "<not closed")), "<item id='current'/>"));
}

TEST_CASE("notifications: XEP-0163 §4.3.4, the last items for who becomes available, and for no more than that") {
  Client alice;
  alice.say(interested_in({kGeoloc, "http://jabber.org/protocol/tune"}));
  REQUIRE(alice.wants() != nullptr);
  CHECK(alice.wants()->listening);
  CHECK(alice.wants()->nodes == std::vector<std::string>{kGeoloc});
  const auto repeats = [&](const std::string& text) { return alice.asks<core::ShowLast>(text) != nullptr; };
  CHECK_FALSE(repeats("<presence><show>away</show></presence>"));
  CHECK_FALSE(repeats("<presence to='bob@example.org'/>"));
  CHECK_FALSE(repeats("<presence type='unavailable'/>"));
  CHECK(repeats("<presence/>"));
  CHECK(alice.wants()->nodes == std::vector<std::string>{kGeoloc});
}

TEST_CASE("notifications: XEP-0115 example 3, capabilities that change; what was wanted before is not told again") {
  Client alice;
  alice.say(interested_in({kGeoloc, "a"}));
  alice.say(interested_in({kGeoloc, "b"}));
  REQUIRE(alice.wants() != nullptr);
  CHECK(alice.wants()->nodes == std::vector<std::string>{"b"});
  CHECK(alice.peer.deliver(published("a")).empty());
  CHECK_FALSE(alice.peer.deliver(published("b")).empty());
  // Less than before: nothing to be told.
  alice.say(interested_in({kGeoloc}));
  CHECK(alice.wants() == nullptr);
}

TEST_CASE("notifications: whom the client begins to see, it sees what he published before") {
  Client alice;
  const core::Event approval = from_bob(core::Subscription{core::Subscription::Step::subscribed, {}});
  alice.peer.commands.clear();
  alice.peer.deliver(approval);
  CHECK(alice.wants() == nullptr);
  alice.say(interested_in({kGeoloc}));
  alice.peer.commands.clear();
  alice.peer.deliver(approval);
  REQUIRE(alice.wants() != nullptr);
  CHECK(alice.wants()->of == Address{"bob", "example.org", {}});
  CHECK(alice.wants()->nodes == std::vector<std::string>{kGeoloc});
  alice.peer.commands.clear();
  alice.peer.deliver(from_bob(core::Subscription{core::Subscription::Step::unsubscribed, {}}));
  CHECK(alice.wants() == nullptr);
}

TEST_CASE("notifications: XEP-0115 §9.3, what does not hash to its name is this client's own affair") {
  Client alice;
  Capabilities lie = interested_in({kGeoloc});
  lie.query = interested_in({"urn:other"}).query;
  alice.say(lie);
  CHECK(alice.site->caps->size() == 0);
  CHECK_FALSE(alice.peer.deliver(published("urn:other")).empty());
  CHECK(alice.peer.deliver(published(kGeoloc)).empty());
  CHECK(question_in(alice.peer.feed(presence(lie))).empty());
  Client honest;
  honest.say(interested_in({kGeoloc}));
  CHECK_FALSE(honest.peer.deliver(published(kGeoloc)).empty());
}

TEST_CASE("notifications: an answer that was not asked for, is somebody else's or comes twice counts for nothing") {
  Client alice;
  const Capabilities caps = interested_in({kGeoloc});
  alice.answer("made-up", caps.query);
  CHECK(alice.peer.deliver(published(kGeoloc)).empty());
  const std::string id = question_in(alice.peer.feed(presence(caps)));
  alice.peer.commands.clear();
  alice.answer("made-up", caps.query);
  alice.answer(id, caps.query, " type='result' to='bob@example.org'");
  CHECK(alice.wants() == nullptr);
  CHECK(alice.site->caps->size() == 0);
  // Other capabilities meanwhile: the answer is about the old ones.
  const std::string second = question_in(alice.peer.feed(presence(interested_in({"b"}))));
  CHECK_FALSE(second.empty());
  alice.answer(id, caps.query);
  CHECK(alice.wants() == nullptr);
  alice.answer(second, "", " type='error'");
  CHECK(alice.peer.deliver(published("b")).empty());
  alice.answer(second, interested_in({"b"}).query);
  CHECK(alice.peer.deliver(published("b")).empty());
  // A client's answer to another client goes on its way.
  CHECK(alice.asks<core::Send>("<iq type='result' id='" + second + "' to='bob@example.org/phone'/>") != nullptr);
}

TEST_CASE("notifications: capabilities without a hash, or with one that is not known, are not shared") {
  Client alice;
  CHECK(question_in(
            alice.peer.feed("<presence><c xmlns='http://jabber.org/protocol/caps' node='n' ver='1.0'/></presence>"))
            .empty());
  CHECK(question_in(alice.peer.feed("<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='" +
                                    std::string(1025, 'v') + "'/></presence>"))
            .empty());
  const std::string id = question_in(alice.peer.feed(
      "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-3' node='n' ver='x'/></presence>"));
  REQUIRE_FALSE(id.empty());
  alice.answer(id, interested_in({kGeoloc}).query);
  CHECK_FALSE(alice.peer.deliver(published(kGeoloc)).empty());
  CHECK(alice.site->caps->size() == 0);
}

TEST_CASE("notifications: what is published while the client is being asked waits for its answer, as far as it may") {
  Client alice;
  const Capabilities caps = interested_in({kGeoloc});
  const std::string id = question_in(alice.peer.feed(presence(caps)));
  CHECK(alice.peer.deliver(published(kGeoloc)).empty());
  CHECK(alice.peer.deliver(published("urn:other")).empty());
  const std::string told = alice.answer(id, caps.query);
  CHECK(has(told, "<items node='" + kGeoloc + "'>"));
  CHECK_FALSE(has(told, "urn:other"));
  // Of a client that never answers, no more than it may want.
  alice.peer.feed(presence(interested_in({"b"})));
  const std::size_t before = alice.peer.session->memory();
  for (int i = 0; i < 10'000; ++i)
    alice.peer.deliver(published("b", "<b xmlns='urn:b'>" + std::string(200, 'b') + "</b>"));
  CHECK(alice.peer.session->memory() - before < 20'000);
}

TEST_CASE("notifications: a client whose answer was lost with its line is asked again when it resumes") {
  Client alice;
  const Capabilities caps = interested_in({kGeoloc});
  alice.peer.feed("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  const std::string first = question_in(alice.peer.feed(presence(caps)));
  alice.peer.deliver(published(kGeoloc));
  alice.peer.lose();
  Peer fresh(*alice.site);
  fresh.open();
  fresh.feed(kOpen);
  fresh.feed("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>");
  fresh.reply(core::Done{});
  fresh.feed(kOpen);
  fresh.feed("<resume xmlns='urn:xmpp:sm:3' h='1' previd='" + alice.peer.kept + "'/>");
  REQUIRE(fresh.handover != nullptr);
  const std::string second = question_in(alice.peer.resumed(std::move(fresh.handover)));
  REQUIRE_FALSE(second.empty());
  CHECK(second != first);
  alice.answer(first, caps.query);
  CHECK(alice.site->caps->size() == 0);
  CHECK(has(alice.answer(second, caps.query), "<items node='" + kGeoloc + "'>"));
}

TEST_CASE("notifications: a client that wants too much is told of as much as it may") {
  Config config;
  config.interest_bytes = 1000;
  Client alice(config);
  std::vector<std::string> nodes;
  for (int i = 0; i < 100; ++i) nodes.push_back("urn:node:" + std::to_string(i + 100));
  alice.say(interested_in(nodes));
  REQUIRE(alice.wants() != nullptr);
  CHECK(alice.wants()->nodes.size() == 16);
  CHECK_FALSE(alice.peer.deliver(published("urn:node:100")).empty());
  CHECK(alice.peer.deliver(published("urn:node:199")).empty());
}

TEST_CASE("notifications: with stream management a page of last items is asked an acknowledgement for") {
  Client alice;
  alice.say(interested_in({kGeoloc}));
  alice.peer.feed("<enable xmlns='urn:xmpp:sm:3'/>");
  alice.peer.commands.clear();
  const std::string out = alice.peer.deliver(published(kGeoloc), 0, true);
  CHECK(has(out, "<r xmlns='urn:xmpp:sm:3'/>"));
  CHECK(alice.asks<core::WantBacklog>("<a xmlns='urn:xmpp:sm:3' h='1'/>") != nullptr);
}

TEST_CASE("notifications: without stream management the next page is wanted once this one has left") {
  Client alice;
  alice.say(interested_in({kGeoloc}));
  CHECK_FALSE(alice.peer.session->wants_flush());
  alice.peer.deliver(published(kGeoloc), 0, true);
  CHECK(alice.peer.session->wants_flush());
  alice.peer.commands.clear();
  alice.peer.flushed();
  CHECK(alice.peer.last<core::WantBacklog>() != nullptr);
  CHECK_FALSE(alice.peer.session->wants_flush());
}

TEST_CASE("notifications: an answer that is more than the client may owe acknowledgements for is put off") {
  Config config;
  config.unacked_bytes = 10'000;
  Client alice(config);
  alice.peer.feed("<enable xmlns='urn:xmpp:sm:3'/>");
  const std::string get =
      "<iq type='get' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub></iq>";
  core::ItemsFound found;
  found.page.items = {{"i", "<x xmlns='urn:x'>" + std::string(6'000, 'x') + "</x>", {}}};
  found.page.count = 1;
  alice.peer.commands.clear();
  alice.peer.feed(get + get);
  CHECK(alice.peer.reply(found).size() > 6'000);
  const std::string second = alice.peer.reply(found);
  CHECK(second.size() < 1'000);
  CHECK(has(second, "<resource-constraint"));
  CHECK_FALSE(alice.peer.closed);
}
