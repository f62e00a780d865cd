// What a message carries beside its text: answers, links, application data, encrypted payloads.
#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("replies: XEP-0461 examples 3 and 4") {
  LoggedIn alice;
  const auto* message = alice.sends<core::Message>(
      "<message to='bob@example.org' id='message-id3' type='chat'><body>&gt; cake\nGreat idea!</body>"
      "<reply to='bob@example.org/laptop' id='message-id1' xmlns='urn:xmpp:reply:0'/>"
      "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='7'/></fallback></message>");
  REQUIRE(message != nullptr);
  CHECK(message->re == "message-id1");
  const std::string seen = alice.passed_on();
  CHECK(has(seen, "<reply xmlns='urn:xmpp:reply:0' to='bob@example.org/laptop' id='message-id1'/>"));
  CHECK(has(seen, "<body start='0' end='7'/></fallback>"));
  CHECK(has(
      alice.peer.feed("<message to='bob@example.org' id='a'><reply xmlns='urn:xmpp:reply:0'/><body>x</body></message>"),
      "bad-request"));
}

TEST_CASE("links: XEP-0066 example 3") {
  LoggedIn alice;
  const auto* message = alice.sends<core::Message>(
      "<message to='bob@example.org'><body>Yeah, but do you have a license to Jabber?</body><x xmlns='jabber:x:oob'>"
      "<url>http://www.jabber.org/images/psa-license.jpg</url><desc>A license</desc></x></message>");
  REQUIRE(message != nullptr);
  REQUIRE(message->media.size() == 1);
  CHECK(message->media[0].url == "http://www.jabber.org/images/psa-license.jpg");
  CHECK(message->media[0].name == "A license");
  CHECK(has(alice.passed_on(),
            "<x xmlns='jabber:x:oob'><url>http://www.jabber.org/images/psa-license.jpg</url>"
            "<desc>A license</desc></x>"));
  CHECK(
      has(alice.peer.feed("<message to='bob@example.org' id='a'><x xmlns='jabber:x:oob'/></message>"), "bad-request"));
}

TEST_CASE("application data: XEP-0335, as rulings.md puts it") {
  LoggedIn alice;
  const auto* message = alice.sends<core::Message>(
      "<message to='bob@example.org'><body>3 days off?</body><json xmlns='urn:xmpp:json:0'>"
      "{\"app\":\"approval\", \"data\":{\"form\":\"leave\",\"days\":2.50}}</json></message>");
  REQUIRE(message != nullptr);
  CHECK(message->app.app == "approval");
  CHECK(message->app.data == "{\"form\":\"leave\",\"days\":2.50}");
  CHECK(has(alice.passed_on(), "{\"app\":\"approval\",\"data\":{\"form\":\"leave\",\"days\":2.50}}</json>"));
  // Whatever else is in such an element is the clients' own.
  for (const char* other : {"{\"name\":\"romeo\"}", "{\"app\":\"a\",\"data\":1,\"more\":2}", "[1]", "{broken"}) {
    const auto* own = alice.sends<core::Message>("<message to='bob@example.org'><json xmlns='urn:xmpp:json:0'>" +
                                                 std::string(other) + "</json></message>");
    REQUIRE(own != nullptr);
    CHECK(own->app.app.empty());
    CHECK(has(alice.passed_on(), "<json xmlns='urn:xmpp:json:0'>" + std::string(other) + "</json>"));
  }
}

TEST_CASE("encrypted payloads: XEP-0380 example 1 and XEP-0384's, carried untouched") {
  LoggedIn alice;
  const std::string hint = "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:otr:0'/>";
  const std::string payload =
      "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='27183'><key rid='31415'>BASE64</key></header>"
      "<payload>BASE64</payload></encrypted>";
  const auto* message =
      alice.sends<core::Message>("<message to='bob@example.org' type='chat'><body>This message is encrypted.</body>" +
                                 hint + payload + "</message>");
  REQUIRE(message != nullptr);
  CHECK(has(alice.passed_on(), hint + payload));
  const auto* bare = alice.sends<core::Message>("<message to='bob@example.org' type='chat'>" + payload + "</message>");
  REQUIRE(bare != nullptr);
  CHECK(bare->keep);
  CHECK(has(alice.passed_on(), payload));
}
