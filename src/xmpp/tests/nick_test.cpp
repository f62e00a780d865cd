#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const std::string kNick = "<nick xmlns='http://jabber.org/protocol/nick'>CallMeIshmael</nick>";

std::string publish(const std::string& payload) {
  return "<iq type='set' id='pub1'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish "
         "node='http://jabber.org/protocol/nick'><item>" +
         payload + "</item></publish></pubsub></iq>";
}

}  // namespace

TEST_CASE("nick: XEP-0172 example 5, a nickname is published, and is the account's name") {
  LoggedIn alice;
  REQUIRE(alice.asks<core::GetProfile>(publish(kNick)) != nullptr);
  core::ProfileFound found;
  found.profile.name = "Narrator";
  found.profile.email = "narrator@moby-dick.lit";
  found.profile.annex.push_back({core::Wire::xmpp, "vcard-temp", "<vCard xmlns='vcard-temp'/>"});
  alice.peer.reply(found);
  const auto* command = alice.peer.last<core::Publish>();
  REQUIRE(command != nullptr);
  CHECK(command->publications[0].payload == kNick);
  REQUIRE(command->profile.has_value());
  CHECK(command->profile->name == "CallMeIshmael");
  CHECK(command->profile->email == found.profile.email);
  CHECK(command->profile->annex == found.profile.annex);
  CHECK(has(alice.peer.reply(core::ItemsPublished{{"i"}}), "<item id='i'/>"));
  // The same again leaves the profile alone.
  found.profile.name = "CallMeIshmael";
  alice.peer.feed(publish(kNick));
  alice.peer.reply(found);
  CHECK_FALSE(alice.peer.last<core::Publish>()->profile.has_value());
}

TEST_CASE("nick: what is no nickname is refused, and an empty one names nobody") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed(publish("<name xmlns='urn:x'>x</name>")), "<invalid-payload"));
  CHECK(has(
      alice.peer.feed(publish("<nick xmlns='http://jabber.org/protocol/nick'>" + std::string(1024, 'x') + "</nick>")),
      "<payload-too-big"));
  const auto* command = alice.asks<core::Publish>(publish("<nick xmlns='http://jabber.org/protocol/nick'/>"));
  REQUIRE(command != nullptr);
  CHECK_FALSE(command->profile.has_value());
  alice.peer.commands.clear();
  alice.peer.feed(publish(kNick));
  CHECK(has(alice.peer.reply(core::Refused{Errc::unavailable, {}}), "<resource-constraint"));
}

TEST_CASE("nick: XEP-0172 examples 3 and 4, in a subscription request and in a message it stays where it is") {
  LoggedIn alice;
  const auto* request =
      alice.asks<core::Subscribe>("<presence to='bob@example.org' type='subscribe'>" + kNick + "</presence>");
  REQUIRE(request != nullptr);
  core::Event event = request->event;
  event.to = {"alice", "example.org", {}};
  CHECK(has(alice.peer.deliver(event), kNick));
  REQUIRE(alice.asks<core::Send>("<message to='bob@example.org' type='chat' id='m1'><body>Call me Ishmael</body>" +
                                 kNick + "</message>") != nullptr);
  CHECK(has(alice.passed_on(), kNick));
}
