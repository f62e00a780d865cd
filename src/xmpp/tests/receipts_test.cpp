#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("receipts: XEP-0184 example 3, a message that asks") {
  LoggedIn alice;
  const auto* message = alice.sends<core::Message>(
      "<message to='bob@example.org' id='richard2-4.1.247' type='chat'><body>My lord</body>"
      "<request xmlns='urn:xmpp:receipts'/></message>");
  REQUIRE(message != nullptr);
  CHECK(message->wants == core::Ask::delivered);
  const std::string seen = alice.passed_on();
  CHECK(has(seen, "<request xmlns='urn:xmpp:receipts'/>"));
  CHECK(has(seen, "id='richard2-4.1.247'"));
}

TEST_CASE("receipts: XEP-0184 example 4, the receipt") {
  LoggedIn alice;
  const auto* receipt = alice.sends<core::Receipt>(
      "<message to='bob@example.org/phone' id='bi29sg183b4v'>"
      "<received xmlns='urn:xmpp:receipts' id='richard2-4.1.247'/></message>");
  REQUIRE(receipt != nullptr);
  CHECK(*receipt == core::Receipt{core::Receipt::Kind::delivered, {"richard2-4.1.247"}});
  CHECK(has(alice.passed_on(), "<received xmlns='urn:xmpp:receipts' id='richard2-4.1.247'/>"));
}

TEST_CASE("receipts: without an id there is nothing to confirm") {
  LoggedIn alice;
  CHECK(
      has(alice.peer.feed("<message to='bob@example.org'><body>x</body><request xmlns='urn:xmpp:receipts'/></message>"),
          "bad-request"));
  CHECK(has(alice.peer.feed("<message to='bob@example.org' id='a'><received xmlns='urn:xmpp:receipts'/></message>"),
            "bad-request"));
}

TEST_CASE("receipts: from another wire") {
  LoggedIn alice;
  core::Message message;
  message.bodies.push_back({"", "hi"});
  CHECK_FALSE(has(alice.peer.deliver(from_bob(message)), "urn:xmpp:receipts"));
  message.wants = core::Ask::delivered;
  CHECK(has(alice.peer.deliver(from_bob(message)), "<request xmlns='urn:xmpp:receipts'/>"));
  const std::string seen = alice.peer.deliver(from_bob(core::Receipt{core::Receipt::Kind::delivered, {"m1"}}));
  CHECK(has(seen, "<received xmlns='urn:xmpp:receipts' id='m1'/>"));
  CHECK_FALSE(has(seen, "displayed"));
}
