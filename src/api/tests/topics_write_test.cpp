#include "api_world.h"

using namespace confab;
using namespace confab::api;

namespace {

// What every envelope from alice to bob begins with, in bob's copy.
const std::string kOpening =
    R"({"v":1,"id":"01985b3e-0000-7000-8000-000000000007","seq":18231,"ts":1795166336123,"conv":"u:alice@example.org",)"
    R"("from":"alice@example.org/phone","to":"bob@example.org","dir":"in","src":"mqtt","cid":"c1",)";

}  // namespace

TEST_CASE("a message: topic and envelope") {
  const std::vector<Outgoing> out = told(event_of(text_message("hello")));
  REQUIRE(out.size() == 1);
  CHECK(out[0].kind == Kind::message);
  CHECK(out[0].topic == "im/u/bob/msg");
  CHECK(out[0].payload == kOpening + R"("type":"text","body":"hello"})");
}

TEST_CASE("one's own copy is told on one's own topic, with the other one as its conversation") {
  CHECK(payload_of(event_of(text_message("hello")), kToAlice, 0) ==
        R"({"v":1,"id":"01985b3e-0000-7000-8000-000000000007","ts":1795166336123,"conv":"u:bob@example.org",)"
        R"("from":"alice@example.org/phone","to":"bob@example.org","dir":"out","src":"mqtt","cid":"c1",)"
        R"("type":"text","body":"hello"})");
  core::Event note = event_of(text_message("to myself"));
  note.to = kAlice.bare();
  const std::string payload = payload_of(note, kToAlice);
  CHECK(payload.find(R"("conv":"u:alice@example.org")") != std::string::npos);
  CHECK(payload.find(R"("dir":"in")") != std::string::npos);
}

TEST_CASE("everything that a message can have") {
  core::Message message = text_message("line\n\"two\"");
  message.bodies[0].lang = "en";
  message.subjects.push_back({"en", "s"});
  message.thread = "t";
  message.re = "x";
  message.media.push_back(
      {.url = "https://e/a.jpg", .mime = "image/jpeg", .name = "a.jpg", .size = 482113, .width = 4032, .height = 3024});
  message.app = {"approval", R"({"form":"leave","days":2})"};
  message.wants = core::Ask::delivered | core::Ask::read;
  message.kind = core::Message::Kind::normal;
  message.keep = false;
  core::Event event = event_of(message);
  event.about = {id_of(3)};
  CHECK(payload_of(event) ==
        kOpening + R"("type":"card","subject":"s","body":"line\n\"two\"","lang":"en","thread":"t",)"
                   R"("media":[{"url":"https://e/a.jpg","mime":"image/jpeg","name":"a.jpg","size":482113,"w":4032,)"
                   R"("h":3024}],"app":"approval","data":{"form":"leave","days":2},"want":["delivered","read"],)"
                   R"("kind":"normal","keep":false,"re":"01985b3e-0000-7000-8000-000000000003"})");
}

TEST_CASE("several languages: the unmarked one stands for all") {
  core::Message message;
  message.bodies = {{"de", "Hallo"}, {{}, "Hello"}};
  message.subjects = {{"de", "Gru\xC3\x9F"}};
  CHECK(payload_of(event_of(message)) ==
        kOpening + R"("type":"text","subject":"Gru)"
                   "\xC3\x9F"
                   R"(","subjects":[{"lang":"de","subject":"Gru)"
                   "\xC3\x9F"
                   R"("}],"body":"Hello","bodies":[{"lang":"de","body":"Hallo"},{"lang":"","body":"Hello"}]})");
}

TEST_CASE("edit, recall, reaction: with the original's id, or its name where it was not found") {
  core::Event edit = event_of(core::Edit{"c0", text_message("better")});
  edit.about = {id_of(3)};
  CHECK(payload_of(edit) == kOpening + R"("type":"text","body":"better","edit":")" + kId3 + "\"}");
  core::Event recall = event_of(core::Recall{"c0"});
  recall.about = {id_of(3)};
  CHECK(payload_of(recall) == kOpening + R"("type":"event","recall":")" + kId3 + "\"}");
  core::Event reaction = event_of(core::Reaction{"c0", {"\xF0\x9F\x91\x8D"}});
  CHECK(payload_of(reaction) == kOpening + R"("type":"event","react":{"id":"c0","set":[")"
                                           "\xF0\x9F\x91\x8D"
                                           R"("]}})");
  const core::Withdrawn left{.kind = {}, .by = id_of(9), .name = "r", .at = {5}, .about = {}};
  CHECK(payload_of(event_of(left)) == kOpening + R"("type":"text","body":"","recall":")" + kId7 + "\"}");
}

TEST_CASE("receipts and read positions") {
  core::Event receipt = event_of(core::Receipt{core::Receipt::Kind::read, {"c0", kId7, kId3}});
  receipt.about = {id_of(3)};
  receipt.cid.clear();
  const std::vector<Outgoing> out = told(receipt);
  REQUIRE(out.size() == 1);
  CHECK(out[0].kind == Kind::receipt);
  CHECK(out[0].topic == "im/u/bob/rcpt");
  CHECK(out[0].payload ==
        R"({"id":"01985b3e-0000-7000-8000-000000000007","seq":18231,"ts":1795166336123,)"
        R"("conv":"u:alice@example.org","from":"alice@example.org/phone","to":"bob@example.org","dir":"in",)"
        R"("src":"mqtt","k":"read","ids":[")" +
            kId3 + "\",\"" + kId7 + R"("],"cids":["c0"]})");
  core::Event marker = event_of(core::ReadMarker{kBob, id_of(3)});
  marker.from = marker.to = kAlice.bare();
  CHECK(payload_of(marker, kToAlice) ==
        R"({"id":"01985b3e-0000-7000-8000-000000000007","seq":18231,"ts":1795166336123,"conv":"u:bob@example.org",)"
        R"("from":"alice@example.org","dir":"out","k":"read","upto":")" +
            kId3 + "\"}");
}

TEST_CASE("typing") {
  const std::vector<Outgoing> out = told(event_of(core::ChatState{core::ChatState::State::composing, "t"}));
  REQUIRE(out.size() == 1);
  CHECK(out[0].topic == "im/u/bob/typing");
  CHECK(out[0].payload ==
        R"({"id":"01985b3e-0000-7000-8000-000000000007","ts":1795166336123,"conv":"u:alice@example.org",)"
        R"("from":"alice@example.org/phone","to":"bob@example.org","dir":"in","src":"mqtt","st":"composing",)"
        R"("thread":"t"})");
}

TEST_CASE("presence: each facet that there is") {
  core::Presence presence{.status = core::Status::away, .priority = 5, .signature = {{{}, "off"}}, .listening = "FM"};
  presence.since = {42};
  core::Event event = event_of(presence);
  event.to = {};
  event.annex = {{core::Wire::mqtt, "text", "lunch"}, {core::Wire::mqtt, "json", R"({"x":1})"}};
  const std::vector<Outgoing> out = told(event, kToBob, 0);
  REQUIRE(out.size() == 3);
  CHECK(out[0].topic == "im/u/alice/presence/status");
  CHECK(out[0].payload == R"({"from":"alice@example.org","ts":1795166336123,"conv":"u:alice@example.org",)"
                          R"("st":"away","prio":5,"text":"lunch","since":42,"x":1})");
  CHECK(out[1].topic == "im/u/alice/presence/signature");
  CHECK(out[1].payload ==
        R"({"from":"alice@example.org","ts":1795166336123,"conv":"u:alice@example.org","text":"off"})");
  CHECK(out[2].topic == "im/u/alice/presence/listening");
  event.body = core::Presence{.status = core::Status::offline, .since = {42}};
  event.annex.clear();
  CHECK(payload_of(event) == R"({"from":"alice@example.org","ts":1795166336123,"conv":"u:alice@example.org",)"
                             R"("st":"offline","prio":0,"since":42,"last":42})");
}

TEST_CASE("listening, and that it ended") {
  core::Event event = event_of(core::Listening{"FM 97.5"});
  event.from = kAlice.bare();
  event.annex = {{core::Wire::mqtt, "json", R"({"kind":"channel","uri":"x"})"}};
  CHECK(payload_of(event) == R"({"from":"alice@example.org","ts":1795166336123,"conv":"u:alice@example.org",)"
                             R"("name":"FM 97.5","kind":"channel","uri":"x"})");
  event.annex.clear();
  CHECK(payload_of(event) == R"({"from":"alice@example.org","ts":1795166336123,"conv":"u:alice@example.org",)"
                             R"("kind":"track","name":"FM 97.5"})");
  event.body = core::Listening{};
  CHECK(payload_of(event) ==
        R"({"from":"alice@example.org","ts":1795166336123,"conv":"u:alice@example.org","name":""})");
}

TEST_CASE("roster: added, changed, removed, asked, blocked, the whole") {
  core::RosterItem item;
  item.peer = kAlice.bare();
  item.name = "Al";
  item.groups = {"Friends"};
  item.to = true;
  item.pending_in = true;
  const std::string friend_json =
      R"({"jid":"alice@example.org","name":"Al","groups":["Friends"],"sub":"to","dept":"","pending":"in"})";
  CHECK(payload_of(event_of(core::RosterChange{item, 8, true})) ==
        R"({"ver":8,"op":"add","item":)" + friend_json + "}");
  CHECK(payload_of(event_of(core::RosterChange{item, 9})) == R"({"ver":9,"op":"upd","item":)" + friend_json + "}");
  item.deleted = true;
  item.listed = false;
  CHECK(payload_of(event_of(core::RosterChange{item, 10})) ==
        R"({"ver":10,"op":"del","item":{"jid":"alice@example.org"}})");
  item.deleted = false;
  CHECK(told(event_of(core::RosterChange{item, 11})).empty());
  const core::Subscription ask{core::Subscription::Step::subscribe, {{{}, "it is me"}}};
  const std::vector<Outgoing> asked = told(event_of(ask));
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].topic == "im/u/bob/roster");
  CHECK(asked[0].payload ==
        R"({"op":"ask","item":{"jid":"alice@example.org","name":"","groups":[],"sub":"none","dept":"","pending":"in"},)"
        R"("note":"it is me","ts":1795166336123})");
  CHECK(told(event_of(core::Subscription{core::Subscription::Step::subscribed, {}})).empty());
  CHECK(payload_of(event_of(core::BlockChange{{kAlice}, true})) ==
        R"({"op":"block","items":[{"jid":"alice@example.org/phone"}]})");
  item.listed = true;
  const auto full = write_roster({.items = {item}, .version = 12, .full = true}, kToBob);
  REQUIRE(full.size() == 1);
  CHECK(full[0].payload == R"({"ver":12,"op":"full","items":[)" + friend_json + "]}");
  item.version = 13;
  const auto delta = write_roster({.items = {item}, .version = 13, .full = false}, kToBob);
  REQUIRE(delta.size() == 1);
  CHECK(delta[0].payload == R"({"ver":13,"op":"upd","item":)" + friend_json + "}");
}

TEST_CASE("announcements have a topic of their own; other news comes as a message") {
  core::Message news = text_message("down at noon");
  news.kind = core::Message::Kind::headline;
  core::Event event = event_of(news);
  CHECK(told(event)[0].topic == "im/u/bob/msg");
  event.from = {{}, "example.org", {}};
  const std::vector<Outgoing> out = told(event);
  REQUIRE(out.size() == 1);
  CHECK(out[0].kind == Kind::announcement);
  CHECK(out[0].topic == "im/sys/announce");
  CHECK(out[0].payload.find(R"("body":"down at noon","kind":"headline")") != std::string::npos);
}

TEST_CASE("what no client is told") {
  core::Message group = text_message("x");
  group.kind = core::Message::Kind::group;
  for (const core::Body& body : {core::Body(core::PresenceProbe{}), core::Body(core::Opaque{}),
                                 core::Body(core::Published{}), core::Body(core::GroupChange{}), core::Body(group)}) {
    CAPTURE(body.index());
    CHECK(told(event_of(body)).empty());
  }
  CHECK(write_all({}, kToBob).empty());
}

TEST_CASE("what is told is appended to what the caller has") {
  std::string topic = "t:", payload = "p:";
  const core::Delivery delivery{.event = std::make_shared<const core::Event>(event_of(text_message("x"))), .seq = 1};
  CHECK(write(delivery, kToBob, topic, payload) == Kind::message);
  CHECK(topic == "t:im/u/bob/msg");
  CHECK(payload.starts_with("p:{"));
}

TEST_CASE("results: what became of a publish, of a request, of a message that came back") {
  const Outgoing done = write_sent("c\"1", {.id = id_of(7), .at = {5}, .seq = 3, .duplicate = false}, kToAlice);
  CHECK(done.topic == "im/u/alice/res");
  CHECK(done.payload == R"({"cid":"c\"1","status":0,"result":{"id":")" + kId7 + R"(","ts":5,"seq":3}})");
  CHECK(write_refused("c1", {Errc::blocked, "b"}, kToAlice).payload ==
        R"({"cid":"c1","status":-1,"error":"blocked","message":"b"})");
  CHECK(write_refused("", {Errc::too_big, {}}, kToAlice).payload == R"({"status":-1,"error":"too_big","message":""})");
  CHECK(write_result("1", R"({"status":0,"result":{}})", kToAlice).payload == R"({"rid":1,"status":0,"result":{}})");
  CHECK(write_result("", R"({"status":0})", kToAlice).payload == R"({"status":0})");
  const auto bounced = told(event_of(core::Bounce{static_cast<std::uint8_t>(Errc::not_found), "c9"}), kToAlice);
  REQUIRE(bounced.size() == 1);
  CHECK(bounced[0].payload == R"({"cid":"c9","status":-1,"error":"not_found","message":""})");
}

TEST_CASE("sync and device") {
  CHECK(write_sync({.ends = false, .seq = 5, .resumed = true, .roster_version = 2}, kToAlice).payload ==
        R"({"st":"begin","seq":5,"session":"resumed","roster_ver":2})");
  const Outgoing end = write_sync({.ends = true, .seq = 6, .gap = true, .unread = 3}, kToAlice);
  CHECK(end.topic == "im/u/alice/sync");
  CHECK(end.payload == R"({"st":"end","seq":6,"session":"new","roster_ver":0,"gap":true,"unread":3})");
  CHECK(write_device("replaced", kToAlice).payload == R"({"st":"replaced"})");
}

TEST_CASE("people in topics: of the site without domain unless asked for, everybody else with it, escaped") {
  core::Event event = event_of(core::Presence{.status = core::Status::online});
  const Viewer with_domain{kBob, true};
  CHECK(told(event, with_domain)[0].topic == "im/u/alice@example.org/presence/status");
  event.from = {"a+b#c%d", "elsewhere.org", {}};
  CHECK(told(event)[0].topic == "im/u/a%2Bb%23c%25d@elsewhere.org/presence/status");
}
