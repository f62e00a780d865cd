#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;
using State = core::ChatState::State;

TEST_CASE("chat states: XEP-0085 example 1, a state beside a text stays with it") {
  LoggedIn alice;
  const auto* message = alice.sends<core::Message>(
      "<message to='bob@example.org/phone' type='chat' id='m'><body>Who's there?</body>"
      "<active xmlns='http://jabber.org/protocol/chatstates'/></message>");
  REQUIRE(message != nullptr);
  CHECK(alice.peer.commands.size() == 1);
  CHECK(has(alice.passed_on(), "<active xmlns='http://jabber.org/protocol/chatstates'/>"));
}

TEST_CASE("chat states: XEP-0085 example 6, alone with its thread") {
  LoggedIn alice;
  const auto* state = alice.sends<core::ChatState>(
      "<message to='bob@example.org/phone' type='chat'>"
      "<composing xmlns='http://jabber.org/protocol/chatstates'/><thread>act2scene2chat1</thread></message>");
  REQUIRE(state != nullptr);
  CHECK(*state == core::ChatState{State::composing, "act2scene2chat1"});
  CHECK(alice.peer.commands.size() == 1);
  const std::string seen = alice.passed_on();
  CHECK(has(seen, "<composing xmlns='http://jabber.org/protocol/chatstates'/><thread>act2scene2chat1</thread>"));
  CHECK(has(seen, "type='chat'"));
}

TEST_CASE("chat states: every one, both ways, beside hints") {
  for (const auto& [name, state] :
       {std::pair{"active", State::active}, std::pair{"composing", State::composing},
        std::pair{"paused", State::paused}, std::pair{"inactive", State::inactive}, std::pair{"gone", State::gone}}) {
    LoggedIn alice;
    CAPTURE(name);
    const std::string element = "<" + std::string(name) + " xmlns='http://jabber.org/protocol/chatstates'/>";
    const auto* sent = alice.sends<core::ChatState>("<message to='bob@example.org' type='chat' id='1'>" + element +
                                                    "<no-store xmlns='urn:xmpp:hints'/></message>");
    REQUIRE(sent != nullptr);
    CHECK(sent->state == state);
    CHECK(has(alice.passed_on(), "<no-store xmlns='urn:xmpp:hints'/>"));
    CHECK(has(alice.peer.deliver(from_bob(core::ChatState{state, ""})), element));
  }
}

TEST_CASE("chat states: an encrypted body is not lost with the state beside it") {
  LoggedIn alice;
  const auto* message = alice.sends<core::Message>(
      "<message to='bob@example.org' type='chat' id='1'><encrypted xmlns='eu.siacs.conversations.axolotl'/>"
      "<active xmlns='http://jabber.org/protocol/chatstates'/></message>");
  CHECK(message != nullptr);
}
