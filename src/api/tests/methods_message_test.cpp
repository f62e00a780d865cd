#include "methods_world.h"

using namespace confab;
using namespace confab::api;

namespace {

const std::string kSentAnswer = R"({"status":0,"result":{"id":")" + kId7 + R"(","ts":5,"seq":3}})";

core::Reply sent_reply() {
  return core::Sent{.id = id_of(7), .at = {5}, .seq = 3, .duplicate = false};
}

// What is sent of alice's message kId3 to bob, which is looked up first.
core::Event sent_of(std::string_view method, const std::string& params, core::Event original) {
  Called called(method, params);
  const auto asked = called.asks<core::GetHistory>(history_of(std::move(original)));
  CHECK(asked.query.ids == std::vector<MsgId>{id_of(3)});
  core::Event event = called.asks<core::Send>(sent_reply()).event;
  CHECK(called.answer() == kSentAnswer);
  CHECK(event.to == kBob);
  return event;
}

core::Event from_bob(core::Body body) {
  core::Event event = event_of(std::move(body));
  event.from = kBob.with("desk");
  event.to = kAlice.bare();
  return event;
}

}  // namespace

TEST_CASE("message.send") {
  Called called("message.send", R"({"to":"u:bob@example.org","body":"hello","cid":"c1","want":["read"],"exp":60})");
  const auto send = called.asks<core::Send>(sent_reply());
  CHECK(send.event.to == kBob);
  CHECK(send.event.cid == "c1");
  CHECK(send.dedupe.key == "o:c1");
  CHECK(std::get<core::Message>(send.event.body).wants == core::Ask::read);
  CHECK(send.event.annex[0].bytes == R"({"exp":60})");
  CHECK(called.answer() == kSentAnswer);
  Called blocked("message.send", R"({"to":"bob","body":"x"})");
  blocked.asks<core::Send>(refusal(Errc::blocked));
  CHECK(blocked.answer() == R"({"status":-1,"error":"blocked","message":""})");
  for (const auto& [params, code] : std::vector<std::pair<std::string, Errc>>{
           {R"({"to":"bob"})", Errc::bad_payload},
           {R"({"body":"x"})", Errc::bad_payload},
           {R"({"to":"g:dev@groups.example.org","body":"x"})", Errc::unsupported},
           {R"({"to":"b b","body":"x"})", Errc::bad_address},
           {R"({"to":"bob","body":")" + std::string(1001, 'x') + "\"}", Errc::too_big},
           {R"({"to":"bob","body":"x","edit":"y"})", Errc::bad_payload},
           {R"({"to":"bob","body":"x","from":"eve"})", Errc::bad_payload}}) {
    CAPTURE(params);
    CHECK(Called("message.send", params).failure() == code);
  }
}

TEST_CASE("message.edit: what is not given stays as it was") {
  core::Message before = text_message("helo");
  before.media = {{.url = "u"}};
  core::Event original = event_of(before);
  original.annex = {{core::Wire::mqtt, "json", R"({"bodies":[],"x":1})"}};
  const core::Event event = sent_of("message.edit", R"({"id":")" + kId3 + R"(","body":"hello","cid":"e"})", original);
  const auto& edit = std::get<core::Edit>(event.body);
  CHECK(edit.about == kId3);
  CHECK(edit.content.bodies[0].text == "hello");
  CHECK(edit.content.media.size() == 1);
  CHECK(event.cid == "e");
  CHECK(event.annex[0].bytes == R"({"x":1})");
  Called others("message.edit", R"({"id":")" + kId3 + R"(","body":"x"})");
  others.asks<core::GetHistory>(history_of(from_bob(text_message("x"))));
  CHECK(others.failure() == Errc::no_message);
  Called gone("message.edit", R"({"id":")" + kId3 + R"(","body":"x"})");
  gone.asks<core::GetHistory>(core::HistoryFound{});
  CHECK(gone.failure() == Errc::no_message);
}

TEST_CASE("message.recall and message.react") {
  const core::Event recall =
      sent_of("message.recall", R"({"id":")" + kId3 + R"(","cid":"r"})", event_of(text_message("x")));
  CHECK(std::get<core::Recall>(recall.body).about == kId3);
  CHECK(recall.cid == "r");
  const core::Event react =
      sent_of("message.react", R"({"id":")" + kId3 + R"(","set":["+"]})", from_bob(text_message("x")));
  CHECK(std::get<core::Reaction>(react.body) == core::Reaction{kId3, {"+"}});
  // By its own name, where the conversation is told.
  Called named("message.react", R"({"id":"cid:c1","conv":"u:bob@example.org","set":[]})");
  CHECK(std::get<core::Reaction>(named.asks<core::Send>(sent_reply()).event.body).about == "cid:c1");
  Called taken("message.recall", R"({"id":"cid:c1","conv":"bob"})");
  CHECK(std::get<core::Recall>(taken.asks<core::Send>(sent_reply()).event.body).about == "c1");
  CHECK(error_of("message.recall", R"({"id":"cid:c1"})") == R"({"status":-1,"error":"bad_payload","message":"conv"})");
  CHECK(Called("message.react", R"({"id":"x","conv":"bob","set":[1]})").failure() == Errc::bad_payload);
}

TEST_CASE("message.mark: a receipt for the author, or a place for the own sessions alone") {
  const core::Event read =
      sent_of("message.mark", R"({"id":")" + kId3 + R"(","state":"read"})", from_bob(text_message("x")));
  CHECK(std::get<core::Receipt>(read.body) == core::Receipt{core::Receipt::Kind::read, {kId3}});
  const core::Event upto =
      sent_of("message.mark", R"({"upto":")" + kId3 + R"(","state":"read"})", from_bob(text_message("x")));
  CHECK(upto.annex[0].bytes == R"({"upto":")" + kId3 + "\"}");
  Called quiet("message.mark", R"({"id":")" + kId3 + R"(","state":"read","quiet":true})");
  quiet.asks<core::GetHistory>(history_of(from_bob(text_message("x"))));
  const auto marker = quiet.asks<core::SetReadMarker>(sent_reply());
  CHECK(marker.conversation == kBob);
  CHECK(marker.upto == id_of(3));
  CHECK(quiet.answer() == kTrue);
  Called own("message.mark", R"({"id":")" + kId3 + R"(","state":"read"})");
  own.asks<core::GetHistory>(history_of(event_of(text_message("x"))));
  CHECK(own.failure() == Errc::forbidden);
  for (const char* wrong : {R"({"state":"read"})", R"({"id":"c1","state":"read"})",
                            R"({"id":"01985b3e-0000-7000-8000-000000000003","state":"seen"})"}) {
    CAPTURE(wrong);
    CHECK(Called("message.mark", wrong).failure() == Errc::bad_payload);
  }
}

TEST_CASE("message.typing") {
  Called called("message.typing", R"({"conv":"u:bob@example.org","state":"composing"})");
  CHECK(std::get<core::ChatState>(called.asks<core::Send>(sent_reply()).event.body).state ==
        core::ChatState::State::composing);
  CHECK(called.answer() == kTrue);
  CHECK(Called("message.typing", R"({"conv":"bob","state":"running"})").failure() == Errc::bad_payload);
}

TEST_CASE("message.history: the newest page, folded, and where to go on") {
  Called called("message.history", R"({"conv":"u:bob@example.org","limit":2})");
  core::HistoryFound found = history_of(event_of(text_message("hello")));
  found.rows[0].edited = {9};
  found.rows[0].reactions = {{kBob, {"+"}, {8}}};
  found.rows[0].receipts = {{kBob, core::Receipt::Kind::read, {7}}};
  found.complete = false;
  core::Event gone = event_of(core::Withdrawn{});
  gone.id = id_of(9);
  found.rows.push_back({.event = std::make_shared<const core::Event>(gone), .seq = 6, .edited = {}});
  const auto asked = called.asks<core::GetHistory>(found);
  CHECK(asked.query.with == kBob);
  CHECK(asked.query.backward);
  CHECK(asked.query.limit == 2);
  const std::string first = payload_of(event_of(text_message("hello")), kToAlice, 5);
  CHECK(called.answer() == R"({"status":0,"result":{"messages":[)" + first.substr(0, first.size() - 1) +
                               R"(,"edited":9,"reactions":[{"from":"bob@example.org","set":["+"],"ts":8}],)"
                               R"("receipts":[{"from":"bob@example.org","k":"read","ts":7}]},)" +
                               payload_of(gone, kToAlice, 6) + R"(],"next":")" + kId7 + "\"}}");
}

TEST_CASE("message.history: forward, and what it does not take") {
  Called called("message.history", R"({"conv":"bob","after":")" + kId3 + "\"}");
  core::HistoryFound found = history_of(event_of(text_message("hello")));
  const auto asked = called.asks<core::GetHistory>(found);
  CHECK_FALSE(asked.query.backward);
  CHECK(asked.query.after == id_of(3));
  CHECK(called.answer().ends_with(R"("next":null}})"));
  for (const char* wrong : {"{}", R"({"conv":"bob","before":"x"})", R"({"conv":"bob","limit":0})",
                            R"({"conv":"bob","q":"x","before":"x"})", R"({"q":"x","after":"5"})"}) {
    CAPTURE(wrong);
    CHECK(Called("message.history", wrong).failure() == Errc::bad_payload);
  }
}

TEST_CASE("message.history with q: what is found, as it is now, once each") {
  Called called("message.history", R"({"q":"hello","conv":"bob","before":"77"})");
  core::FoundEvents events;
  core::Event edit = event_of(core::Edit{"c0", text_message("hello")});
  edit.about = {id_of(3)};
  core::Event message = event_of(text_message("hello"));
  message.id = id_of(3);
  for (const core::Event& each : {event_of(text_message("hello")), edit, message}) {
    events.found.push_back({5, std::make_shared<const core::Event>(each)});
  }
  events.next = 12;
  const auto search = called.asks<core::SearchLog>(events);
  CHECK(search.query.text == "hello");
  CHECK(search.query.with == kBob);
  CHECK(search.query.before == 77);
  const auto asked = called.asks<core::GetHistory>(history_of(message));
  CHECK(asked.query.ids == std::vector<MsgId>{id_of(3), id_of(7)});
  CHECK(asked.query.skip_missing);
  CHECK(called.answer().ends_with(R"("next":"12"}})"));
  Called none("message.history", R"({"q":"hello"})");
  none.asks<core::SearchLog>(core::FoundEvents{});
  CHECK(none.answer() == R"({"status":0,"result":{"messages":[],"next":null}})");
}

TEST_CASE("message.receipts: who has it, who has read it, who has not got it") {
  const auto receipts = [](core::HistoryFound found) {
    Called called("message.receipts", R"({"id":")" + kId3 + "\"}");
    called.asks<core::GetHistory>(std::move(found));
    return called.answer();
  };
  core::HistoryFound found = history_of(event_of(text_message("x")));
  CHECK(receipts(found) == R"({"status":0,"result":{"delivered":[],"read":[],"pending":["bob@example.org"]}})");
  found.rows[0].receipts = {{kBob, core::Receipt::Kind::delivered, {7}}};
  CHECK(receipts(found) == R"({"status":0,"result":{"delivered":["bob@example.org"],"read":[],"pending":[]}})");
  found.rows[0].receipts = {{kBob, core::Receipt::Kind::played, {7}}};
  CHECK(receipts(found) ==
        R"({"status":0,"result":{"delivered":["bob@example.org"],"read":["bob@example.org"],"pending":[]}})");
  CHECK(Called("message.receipts", R"({"id":"c1"})").failure() == Errc::bad_payload);
}
