#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("delay: XEP-0203 example 1, what had to wait") {
  LoggedIn alice;
  core::Message message;
  message.bodies.push_back({"", "O blessed, blessed night!"});
  CHECK_FALSE(has(alice.peer.deliver(from_bob(message), 1, false), "urn:xmpp:delay"));
  CHECK(has(alice.peer.deliver(from_bob(message), 2, true),
            "<delay xmlns='urn:xmpp:delay' from='example.org' stamp='2027-01-15T08:00:00.000Z'/>"));
}

TEST_CASE("delay: a client's own stays") {
  LoggedIn alice;
  const std::string own = "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>";
  REQUIRE(alice.sends<core::Message>("<message to='bob@example.org' id='1'><body>x</body>" + own + "</message>") !=
          nullptr);
  CHECK(has(alice.passed_on(), own));
  CHECK(has(alice.passed_on(true), own));
  CHECK(has(alice.passed_on(true), "from='example.org' stamp='2027"));
}
