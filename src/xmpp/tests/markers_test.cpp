#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("markers: XEP-0333 §4, a markable message") {
  LoggedIn alice;
  const auto* message = alice.sends<core::Message>(
      "<message to='bob@example.org' id='message-1' type='chat'><body>My lord</body>"
      "<markable xmlns='urn:xmpp:chat-markers:0'/></message>");
  REQUIRE(message != nullptr);
  CHECK(message->wants == core::Ask::read);
  CHECK(has(alice.passed_on(), "<markable xmlns='urn:xmpp:chat-markers:0'/>"));
}

TEST_CASE("markers: XEP-0333 §4, displayed") {
  LoggedIn alice;
  const auto* receipt = alice.sends<core::Receipt>(
      "<message to='bob@example.org' id='message-2' type='chat'>"
      "<displayed xmlns='urn:xmpp:chat-markers:0' id='message-1'/></message>");
  REQUIRE(receipt != nullptr);
  CHECK(*receipt == core::Receipt{core::Receipt::Kind::read, {"message-1"}});
  CHECK(has(alice.passed_on(), "<displayed xmlns='urn:xmpp:chat-markers:0' id='message-1'/>"));
  CHECK(has(
      alice.peer.feed("<message to='bob@example.org' id='a'><displayed xmlns='urn:xmpp:chat-markers:0'/></message>"),
      "bad-request"));
}

TEST_CASE("markers: what was played was displayed") {
  LoggedIn alice;
  const std::string seen = alice.peer.deliver(from_bob(core::Receipt{core::Receipt::Kind::played, {"m1"}}));
  CHECK(has(seen, "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>"));
  CHECK_FALSE(has(seen, "received"));
}
