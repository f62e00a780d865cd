#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("stanza ids: XEP-0359 example 3, the origin's id is the author's own") {
  LoggedIn alice;
  const auto* send = alice.asks<core::Send>(
      "<message to='bob@example.org' type='chat' id='other'><body>Typical body text</body>"
      "<origin-id xmlns='urn:xmpp:sid:0' id='de305d54-75b4-431b-adb2-eb6b9e546013'/></message>");
  REQUIRE(send != nullptr);
  CHECK(send->event.cid == "de305d54-75b4-431b-adb2-eb6b9e546013");
  CHECK(has(send->dedupe.key, "de305d54-75b4-431b-adb2-eb6b9e546013"));
  const std::string seen = alice.passed_on();
  CHECK(has(seen, "id='other'"));
  CHECK(has(seen, "<origin-id xmlns='urn:xmpp:sid:0' id='de305d54-75b4-431b-adb2-eb6b9e546013'/>"));
}

TEST_CASE("stanza ids: XEP-0359 §5, what claims to be ours is taken out") {
  LoggedIn alice;
  for (const char* by : {"example.org", "alice@example.org", "bob@example.org"}) {
    REQUIRE(alice.sends<core::Message>("<message to='bob@example.org' id='1'><body>x</body>"
                                       "<stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='" +
                                       std::string(by) + "'/></message>") != nullptr);
    CHECK_FALSE(has(alice.passed_on(), "forged"));
  }
  alice.sends<core::Message>(
      "<message to='bob@example.org' id='1'><body>x</body>"
      "<stanza-id xmlns='urn:xmpp:sid:0' id='theirs' by='room@elsewhere.example'/></message>");
  CHECK(has(alice.passed_on(), "theirs"));
}

TEST_CASE("stanza ids: announced, so that clients may trust them") {
  LoggedIn alice;
  for (const char* to : {"example.org", "alice@example.org"}) {
    CHECK(has(alice.peer.feed("<iq type='get' id='i' to='" + std::string(to) +
                              "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"),
              "urn:xmpp:sid:0"));
  }
}
