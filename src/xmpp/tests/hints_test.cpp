#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("hints: XEP-0334 example 1 and 2, not to be stored") {
  for (const std::string name : {"no-store", "no-permanent-store"}) {
    LoggedIn alice;
    const std::string hint = "<" + name + " xmlns='urn:xmpp:hints'/>";
    const auto* message = alice.sends<core::Message>(
        "<message to='bob@example.org' id='1'><body>V unir n frperg</body>" + hint + "</message>");
    REQUIRE(message != nullptr);
    CHECK_FALSE(message->keep);
    const std::string seen = alice.passed_on();
    CHECK(has(seen, hint));
    CHECK(seen.find("urn:xmpp:hints") == seen.rfind("urn:xmpp:hints"));
  }
}

TEST_CASE("hints: the others pass") {
  LoggedIn alice;
  const auto* message = alice.sends<core::Message>(
      "<message to='bob@example.org' id='1'><body>x</body><no-copy xmlns='urn:xmpp:hints'/>"
      "<store xmlns='urn:xmpp:hints'/></message>");
  REQUIRE(message != nullptr);
  CHECK(message->keep);
  CHECK(has(alice.passed_on(), "<no-copy xmlns='urn:xmpp:hints'/><store xmlns='urn:xmpp:hints'/>"));
}

TEST_CASE("hints: what another wire doesn't want kept") {
  LoggedIn alice;
  core::Message message;
  message.bodies.push_back({"", "hi"});
  CHECK_FALSE(has(alice.peer.deliver(from_bob(message)), "urn:xmpp:hints"));
  message.keep = false;
  CHECK(has(alice.peer.deliver(from_bob(message)), "<no-store xmlns='urn:xmpp:hints'/>"));
}
