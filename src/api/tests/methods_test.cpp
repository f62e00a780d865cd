#include "methods_world.h"

using namespace confab;
using namespace confab::api;

TEST_CASE("the table: each method once, with an example that it takes") {
  std::vector<std::string_view> names;
  for (const Method& method : methods().all()) {
    CAPTURE(std::string(method.name));
    CHECK(std::find(names.begin(), names.end(), method.name) == names.end());
    names.push_back(method.name);
    CHECK(method.name.find('.') != std::string_view::npos);
    CHECK_FALSE(method.about.empty());
    CHECK_FALSE(method.result.empty());
    CHECK((method.scope == "msg" || method.scope == "account"));
    const Result<Members> example = Members::read(method.example);
    REQUIRE(example.has_value());
    CHECK(check(method, *example).has_value());
    Called called(method.name, method.example);
    CHECK_FALSE(called.failure().has_value());
    const bool takes_cid = std::any_of(method.parameters.begin(), method.parameters.end(),
                                       [](const Parameter& one) { return one.name == "cid"; });
    CHECK(takes_cid == method.changes);
  }
  CHECK(names.size() == 24);
  CHECK(methods().find("friend.kiss") == nullptr);
}

TEST_CASE("errors name the parameter") {
  CHECK(error_of("no.such", "{}") == R"({"status":-1,"error":"not_found","message":"no such method"})");
  CHECK(error_of("friend.add", R"({"jid":"bob","x":1})") ==
        R"({"status":-1,"error":"bad_payload","message":"unknown parameter: x"})");
  CHECK(error_of("friend.add", "{}") == R"({"status":-1,"error":"bad_payload","message":"missing parameter: jid"})");
  CHECK(error_of("friend.add", R"({"jid":null})") ==
        R"({"status":-1,"error":"bad_payload","message":"missing parameter: jid"})");
  CHECK(error_of("friend.add", R"({"jid":1})") == R"({"status":-1,"error":"bad_payload","message":"jid: not a text"})");
  CHECK(error_of("friend.list", R"({"version":"1"})") ==
        R"({"status":-1,"error":"bad_payload","message":"version: not a number"})");
  CHECK(error_of("friend.list", R"({"version":1.5})") == R"({"status":-1,"error":"bad_payload","message":"version"})");
  CHECK(error_of("friend.add", R"({"jid":"bob","jid":"eve"})").find("bad_payload") != std::string::npos);
  CHECK(error_of("friend.add", "[]").find("bad_payload") != std::string::npos);
  CHECK(error_of("friend.add", "{\"jid\":" + std::string(100'000, '[')).find("too_big") != std::string::npos);
  CHECK(error_of("friend.add", R"({"jid":"@"})") == R"({"status":-1,"error":"bad_address","message":"jid"})");
}

namespace {

const std::string kBobsPresence =
    R"({"jid":"bob@example.org","status":"away","priority":1,"signature":"off","listening":"FM","text":"lunch","since":5})";

core::EventPtr bobs_presence() {
  core::Event event;
  event.from = kBob;
  event.body = core::Presence{
      .status = core::Status::away, .priority = 1, .signature = {{"", "off"}}, .listening = "FM", .since = {5}};
  event.annex = {{core::Wire::mqtt, "text", "lunch"}};
  return std::make_shared<const core::Event>(std::move(event));
}

}  // namespace

TEST_CASE("presence.get: of one, or of all that one may see") {
  Called one("presence.get", R"({"jid":"bob"})");
  one.asks<core::GetPresences>(core::PresencesFound{{bobs_presence()}});
  CHECK(one.answer() == R"({"status":0,"result":)" + kBobsPresence + "}");
  Called all("presence.get", "{}");
  all.asks<core::GetPresences>(core::PresencesFound{{bobs_presence()}});
  CHECK(all.answer() == R"({"status":0,"result":{"presences":[)" + kBobsPresence + "]}}");
  Called stranger("presence.get", R"({"jid":"eve"})");
  stranger.asks<core::GetPresences>(core::PresencesFound{{bobs_presence()}});
  CHECK(stranger.failure() == Errc::not_found);
}

TEST_CASE("friend.list: the roster, who asks, who is blocked") {
  Called called("friend.list", R"({"version":3})");
  core::RosterItem bob, gone, asking;
  bob.peer = kBob;
  bob.name = "Bob";
  bob.to = bob.from = true;
  gone.peer = {"carol", "example.org", {}};
  gone.deleted = true;
  gone.listed = false;
  asking.peer = {"dave", "example.org", {}};
  asking.listed = false;
  asking.pending_in = true;
  asking.request = {{"", "hi"}};
  const auto asked = called.asks<core::GetRoster>(core::RosterItems{{bob, gone, asking}, 7, false});
  CHECK(asked.version == 3);
  CHECK(asked.requests);
  called.asks<core::GetBlocks>(core::BlockedPeers{{{"eve", "example.org", {}}}});
  called.asks<core::GetPresences>(core::PresencesFound{{bobs_presence()}});
  CHECK(called.answer() ==
        R"({"status":0,"result":{"version":7,"full":false,"items":[)"
        R"({"jid":"bob@example.org","name":"Bob","groups":[],"sub":"both","dept":"","presence":)" +
            kBobsPresence +
            R"(,"subscription":"both"},{"jid":"carol@example.org","sub":"remove","subscription":"remove"}],)"
            R"("requests":[{"jid":"dave@example.org","note":"hi"}],"blocked":["eve@example.org"]}})");
  CHECK_FALSE(Called("friend.list", "{}").asks<core::GetRoster>().version.has_value());
}

TEST_CASE("friend.add: into the roster, approved beforehand, and asked") {
  Called called("friend.add", R"({"jid":"bob","groups":["A","A"],"note":"me","cid":"c"})");
  CHECK(called.asks<core::GetProfile>(core::ProfileFound{}).of == kBob);
  const auto item = called.asks<core::SetRosterItem>(core::Done{});
  CHECK(item.peer == kBob);
  CHECK(item.keep_name);
  CHECK_FALSE(item.keep_groups);
  CHECK(item.groups == std::vector<std::string>{"A"});
  const auto step = [](const core::Subscribe& command) { return std::get<core::Subscription>(command.event.body); };
  CHECK(step(called.asks<core::Subscribe>(core::Done{})).step == core::Subscription::Step::subscribed);
  const auto asked = step(called.asks<core::Subscribe>(core::Done{}));
  CHECK(asked.step == core::Subscription::Step::subscribe);
  CHECK(asked.note[0].text == "me");
  CHECK(called.answer() == kTrue);
  Called nobody("friend.add", R"({"jid":"nobody"})");
  nobody.asks<core::GetProfile>(refusal(Errc::not_found));
  CHECK(nobody.failure() == Errc::not_found);
  CHECK(Called("friend.add", R"({"jid":"alice"})").failure() == Errc::forbidden);
  Called("friend.add", R"({"jid":"bob@elsewhere.org"})").asks<core::SetRosterItem>();
  CHECK(Called("friend.add", R"({"jid":"bob","groups":[""]})").failure() == Errc::bad_payload);
}

TEST_CASE("friend.accept is mutual, and only for who asked; friend.decline, too") {
  core::RosterItem asking;
  asking.peer = kBob;
  asking.pending_in = true;
  asking.listed = false;
  const auto step = [](const core::Subscribe& command) {
    return std::get<core::Subscription>(command.event.body).step;
  };
  Called accepted("friend.accept", R"({"jid":"bob","name":"Bobby"})");
  accepted.asks<core::GetRoster>(core::RosterItems{{asking}, 1, true});
  CHECK(step(accepted.asks<core::Subscribe>(core::Done{})) == core::Subscription::Step::subscribed);
  CHECK(accepted.asks<core::SetRosterItem>(core::Done{}).name == "Bobby");
  CHECK(step(accepted.asks<core::Subscribe>(core::Done{})) == core::Subscription::Step::subscribe);
  CHECK(accepted.answer() == kTrue);
  Called declined("friend.decline", R"({"jid":"bob"})");
  declined.asks<core::GetRoster>(core::RosterItems{{asking}, 1, true});
  CHECK(step(declined.asks<core::Subscribe>(core::Done{})) == core::Subscription::Step::unsubscribed);
  CHECK(declined.answer() == kTrue);
  Called nobody("friend.accept", R"({"jid":"bob"})");
  nobody.asks<core::GetRoster>(core::RosterItems{});
  CHECK(nobody.answer() == R"({"status":-1,"error":"not_found","message":"no request"})");
}

TEST_CASE("friend.remove, .move, .block, .unblock") {
  CHECK(Called("friend.remove", R"({"jid":"bob"})").asks<core::RemoveRosterItem>(core::Done{}).peer == kBob);
  Called moved("friend.move", R"({"jid":"bob","groups":["Work"]})");
  const auto item = moved.asks<core::SetRosterItem>(core::Done{});
  CHECK(item.only_known);
  CHECK(item.keep_name);
  CHECK(moved.answer() == kTrue);
  CHECK(Called("friend.move", R"({"jid":"bob"})").failure() == Errc::bad_payload);
  CHECK(Called("friend.block", R"({"jid":"bob"})").asks<core::Block>().peers == std::vector<Address>{kBob});
  CHECK(Called("friend.block", R"({"jid":"alice"})").failure() == Errc::forbidden);
  CHECK(Called("friend.unblock", R"({"jid":"bob"})").asks<core::Unblock>().peers == std::vector<Address>{kBob});
  Called refused("friend.remove", R"({"jid":"bob"})");
  refused.asks<core::RemoveRosterItem>(refusal(Errc::not_found));
  CHECK(refused.answer() == R"({"status":-1,"error":"not_found","message":""})");
}

TEST_CASE("presence.set: what is given; the rest is as the session last said it") {
  core::Event own;
  own.from = kAlice;
  own.body = core::Presence{.status = core::Status::dnd, .priority = 5, .signature = {{{}, "old"}}};
  const auto presence = std::make_shared<const core::Event>(own);
  const auto set_by = [&presence](std::string_view params) {
    Called called("presence.set", params, presence);
    return called.asks<core::SetPresence>(core::Done{}).event;
  };
  core::Presence now = std::get<core::Presence>(set_by(R"({"signature":"new"})").body);
  CHECK(now.status == core::Status::dnd);
  CHECK(now.priority == 5);
  CHECK(now.signature == std::vector<core::Text>{{"", "new"}});
  const core::Event away = set_by(R"({"status":"away","text":"lunch"})");
  CHECK(std::get<core::Presence>(away.body).status == core::Status::away);
  CHECK(away.annex == core::Annex{{core::Wire::mqtt, "text", "lunch"}});
  CHECK(away.from.empty());
  Called both("presence.set", R"({"status":"online","listening":{"kind":"channel","name":"FM"}})");
  both.asks<core::SetPresence>(core::Done{});
  const auto listening = both.asks<core::SetListening>(core::Done{});
  CHECK(listening.text == "FM");
  CHECK(listening.annex[0].bytes == R"({"kind":"channel"})");
  CHECK(both.answer() == kTrue);
  CHECK(Called("presence.set", R"({"listening":"FM"})").asks<core::SetListening>().text == "FM");
  CHECK(Called("presence.set", R"({"listening":""})").asks<core::SetListening>().text.empty());
  for (const char* wrong : {"{}", R"({"status":"here"})", R"({"priority":200})", R"({"text":"x"})",
                            R"({"listening":5})", R"({"listening":{"name":5}})"}) {
    CAPTURE(wrong);
    CHECK(Called("presence.set", wrong).failure() == Errc::bad_payload);
  }
}

TEST_CASE("sync.since: events as they are told live") {
  Called called("sync.since", R"({"seq":3,"limit":2})");
  core::LogFound log;
  log.rows.push_back({std::make_shared<const core::Event>(event_of(text_message("x"))), 5});
  log.head = 9;
  log.gap = true;
  log.complete = false;
  const auto asked = called.asks<core::ReadLog>(log);
  CHECK(asked.after == 3);
  CHECK(asked.limit == 2);
  const std::string payload = payload_of(event_of(text_message("x")), kToAlice, 5);
  CHECK(called.answer() == R"({"status":0,"result":{"events":[{"topic":"im/u/alice/msg","payload":)" + payload +
                               R"(}],"seq":5,"gap":true,"more":true}})");
  Called none("sync.since", R"({"seq":9})");
  log = {};
  log.head = 9;
  none.asks<core::ReadLog>(log);
  CHECK(none.answer() == R"({"status":0,"result":{"events":[],"seq":9,"gap":false,"more":false}})");
  CHECK(Called("sync.since", R"({"seq":-1})").failure() == Errc::bad_payload);
}

TEST_CASE("user.get and user.update") {
  core::Profile profile{"Bob", "bob@example.org", "1", {{core::Wire::xmpp, "vcard-temp", "<vCard/>"}}};
  profile.annex.push_back({core::Wire::mqtt, "json", R"({"room":"1"})"});
  Called got("user.get", R"({"jid":"bob"})");
  CHECK(got.asks<core::GetProfile>(core::ProfileFound{profile, "-"}).of == kBob);
  CHECK(got.answer() ==
        R"({"status":0,"result":{"jid":"bob@example.org","name":"Bob","email":"bob@example.org","phone":"1",)"
        R"("department":"","fields":{"room":"1"},"avatar":""}})");
  CHECK(Called("user.get", "{}").asks<core::GetProfile>().of == kAlice.bare());
  Called updated("user.update", R"({"name":"Al","fields":{"room":2.50}})");
  updated.asks<core::GetProfile>(core::ProfileFound{profile, {}});
  const core::Profile now = updated.asks<core::SetProfile>(core::Done{}).profile;
  CHECK(now.name == "Al");
  CHECK(now.phone == "1");
  CHECK(now.annex ==
        core::Annex{{core::Wire::xmpp, "vcard-temp", "<vCard/>"}, {core::Wire::mqtt, "json", R"({"room":2.50})"}});
  CHECK(updated.answer() == kTrue);
  CHECK(Called("user.update", R"({"name":")" + std::string(1024, 'n') + "\"}").failure() == Errc::too_big);
}

TEST_CASE("user.change_password asks for the old one") {
  Called changed("user.change_password", R"({"old_password":"a","new_password":"b"})");
  const auto verify = changed.asks<core::VerifyPassword>(core::Done{});
  CHECK(verify.name == "alice");
  CHECK(verify.password == "a");
  CHECK(changed.asks<core::ChangePassword>(core::Done{}).password == "b");
  CHECK(changed.answer() == kTrue);
  Called wrong("user.change_password", R"({"old_password":"x","new_password":"b"})");
  wrong.asks<core::VerifyPassword>(refusal(Errc::not_authorized));
  CHECK(wrong.answer() == R"({"status":-1,"error":"not_authorized","message":"old_password"})");
  CHECK(Called("user.change_password", R"({"old_password":"a","new_password":""})").failure() == Errc::bad_payload);
}

TEST_CASE("session.list and session.kill") {
  Called listed("session.list", "{}");
  core::SessionsFound found;
  found.sessions = {{core::Wire::mqtt, "phone", "192.0.2.7", true, true, {5}, {6}},
                    {core::Wire::none, "old", {}, true, false, {}, {3}}};
  listed.asks<core::GetSessions>(found);
  CHECK(listed.answer() ==
        R"({"status":0,"result":{"sessions":[{"session":"phone","live":true,"device":true,"current":true,)"
        R"("wire":"mqtt","address":"192.0.2.7","since":5,"last_seen":6},)"
        R"({"session":"old","live":false,"device":true,"last_seen":3}]}})");
  Called killed("session.kill", R"({"session":"old","forget":true})");
  const auto command = killed.asks<core::EndSession>(core::Done{});
  CHECK(command.resource == "old");
  CHECK(command.device);
  CHECK(killed.answer() == kTrue);
}
