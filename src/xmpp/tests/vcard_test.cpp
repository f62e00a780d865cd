#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const std::string kCard =
    "<vCard xmlns='vcard-temp'><FN>Peter Saint-Andre</FN><NICKNAME>stpeter</NICKNAME><N><FAMILY>Saint-Andre</FAMILY>"
    "</N><TEL><WORK/><VOICE/><NUMBER/></TEL><TEL><HOME/><VOICE/><NUMBER>303-555-1212</NUMBER></TEL>"
    "<EMAIL><INTERNET/><PREF/><USERID>stpeter@jabber.org</USERID></EMAIL></vCard>";

const std::string kGet = "<iq id='v1' type='get'><vCard xmlns='vcard-temp'/></iq>";
const std::string kGetBob = "<iq id='v3' to='bob@example.org' type='get'><vCard xmlns='vcard-temp'/></iq>";

std::string answer_with(const std::string& content) {
  return canon("<iq type='result' to='alice@example.org/balcony' id='v1'>" + content + "</iq>");
}

core::ProfileFound found(core::Profile profile) {
  return {std::move(profile)};
}

}  // namespace

TEST_CASE("vcard: XEP-0054 example 4 and 1, set and got back as it was") {
  LoggedIn alice;
  REQUIRE(alice.asks<core::GetProfile>("<iq id='v2' type='set'>" + kCard + "</iq>") != nullptr);
  alice.peer.reply(found({}));
  const auto* set = alice.peer.last<core::SetProfile>();
  REQUIRE(set != nullptr);
  const core::Profile profile = set->profile;
  CHECK(profile.name == "Peter Saint-Andre");
  CHECK(profile.email == "stpeter@jabber.org");
  CHECK(profile.phone == "303-555-1212");
  CHECK(canon(alice.peer.reply(core::Done{})) == canon("<iq type='result' to='alice@example.org/balcony' id='v2'/>"));
  REQUIRE(alice.asks<core::GetProfile>(kGet) != nullptr);
  CHECK(canon(alice.peer.reply(found(profile))) == answer_with(kCard));
}

TEST_CASE("vcard: XEP-0054 example 3, none yet") {
  LoggedIn alice;
  alice.peer.feed(kGet);
  CHECK(canon(alice.peer.reply(core::Refused{Errc::not_found, ""})) == answer_with("<vCard xmlns='vcard-temp'/>"));
  alice.peer.feed(kGet);
  CHECK(canon(alice.peer.reply(found({}))) == answer_with("<vCard xmlns='vcard-temp'/>"));
  alice.peer.feed(kGet);
  CHECK(has(alice.peer.reply(core::Refused{Errc::unavailable, ""}), "resource-constraint"));
}

TEST_CASE("vcard: made of what another wire knows") {
  LoggedIn alice;
  alice.peer.feed(kGet);
  core::Profile profile;
  profile.name = "Alice";
  profile.email = "alice@example.com";
  profile.phone = "+1 303";
  CHECK(canon(alice.peer.reply(found(profile))) ==
        answer_with("<vCard xmlns='vcard-temp'><FN>Alice</FN><EMAIL><USERID>alice@example.com</USERID></EMAIL>"
                    "<TEL><NUMBER>+1 303</NUMBER></TEL></vCard>"));
}

TEST_CASE("vcard: what another wire has changed since it was set goes before it") {
  LoggedIn alice;
  core::Profile profile;
  profile.name = "Peter";
  profile.email = "stpeter@jabber.org";
  profile.annex.push_back({core::Wire::xmpp, "vcard-temp", kCard});
  alice.peer.feed(kGet);
  const std::string answer = alice.peer.reply(found(profile));
  CHECK(has(answer, "<FN>Peter</FN>"));
  CHECK_FALSE(has(answer, "Peter Saint-Andre"));
  CHECK(has(answer, "<USERID>stpeter@jabber.org</USERID>"));
  CHECK(has(answer, "<NICKNAME>stpeter</NICKNAME>"));
  CHECK_FALSE(has(answer, "303-555-1212"));
}

TEST_CASE("vcard: what the other wires keep stays when it is set") {
  LoggedIn alice;
  core::Profile before;
  before.name = "Old";
  before.annex.push_back({core::Wire::xmpp, "vcard-temp", "<vCard xmlns='vcard-temp'><FN>Old</FN></vCard>"});
  before.annex.push_back({core::Wire::sip, "card", "x"});
  alice.asks<core::GetProfile>("<iq id='v2' type='set'><vCard xmlns='vcard-temp'><NICKNAME>al</NICKNAME></vCard></iq>");
  alice.peer.reply(found(before));
  const auto* set = alice.peer.last<core::SetProfile>();
  REQUIRE(set != nullptr);
  CHECK(set->profile.name == "al");
  REQUIRE(set->profile.annex.size() == 2);
  CHECK_FALSE(has(set->profile.annex[0].bytes, "Old"));
  CHECK(set->profile.annex[1] == core::AnnexItem{core::Wire::sip, "card", "x"});
}

TEST_CASE("vcard: XEP-0054 example 7 and 8, somebody else's") {
  LoggedIn alice;
  const auto* get = alice.asks<core::GetProfile>(kGetBob);
  REQUIRE(get != nullptr);
  CHECK(get->of == Address{"bob", "example.org", ""});
  core::Profile profile;
  profile.name = "Bob";
  CHECK(canon(alice.peer.reply(found(profile))) ==
        canon("<iq type='result' from='bob@example.org' to='alice@example.org/balcony' id='v3'>"
              "<vCard xmlns='vcard-temp'><FN>Bob</FN></vCard></iq>"));
}

TEST_CASE("vcard: XEP-0054 example 9, no card and no such account look the same") {
  LoggedIn alice;
  alice.peer.feed(kGetBob);
  const std::string none = alice.peer.reply(found({}));
  alice.peer.feed(kGetBob);
  CHECK(alice.peer.reply(core::Refused{Errc::not_found, ""}) == none);
  CHECK(has(none, "item-not-found"));
}

TEST_CASE("vcard: nobody sets another's") {
  LoggedIn alice;
  const std::string answer = alice.peer.feed("<iq id='v2' to='bob@example.org' type='set'>" + kCard + "</iq>");
  CHECK(has(answer, "<error type='auth'><forbidden"));
  CHECK(alice.peer.commands.empty());
}
