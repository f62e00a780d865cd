#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

constexpr const char* kId = "0423e3a9-d516-493d-bb06-bee0e51ab9fb";

std::string displayed(const std::string& id = kId) {
  return "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='alice@example.org' id='" +
         id + "'/></displayed>";
}
std::string publish(const std::string& item, const std::string& payload) {
  return "<iq type='set' id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
         "<publish node='urn:xmpp:mds:displayed:0'><item id='" +
         item + "'>" + payload +
         "</item></publish>"
         "<publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
         "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
         "<field var='pubsub#persist_items'><value>true</value></field>"
         "<field var='pubsub#max_items'><value>max</value></field>"
         "<field var='pubsub#send_last_published_item'><value>never</value></field>"
         "<field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>";
}

}  // namespace

TEST_CASE("displayed: XEP-0490 examples 1 and 2") {
  LoggedIn alice;
  const auto* marker = alice.asks<core::SetReadMarker>(publish("romeo@example.org", displayed()));
  REQUIRE(marker != nullptr);
  CHECK(to_string(marker->conversation) == "romeo@example.org");
  CHECK(to_string(marker->upto) == kId);
  CHECK(has(alice.peer.reply(core::Sent{}), "type='result'"));
}

TEST_CASE("displayed: XEP-0490 examples 3 and 4, what every wire says") {
  LoggedIn alice;
  CHECK(alice.asks<core::GetReadMarkers>("<iq type='get' id='c'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                                         "<items node='urn:xmpp:mds:displayed:0'/></pubsub></iq>") != nullptr);
  core::ReadMarkersFound found;
  found.markers.push_back({{{"romeo", "example.org", {}}, *parse_msg_id(kId)}, {}});
  const std::string list = alice.peer.reply(found);
  CHECK(has(list,
            "<item id='romeo@example.org'><displayed xmlns='urn:xmpp:mds:displayed:0'>"
            "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@example.org' id='" +
                std::string(kId) + "'/>"));
}

TEST_CASE("displayed: XEP-0490 examples 6 to 9, server assist") {
  LoggedIn alice;
  alice.peer.commands.clear();
  alice.peer.feed("<message to='romeo@example.org'><displayed xmlns='urn:xmpp:chat-markers:0' id='the-msg-1'/>" +
                  displayed() + "</message>");
  REQUIRE(alice.peer.commands.size() == 2);
  const auto* marker = std::get_if<core::SetReadMarker>(&alice.peer.commands[0].command);
  REQUIRE(marker != nullptr);
  CHECK(to_string(marker->upto) == kId);
  const auto* send = std::get_if<core::Send>(&alice.peer.commands[1].command);
  REQUIRE(send != nullptr);
  CHECK(std::holds_alternative<core::Receipt>(send->event.body));
  CHECK_FALSE(has(alice.passed_on(), "urn:xmpp:mds"));
  // By itself it is said to the server alone.
  alice.peer.commands.clear();
  alice.peer.feed("<message to='romeo@example.org'>" + displayed() + "</message>");
  CHECK(alice.peer.commands.size() == 1);
}

TEST_CASE("displayed: ids of others are kept as they are, nonsense is refused") {
  LoggedIn alice;
  const auto* marker = alice.asks<core::SetReadMarker>(publish("room@elsewhere.example", displayed("x-1")));
  REQUIRE(marker != nullptr);
  CHECK(marker->upto.empty());
  CHECK(has(core::find(marker->annex, core::Wire::xmpp, "displayed")->bytes, "x-1"));
  CHECK(has(alice.peer.feed(publish("@", displayed())), "jid-malformed"));
  CHECK(has(alice.peer.feed(publish("a@b", "<displayed xmlns='urn:xmpp:mds:displayed:0'/>")), "invalid-payload"));
  CHECK(has(alice.peer.feed(publish("a@b", "<other xmlns='urn:x'/>")), "invalid-payload"));
  CHECK(has(alice.peer.feed("<message to='a@b' id='m'><displayed xmlns='urn:xmpp:mds:displayed:0'/></message>"),
            "bad-request"));
}

TEST_CASE("displayed: a client that did not ask for it is not told") {
  LoggedIn alice;
  core::Event event;
  event.from = event.to = {"alice", "example.org", {}};
  event.id.bytes[0] = 1;
  event.body = core::ReadMarker{{"bob", "example.org", {}}, *parse_msg_id(kId)};
  CHECK(alice.peer.deliver(event, 9).empty());
  CHECK(alice.peer.session->wants_flush());
}
