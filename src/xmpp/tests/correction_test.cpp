#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("correction: XEP-0308 example 3") {
  LoggedIn alice;
  const auto* edit = alice.sends<core::Edit>(
      "<message to='bob@example.org' id='good1' type='chat'>"
      "<replace id='bad1' xmlns='urn:xmpp:message-correct:0'/>"
      "<body>But soft, what light through yonder window breaks?</body></message>");
  REQUIRE(edit != nullptr);
  CHECK(edit->about == "bad1");
  REQUIRE(edit->content.bodies.size() == 1);
  CHECK(edit->content.bodies[0].text == "But soft, what light through yonder window breaks?");
  CHECK(alice.peer.commands.size() == 1);
  const std::string seen = alice.passed_on();
  CHECK(has(seen, "<replace xmlns='urn:xmpp:message-correct:0' id='bad1'/>"));
  CHECK(has(seen, "<body>But soft"));
  CHECK(has(seen, "id='good1'"));
}

TEST_CASE("correction: of nothing") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed("<message to='bob@example.org' id='a'><replace xmlns='urn:xmpp:message-correct:0'/>"
                            "<body>x</body></message>"),
            "bad-request"));
}

TEST_CASE("correction: asks for a receipt as its message did") {
  LoggedIn alice;
  alice.sends<core::Edit>(
      "<message to='bob@example.org' id='good1' type='chat'><body>x</body><request xmlns='urn:xmpp:receipts'/>"
      "<replace id='bad1' xmlns='urn:xmpp:message-correct:0'/></message>");
  CHECK(has(alice.passed_on(), "<request xmlns='urn:xmpp:receipts'/>"));
}
