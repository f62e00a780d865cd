#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

MsgId id_of(unsigned char n) {
  MsgId id;
  id.bytes[15] = n;
  return id;
}

core::ArchivedEvent archived(unsigned char n, const std::string& text) {
  core::Message message;
  message.bodies.push_back({"", text});
  core::Event event = from_bob(message);
  event.id = id_of(n);
  event.at = {1'278'803'305'000};
  return {std::make_shared<const core::Event>(std::move(event)), n};
}

std::string query(const std::string& inside, const std::string& id = "juliet1") {
  return "<iq type='set' id='" + id + "'><query xmlns='urn:xmpp:mam:2' queryid='f27'>" + inside + "</query></iq>";
}
std::string form(const std::string& fields) {
  return query(
      "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' "
      "type='hidden'><value>urn:xmpp:mam:2</value></field>" +
      fields + "</x>");
}
std::string field(const std::string& name, const std::string& value) {
  return "<field var='" + name + "'><value>" + value + "</value></field>";
}

const core::ArchiveQuery* asked(LoggedIn& alice, const std::string& text) {
  alice.peer.flushed();  // what the last one brought has left
  const auto* query = alice.asks<core::QueryArchive>(text);
  return query == nullptr ? nullptr : &query->query;
}

}  // namespace

TEST_CASE("archive: XEP-0313 examples 3 to 5, a query and its results") {
  LoggedIn alice;
  const auto* wanted = asked(alice, query(""));
  REQUIRE(wanted != nullptr);
  CHECK(wanted->limit == 100);
  CHECK(wanted->with.empty());
  const std::string said =
      alice.peer.reply(core::ArchivePage{{archived(1, "Hail to thee"), archived(2, "Hail")}, true, {}});
  const std::string bob = "from='bob@example.org/phone' to='alice@example.org'";
  CHECK(
      canon(said) ==
      canon("<message from='alice@example.org' to='alice@example.org/balcony'>"
            "<result xmlns='urn:xmpp:mam:2' id='00000000-0000-0000-0000-000000000001' queryid='f27'>"
            "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25.000Z'/>"
            "<message xmlns='jabber:client' " +
            bob +
            " id='c1' type='chat'><body>Hail to thee</body>"
            "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@example.org' "
            "id='00000000-0000-0000-0000-000000000001'/></message>"
            "</forwarded></result></message>"
            "<message from='alice@example.org' to='alice@example.org/balcony'>"
            "<result xmlns='urn:xmpp:mam:2' id='00000000-0000-0000-0000-000000000002' queryid='f27'>"
            "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25.000Z'/>"
            "<message xmlns='jabber:client' " +
            bob +
            " id='c1' type='chat'><body>Hail</body>"
            "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@example.org' "
            "id='00000000-0000-0000-0000-000000000002'/></message>"
            "</forwarded></result></message>"
            "<iq type='result' to='alice@example.org/balcony' id='juliet1'><fin xmlns='urn:xmpp:mam:2' complete='true'>"
            "<set xmlns='http://jabber.org/protocol/rsm'><first>00000000-0000-0000-0000-000000000001</first>"
            "<last>00000000-0000-0000-0000-000000000002</last></set></fin></iq>"));
}

TEST_CASE("archive: XEP-0313 examples 6 to 9, by person, time and place") {
  LoggedIn alice;
  const auto* with = asked(alice, form(field("with", "Juliet@Example.org/desk")));
  REQUIRE(with != nullptr);
  CHECK(to_string(with->with) == "juliet@example.org/desk");
  alice.peer.reply(core::ArchivePage{});
  const auto* span = asked(alice, form(field("start", "2010-06-07T00:00:00Z") + field("end", "2010-07-07T13:23:54Z")));
  REQUIRE(span != nullptr);
  CHECK(span->start.ms == 1'275'868'800'000);
  CHECK(span->end.ms == 1'278'509'034'000);
  alice.peer.reply(core::ArchivePage{});
  const auto* between =
      asked(alice, form(field("after-id", to_string(id_of(1))) + field("before-id", to_string(id_of(9)))));
  REQUIRE(between != nullptr);
  CHECK(between->after_too == id_of(1));
  CHECK(between->before_too == id_of(9));
  alice.peer.reply(core::ArchivePage{});
  const auto* ids = asked(alice, form("<field var='ids'><value>" + to_string(id_of(4)) + "</value><value>" +
                                      to_string(id_of(5)) + "</value></field>"));
  REQUIRE(ids != nullptr);
  CHECK(ids->ids == std::vector<MsgId>{id_of(4), id_of(5)});
}

TEST_CASE("archive: XEP-0313 examples 14 to 20, pages") {
  LoggedIn alice;
  const auto set = [](const std::string& inside) {
    return query("<set xmlns='http://jabber.org/protocol/rsm'>" + inside + "</set>");
  };
  const auto* next = asked(alice, set("<max>10</max><after>" + to_string(id_of(3)) + "</after>"));
  REQUIRE(next != nullptr);
  CHECK(next->limit == 10);
  CHECK(next->after == id_of(3));
  CHECK_FALSE(next->backward);
  CHECK(has(alice.peer.reply(core::ArchivePage{{archived(4, "x")}, false, {}}), "<fin xmlns='urn:xmpp:mam:2'><set"));
  const auto* last = asked(alice, set("<max>10</max><before/>"));
  REQUIRE(last != nullptr);
  CHECK(last->backward);
  CHECK(last->before.empty());
  alice.peer.reply(core::ArchivePage{});
  const auto* back = asked(alice, set("<max>10</max><before>" + to_string(id_of(3)) + "</before>"));
  REQUIRE(back != nullptr);
  CHECK(back->backward);
  CHECK(back->before == id_of(3));
  alice.peer.reply(core::ArchivePage{});
  const auto* count = asked(alice, set("<max>0</max>"));
  REQUIRE(count != nullptr);
  CHECK(count->count);
  CHECK(has(alice.peer.reply(core::ArchivePage{{}, false, 1234}), "<count>1234</count>"));
  asked(alice, query("<flip-page/>"));
  const std::string flipped =
      alice.peer.reply(core::ArchivePage{{archived(1, "first"), archived(2, "second")}, true, {}});
  CHECK(flipped.find("second") < flipped.find("first"));
  CHECK(has(flipped, "<first>00000000-0000-0000-0000-000000000001</first>"));
}

TEST_CASE("archive: questions that cannot be answered") {
  LoggedIn alice;
  const auto error = [&](const std::string& text) { return alice.peer.feed(text); };
  CHECK(has(error(form(field("after-id", "28482-98726-73623"))), "item-not-found"));
  CHECK(has(error(query("<set xmlns='http://jabber.org/protocol/rsm'><before>x</before></set>")), "item-not-found"));
  CHECK(has(error(query("<set xmlns='http://jabber.org/protocol/rsm'><max>many</max></set>")), "bad-request"));
  CHECK(has(error(query("<set xmlns='http://jabber.org/protocol/rsm'><index>3</index></set>")),
            "feature-not-implemented"));
  CHECK(has(error(form(field("start", "yesterday"))), "bad-request"));
  CHECK(has(error(form(field("with", "@"))), "jid-malformed"));
  CHECK(has(error(form(field("{http://example.com/}free-text-search", "x"))), "feature-not-implemented"));
  CHECK(has(error(form(field("include-groupchat", "maybe"))), "bad-request"));
  CHECK(has(error(query("<x xmlns='jabber:x:data' type='submit'><field var='with'><value>a@b</value></field></x>")),
            "bad-request"));
  CHECK(has(error("<iq type='set' id='q' to='bob@example.org'><query xmlns='urn:xmpp:mam:2'/></iq>"),
            "service-unavailable"));
  CHECK(asked(alice, query("")) != nullptr);
  CHECK(has(alice.peer.reply(core::Refused{Errc::not_found, {}}), "item-not-found"));
  // Nobody else tells what is in an archive.
  CHECK(
      has(error("<message to='bob@example.org' id='f'><result xmlns='urn:xmpp:mam:2' id='1'/><body>x</body></message>"),
          "forbidden"));
}

TEST_CASE("archive: one page after the other, as the client takes them") {
  LoggedIn alice;
  alice.peer.feed(query("", "q1") + query("", "q2") + query("", "q3"));
  CHECK(alice.peer.commands.size() == 1);
  CHECK(has(alice.peer.reply(core::ArchivePage{{archived(1, "x")}, true, {}}), "id='q1'"));
  CHECK(alice.peer.commands.empty());  // it has not left yet
  alice.peer.flushed();
  CHECK(alice.peer.commands.size() == 1);
  CHECK(has(alice.peer.reply(core::ArchivePage{}), "id='q2'"));
  alice.peer.flushed();
  CHECK(has(alice.peer.reply(core::ArchivePage{}), "id='q3'"));
}

TEST_CASE("archive: with stream management a page waits for acknowledgements") {
  Config config;
  config.unacked_stanzas = 6;
  LoggedIn alice(config);
  alice.peer.feed("<enable xmlns='urn:xmpp:sm:3'/>");
  alice.peer.commands.clear();
  alice.peer.feed(query("", "q1") + query("", "q2"));
  std::vector<core::ArchivedEvent> page;
  for (unsigned char n = 1; n < 4; ++n) page.push_back(archived(n, "x"));
  CHECK(has(alice.peer.reply(core::ArchivePage{page, true, {}}), "id='q1'"));
  for (const auto& submit : alice.peer.commands)
    CHECK_FALSE(std::holds_alternative<core::QueryArchive>(submit.command));
  alice.peer.commands.clear();
  alice.peer.feed("<a xmlns='urn:xmpp:sm:3' h='4'/>");
  CHECK(alice.peer.last<core::QueryArchive>() != nullptr);
}

TEST_CASE("archive: XEP-0313 examples 11, 21 and 22, its form and its ends") {
  LoggedIn alice;
  const std::string offered = alice.peer.feed("<iq type='get' id='form1'><query xmlns='urn:xmpp:mam:2'/></iq>");
  for (const char* name : {"with", "start", "end", "before-id", "after-id", "ids", "include-groupchat"}) {
    CHECK(has(offered, std::string("var='") + name + "'"));
  }
  CHECK(has(offered, "<open/>"));
  const std::string get = "<iq type='get' id='m'><metadata xmlns='urn:xmpp:mam:2'/></iq>";
  CHECK(alice.asks<core::GetArchiveEnds>(get) != nullptr);
  CHECK(has(alice.peer.reply(core::ArchiveEnds{}), "<metadata xmlns='urn:xmpp:mam:2'/>"));
  alice.asks<core::GetArchiveEnds>(get);
  const std::string ends = alice.peer.reply(core::ArchiveEnds{archived(1, "a").event, archived(2, "b").event});
  CHECK(has(ends, "<start id='00000000-0000-0000-0000-000000000001' timestamp='2010-07-10T23:08:25.000Z'/>"));
  CHECK(has(ends, "<end id='00000000-0000-0000-0000-000000000002'"));
  const std::string disco = alice.peer.feed(
      "<iq type='get' id='d' to='alice@example.org'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  CHECK(has(disco, "urn:xmpp:mam:2'"));
  CHECK(has(disco, "urn:xmpp:mam:2#extended"));
}

TEST_CASE("archive: XEP-0441 examples 1 to 5, preferences") {
  LoggedIn alice;
  const std::string get = "<iq type='get' id='juliet2'><prefs xmlns='urn:xmpp:mam:2'/></iq>";
  CHECK(alice.asks<core::GetArchivePreferences>(get) != nullptr);
  CHECK(has(alice.peer.reply(core::ArchivePreferencesFound{}),
            "<prefs xmlns='urn:xmpp:mam:2' default='always'><always/><never/></prefs>"));
  const std::string prefs =
      "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>romeo@montague.lit</jid></always>"
      "<never><jid>montague@montague.lit</jid></never></prefs>";
  const auto* set = alice.asks<core::SetArchivePreferences>("<iq type='set' id='juliet3'>" + prefs + "</iq>");
  REQUIRE(set != nullptr);
  CHECK(set->preferences.others == core::ArchivePreferences::Default::roster);
  CHECK(to_string(set->preferences.always[0]) == "romeo@montague.lit");
  CHECK(to_string(set->preferences.never[0]) == "montague@montague.lit");
  CHECK(has(alice.peer.reply(core::Done{}), prefs));
  const auto error = [&](const std::string& inside) {
    return alice.peer.feed("<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2'" + inside + "</iq>");
  };
  CHECK(has(error(" default='sometimes'/>"), "bad-request"));
  CHECK(has(error("/>"), "bad-request"));
  CHECK(has(error(" default='never'><always><jid>@</jid></always></prefs>"), "jid-malformed"));
}
