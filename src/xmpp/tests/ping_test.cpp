#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("ping: XEP-0199 §4.2, example 5 and 6") {
  LoggedIn alice;
  CHECK(canon(alice.peer.feed("<iq to='example.org' id='c2s1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>")) ==
        canon("<iq type='result' from='example.org' to='alice@example.org/balcony' id='c2s1'/>"));
  CHECK(canon(alice.peer.feed("<iq id='c2s2' type='get'><ping xmlns='urn:xmpp:ping'/></iq>")) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='c2s2'/>"));
}

TEST_CASE("ping: XEP-0199 §4.4, example 13, from client to client") {
  LoggedIn alice;
  const auto* send =
      alice.asks<core::Send>("<iq to='bob@example.org/phone' id='e2e1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
  REQUIRE(send != nullptr);
  CHECK(std::holds_alternative<core::Opaque>(send->event.body));
}
