#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("version: XEP-0092 example 1 and 2, without the operating system") {
  LoggedIn alice;
  const std::string answer =
      alice.peer.feed("<iq type='get' to='example.org' id='version_1'><query xmlns='jabber:iq:version'/></iq>");
  CHECK(canon(answer) == canon("<iq type='result' from='example.org' to='alice@example.org/balcony' id='version_1'>"
                               "<query xmlns='jabber:iq:version'><name>Confab</name><version>" CONFAB_VERSION
                               "</version></query></iq>"));
}

TEST_CASE("version: nobody sets it, and accounts have none") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed("<iq type='set' to='example.org' id='v'><query xmlns='jabber:iq:version'/></iq>"),
            "service-unavailable"));
  CHECK(has(alice.peer.feed("<iq type='get' to='bob@example.org' id='v'><query xmlns='jabber:iq:version'/></iq>"),
            "service-unavailable"));
}
