#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const std::string kTune =
    "<tune xmlns='http://jabber.org/protocol/tune'><artist>Yes</artist><length>686</length><rating>8</rating>"
    "<source>Yessongs</source><title>Heart of the Sunrise</title><track>3</track>"
    "<uri>http://www.yesworld.com/lyrics/Fragile.html#9</uri></tune>";
const std::string kNode = "http://jabber.org/protocol/tune";

std::string publish(const std::string& payload, const std::string& item = {}, const std::string& options = {}) {
  return "<iq type='set' id='t'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='" + kNode + "'><item" +
         (item.empty() ? "" : " id='" + item + "'") + ">" + payload + "</item></publish>" + options + "</pubsub></iq>";
}

std::string get(const std::string& more = {}, const std::string& to = {}) {
  return "<iq type='get' id='t'" + to + "><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='" + kNode +
         "'>" + more + "</items></pubsub></iq>";
}

// A client that wants to be told of tunes.
void interest(LoggedIn& alice) {
  alice.site->caps->put(std::make_shared<const Interests>(Interests{"sha-1 v", {kNode}}));
  alice.peer.feed("<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>");
}

// As an account listens, once alice's client has said so.
core::ListeningFound listening(LoggedIn& alice) {
  const auto* set = alice.peer.last<core::SetListening>();
  REQUIRE(set != nullptr);
  core::Event event = from_bob(core::Listening{set->text}, core::Wire::xmpp);
  event.from = {"bob", "example.org", {}};
  event.annex = set->annex;
  return {std::make_shared<const core::Event>(event)};
}

}  // namespace

TEST_CASE("tune: XEP-0118 example 1, a tune is what its owner listens to") {
  LoggedIn alice;
  const auto* set = alice.asks<core::SetListening>(publish(kTune));
  REQUIRE(set != nullptr);
  CHECK(set->text == "Yes \xE2\x80\x93 Heart of the Sunrise");
  CHECK(canon(alice.peer.reply(core::Done{})) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='t'><pubsub "
              "xmlns='http://jabber.org/protocol/pubsub'><publish node='" +
              kNode + "'><item id='current'/></publish></pubsub></iq>"));
  set = alice.asks<core::SetListening>(publish("<tune xmlns='" + kNode + "'/>"));
  REQUIRE(set != nullptr);
  CHECK(set->text.empty());
}

TEST_CASE("tune: what is told in a line of whatever is known") {
  LoggedIn alice;
  const auto text = [&](const std::string& parts) {
    const auto* set = alice.asks<core::SetListening>(publish("<tune xmlns='" + kNode + "'>" + parts + "</tune>"));
    return set == nullptr ? "NOTHING" : set->text;
  };
  CHECK(text("<title>Finlandia</title>") == "Finlandia");
  CHECK(text("<artist>Sibelius</artist>") == "Sibelius");
  CHECK(text("<source>Radio 3</source><track>7</track>") == "Radio 3");
  CHECK(text("<uri>http://radio.example/</uri>") == "http://radio.example/");
  CHECK(text("<rating>1</rating>").empty());
  std::string longest;
  for (int i = 0; i < 600; ++i) longest += "\xC3\xA9";
  CHECK(text("<title>" + longest + "</title>") == longest.substr(0, 1022));
}

TEST_CASE("tune: XEP-0118 example 2, friends are told of it as it was given") {
  LoggedIn alice;
  interest(alice);
  alice.peer.commands.clear();
  alice.peer.feed(publish(kTune, "bffe6584"));
  CHECK(canon(alice.peer.deliver(*listening(alice).event)) ==
        canon("<message from='bob@example.org' to='alice@example.org' id='c1' type='headline'>"
              "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" +
              kNode + "'><item id='bffe6584'>" + kTune + "</item></items></event></message>"));
}

TEST_CASE("tune: what another wire listens to has a title; XEP-0118 example 4, silence is an empty tune") {
  LoggedIn alice;
  core::Event event = from_bob(core::Listening{"the lark"});
  CHECK(alice.peer.deliver(event).empty());  // not wanted
  interest(alice);
  CHECK(has(alice.peer.deliver(event),
            "<item id='current'><tune xmlns='" + kNode + "'><title>the lark</title></tune></item>"));
  event.body = core::Listening{};
  CHECK(has(alice.peer.deliver(event), "<item id='current'><tune xmlns='" + kNode + "'/></item>"));
}

TEST_CASE("tune: the node's item is made of what is listened to, for the owner and for friends") {
  LoggedIn alice;
  alice.peer.feed(publish(kTune, "bffe6584"));
  const core::ListeningFound found = listening(alice);
  const auto* asked = alice.asks<core::GetListening>(get("", " to='bob@example.org'"));
  REQUIRE(asked != nullptr);
  CHECK(asked->of == Address{"bob", "example.org", {}});
  CHECK(canon(alice.peer.reply(found)) ==
        canon("<iq type='result' from='bob@example.org' to='alice@example.org/balcony' id='t'><pubsub "
              "xmlns='http://jabber.org/protocol/pubsub'><items node='" +
              kNode + "'><item id='bffe6584'>" + kTune + "</item></items></pubsub></iq>"));
  const auto answer = [&](const std::string& more, core::Reply reply) {
    alice.peer.commands.clear();
    alice.peer.feed(get(more));
    return alice.peer.reply(std::move(reply));
  };
  CHECK(has(answer("<item id='bffe6584'/>", found), "Yessongs"));
  CHECK(has(answer("<item id='other'/>", found), "<items node='" + kNode + "'/>"));
  CHECK(has(answer("", core::ListeningFound{}), "<item-not-found"));
  CHECK(has(answer("", core::Refused{Errc::not_found, {}}), "<item-not-found"));
  core::Event silent = from_bob(core::Listening{});
  CHECK(has(answer("", core::ListeningFound{std::make_shared<const core::Event>(silent)}),
            "<items node='" + kNode + "'/>"));
}

TEST_CASE("tune: retracted, purged or deleted, nothing is listened to any more") {
  LoggedIn alice;
  alice.peer.feed(publish(kTune, "bffe6584"));
  const core::ListeningFound found = listening(alice);
  const auto retract = [&](const std::string& item) {
    alice.peer.commands.clear();
    alice.peer.feed("<iq type='set' id='t'><pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='" + kNode +
                    "'><item id='" + item + "'/></retract></pubsub></iq>");
    return alice.peer.reply(found);
  };
  CHECK(has(retract("other"), "<item-not-found"));
  retract("bffe6584");
  REQUIRE(alice.peer.last<core::SetListening>() != nullptr);
  CHECK(alice.peer.last<core::SetListening>()->text.empty());
  CHECK(has(alice.peer.reply(core::Done{}), "type='result'"));
  for (const char* what : {"purge", "delete"}) {
    const auto* set = alice.asks<core::SetListening>(
        "<iq type='set' id='t'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><" + std::string(what) +
        " node='" + kNode + "'/></pubsub></iq>");
    REQUIRE(set != nullptr);
    CHECK(set->annex.empty());
  }
}

TEST_CASE("tune: the node is as XEP-0163 has it, and cannot be made another") {
  LoggedIn alice;
  const auto options = [](const std::string& access) {
    return "<publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>"
           "http://jabber.org/protocol/pubsub#publish-options</value></field><field var='pubsub#access_model'><value>" +
           access + "</value></field></x></publish-options>";
  };
  CHECK(alice.asks<core::SetListening>(publish(kTune, "", options("presence"))) != nullptr);
  CHECK(has(alice.peer.feed(publish(kTune, "", options("open"))), "<precondition-not-met"));
  CHECK(has(alice.peer.feed(publish("<song xmlns='urn:x'/>")), "<invalid-payload"));
  CHECK(has(alice.peer.feed("<iq type='set' id='t'><pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='" +
                            kNode + "'/></pubsub></iq>"),
            "<conflict"));
  CHECK(has(alice.peer.feed("<iq type='get' id='t'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure "
                            "node='" +
                            kNode + "'/></pubsub></iq>"),
            "<not-allowed"));
  alice.peer.commands.clear();
  alice.peer.feed("<iq type='get' id='t'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
  CHECK(has(alice.peer.reply(core::NodesFound{{}, true}), "<item jid='alice@example.org' node='" + kNode + "'/>"));
}
