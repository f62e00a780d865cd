#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("retraction: XEP-0424 example 4") {
  LoggedIn alice;
  const auto* recall = alice.sends<core::Recall>(
      "<message type='chat' to='bob@example.org' id='retract-message-1'>"
      "<retract id='wrong-recipient-1' xmlns='urn:xmpp:message-retract:1'/>"
      "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"
      "<body>/me retracted a previous message</body><store xmlns='urn:xmpp:hints'/></message>");
  REQUIRE(recall != nullptr);
  CHECK(recall->about == "wrong-recipient-1");
  CHECK(alice.peer.commands.size() == 1);
  const std::string seen = alice.passed_on();
  CHECK(has(seen, "id='retract-message-1'"));
  CHECK(has(seen, "<retract xmlns='urn:xmpp:message-retract:1' id='wrong-recipient-1'/>"));
  CHECK(has(seen, "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"));
  CHECK(has(seen, "<body>/me retracted a previous message</body>"));
  CHECK(has(seen, "<store xmlns='urn:xmpp:hints'/>"));
}

TEST_CASE("retraction: of another wire, with words for clients that do not know it") {
  LoggedIn alice;
  const std::string seen = alice.peer.deliver(from_bob(core::Recall{"m1"}));
  CHECK(has(seen, "<retract xmlns='urn:xmpp:message-retract:1' id='m1'/>"));
  CHECK(has(seen, "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"));
  CHECK(has(seen, "<body>(message withdrawn)</body>"));
}

TEST_CASE("retraction: XEP-0424 example 6, a tombstone stands in the archive and is not sent by itself") {
  LoggedIn alice;
  core::Withdrawn left{
      .kind = core::Message::Kind::chat, .by = {}, .name = "retract-message-1", .at = {1'569'020'972'000}, .about = {}};
  core::Event event = from_bob(left);
  event.id.bytes[0] = 1;
  CHECK(alice.peer.deliver(event, 5).empty());
  CHECK(alice.peer.session->wants_flush());
  alice.asks<core::QueryArchive>("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
  const std::string page =
      alice.peer.reply(core::ArchivePage{{{std::make_shared<const core::Event>(event), 5}}, true, {}});
  CHECK(has(page,
            "<retracted xmlns='urn:xmpp:message-retract:1' id='retract-message-1' stamp='2019-09-20T23:09:32.000Z'/>"));
  CHECK_FALSE(has(page, "<body>"));
}

TEST_CASE("retraction: of nothing, and a tombstone that somebody made") {
  LoggedIn alice;
  CHECK(has(
      alice.peer.feed("<message to='bob@example.org' id='a'><retract xmlns='urn:xmpp:message-retract:1'/></message>"),
      "bad-request"));
  CHECK(has(
      alice.peer.feed("<message to='bob@example.org' id='a'><retracted xmlns='urn:xmpp:message-retract:1'/></message>"),
      "forbidden"));
}

TEST_CASE("retraction: of a message that is not the author's is answered with item-not-found") {
  LoggedIn alice;
  alice.sends<core::Recall>(
      "<message to='bob@example.org' id='r1'><retract id='m9' xmlns='urn:xmpp:message-retract:1'/></message>");
  const std::string error = alice.peer.reply(core::Refused{Errc::no_message, {}});
  CHECK(has(error, "type='error'"));
  CHECK(has(error, "item-not-found"));
}
