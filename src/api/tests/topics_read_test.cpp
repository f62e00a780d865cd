#include "api_world.h"

using namespace confab;
using namespace confab::api;

TEST_CASE("a payload that is no JSON object is a text") {
  for (const char* text : {"hello", "{not json", "{a}", "[1]", "\"quoted\"", "42", "{\"a\":1", " {} x"}) {
    CAPTURE(text);
    const core::Send send = sent(text);
    CHECK(std::get<core::Message>(send.event.body).bodies == std::vector<core::Text>{{"", text}});
    CHECK(send.event.to == kBob);
    CHECK(send.event.annex.empty());
    CHECK(send.dedupe.key.empty());
  }
  CHECK(refused("").text == "body");
  CHECK(refused("\xFF").code == Errc::bad_payload);
}

TEST_CASE("content type decides where it is told") {
  const auto with_type = [](std::string_view type, std::string_view payload) {
    return read({.topic = "im/u/bob/msg", .payload = payload, .content_type = type}, kToAlice, 1000);
  };
  const auto plain = with_type("text/plain", R"({"body":"x"})");
  REQUIRE(plain.has_value());
  CHECK(std::get<core::Message>(std::get<core::Send>(*plain).event.body).bodies[0].text == R"({"body":"x"})");
  CHECK(with_type("application/im+json", R"({"body":"x"})").has_value());
  CHECK(with_type("application/im+json", "hello").error().code == Errc::bad_payload);
  CHECK(with_type("application/json", R"({"body":"x"})").has_value());
  CHECK(with_type("application/im+cbor", R"({"body":"x"})").error().code == Errc::unsupported);
}

TEST_CASE("everything that a message can have") {
  const core::Send send = sent(
      R"({"cid":"c1","type":"card","body":"b","lang":"en","subject":"s","thread":"t","re":"cid:c0","kind":"normal",)"
      R"("media":[{"url":"https://e/a.jpg","mime":"image/jpeg","name":"a.jpg","size":482113,"w":4032,"h":3024,)"
      R"("dur":1500}],"app":"approval","data":{"days":2.50},"want":["delivered","read","played"],"keep":false})");
  core::Message message;
  message.kind = core::Message::Kind::normal;
  message.bodies = {{"en", "b"}};
  message.subjects = {{"en", "s"}};
  message.thread = "t";
  message.re = "cid:c0";
  message.media = {{.url = "https://e/a.jpg",
                    .mime = "image/jpeg",
                    .name = "a.jpg",
                    .size = 482113,
                    .sha256 = {},
                    .width = 4032,
                    .height = 3024,
                    .duration_ms = 1500}};
  message.app = {"approval", R"({"days":2.50})"};
  message.wants = core::Ask::delivered | core::Ask::read | core::Ask::played;
  message.keep = false;
  CHECK(std::get<core::Message>(send.event.body) == message);
  CHECK(send.event.cid == "c1");
  CHECK(send.event.annex.empty());
  CHECK(send.dedupe.key.empty());  // not kept: nothing to repeat
}

TEST_CASE("the key of a repeat is the account's, whatever the wire") {
  CHECK(sent(R"({"cid":"c1","body":"x"})").dedupe.key == "o:c1");
  const auto keyed = [](std::string_view correlation, std::string_view payload) {
    const auto got = read({.topic = "im/u/bob/msg", .payload = payload, .correlation = correlation}, kToAlice, 1000);
    return std::get<core::Send>(got.value()).event.cid;
  };
  CHECK(keyed("k1", "hello") == "k1");
  CHECK(keyed("k1", R"({"cid":"c1","body":"x"})") == "c1");
  CHECK(keyed(std::string_view("\x01\xFF", 2), "hello") == "01ff");
  const std::string long_key(1024, 'k');
  const auto got = read({.topic = "im/u/bob/msg", .payload = "x", .correlation = long_key}, kToAlice, 1000);
  CHECK(got.error().code == Errc::too_big);
}

TEST_CASE("edit, recall, reaction name messages by id, or an own one by cid") {
  CHECK(std::get<core::Edit>(sent(R"({"edit":"cid:c0","body":"better"})").event.body) ==
        core::Edit{"c0", text_message("better")});
  CHECK(std::get<core::Recall>(sent(R"({"recall":")" + kId3 + "\"}").event.body) == core::Recall{kId3});
  CHECK(std::get<core::Recall>(sent(R"({"type":"event","recall":"cid:c0"})").event.body) == core::Recall{"c0"});
  const core::Send reaction = sent(R"({"type":"event","react":{"id":"cid:c0","set":["a","b","a"]},"cid":"r"})");
  CHECK(std::get<core::Reaction>(reaction.event.body) == core::Reaction{"cid:c0", {"a", "b"}});
  CHECK(reaction.dedupe.key == "o:r");
  CHECK(std::get<core::Reaction>(sent(R"({"react":{"id":"x","set":[]}})").event.body).set.empty());
  CHECK(refused(R"({"react":{"id":"x"}})").text == "react.set");
  CHECK(refused(R"({"react":{"set":[]}})").text == "react.id");
  CHECK(refused(R"({"react":{"id":"x","set":[""]}})").text == "react.set");
  CHECK(refused(R"({"react":[]})").text == "react");
  CHECK(refused(R"({"edit":"x","recall":"y"})").text == "recall");
  CHECK(refused(R"({"edit":"x","react":{"id":"x","set":[]}})").text == "react");
}

TEST_CASE("what the server fills in is the server's") {
  const core::Send send = sent(
      R"({"v":9,"id":"x","seq":"no number","ts":1,"conv":"u:eve@example.org","from":"eve@example.org","to":"eve@e",)"
      R"("dir":"in","src":"sip","edited":1,"body":"x"})");
  CHECK(send.event.annex.empty());
  CHECK(send.event.from.empty());
  CHECK(send.event.to == kBob);
  core::Event forged = event_of(text_message("x"));
  forged.annex = {{core::Wire::mqtt, "json", R"({"from":"eve@example.org","x":1})"}};
  const std::string payload = payload_of(forged);
  CHECK(payload.find("eve") == std::string::npos);
  CHECK(payload.ends_with(R"("x":1})"));
}

TEST_CASE("what nobody understands comes back as it was") {
  for (const char* object :
       {R"({"body":"b","x":1e400,"y":[1.0,{"a":-0}],"z":null,"ext":{"xmpp":"<opaque/>"},"\u0000\"":"\ud83d\ude00"})",
        R"({"type":"call","x":{}})", R"({"body":"b","exp":3600})", R"({"body":"b","data":{"without":"app"}})",
        R"({"media":[{"url":"u","alt":[{"k":"medium","scale":75,"url":"m"}],"exp":0}]})",
        R"({"body":"b","want":["delivered","vanish"]})", R"({"edit":"cid:x","body":"b","x":[]})",
        R"({"recall":"cid:x","x":[]})", R"({"react":{"id":"x","set":["+"]},"x":[ ]})"}) {
    CAPTURE(object);
    const std::string payload = payload_of(delivered(sent(object)));
    Result<Members> in = Members::read(object);
    Result<Members> out = Members::read(payload);
    REQUIRE(in.has_value());
    REQUIRE_MESSAGE(out.has_value(), payload);
    for (const std::string& name : in->left()) {
      CAPTURE(name);
      if (name != "edit" && name != "recall") CHECK(out->raw(name) == in->raw(name));
    }
  }
}

TEST_CASE("everything typed comes back, too") {
  const std::string object =
      R"({"cid":"c1","type":"card","subject":"s","body":"b","lang":"en","thread":"t","media":[{"url":"u","dur":5}],)"
      R"("app":"a","data":[1],"want":["read"],"kind":"normal","re":"m1"})";
  CHECK(payload_of(delivered(sent(object))).ends_with(object.substr(1)));
  const std::string many = R"("body":"Hello","bodies":[{"lang":"de","body":"Hallo"},{"lang":"","body":"Hello"}]})";
  CHECK(payload_of(delivered(sent("{" + many))).ends_with(many));
}

TEST_CASE("members of a wrong type are refused by name") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {R"({"body":1})", "body"},
      {R"({"body":["x"]})", "body"},
      {R"({"cid":1,"body":"x"})", "cid"},
      {R"({"body":"x","lang":{}})", "lang"},
      {R"({"body":"x","media":{}})", "media"},
      {R"({"body":"x","media":[1]})", "media"},
      {R"({"media":[{}]})", "media.url"},
      {R"({"media":[{"url":"u","size":-1}]})", "media.size"},
      {R"({"media":[{"url":"u","size":1e3}]})", "media.size"},
      {R"({"media":[{"url":"u","size":99999999999999999999}]})", "media.size"},
      {R"({"media":[{"url":"u","w":4294967296}]})", "media.w"},
      {R"({"media":[{"url":"u","sha256":"zz"}]})", "media.sha256"},
      {R"({"bodies":[{"body":1}]})", "bodies.body"},
      {R"({"body":"x","app":1})", "app"},
      {R"({"body":"x","want":"read"})", "want"},
      {R"({"body":"x","want":[1]})", "want"},
      {R"({"body":"x","keep":1})", "keep"},
      {R"({"body":"x","kind":"group"})", "kind"},
      {R"({"body":"x","type":5})", "type"},
      {R"({"body":"x","re":5})", "re"},
      {R"({"edit":5,"body":"x"})", "edit"},
      {R"({})", "body"},
      {R"({"body":""})", "body"},
      {R"({"cid":"c"})", "body"},
  };
  for (const auto& [object, name] : cases) {
    CAPTURE(object);
    const Error error = refused(object);
    CHECK(error.code == Errc::bad_payload);
    CHECK(error.text == name);
  }
  CHECK(sent(R"({"body":"x","re":null,"media":null,"lang":null})").event.annex.empty());
}

TEST_CASE("limits") {
  const auto limited = [](const std::string& payload) { return said("im/u/bob/msg", payload, 10); };
  CHECK(limited("0123456789").has_value());
  CHECK(limited("0123456789a").error().code == Errc::too_big);
  CHECK(limited(R"({"body":"0123456789"})").has_value());
  CHECK(limited(R"({"body":"0123456789a"})").error().text == "body");
  CHECK(limited(R"({"bodies":[{"body":"012345"},{"body":"67890"}]})").error().code == Errc::too_big);
  CHECK(said("im/u/bob/msg", "any length", 0).has_value());
  CHECK(refused(R"({"body":"x","cid":")" + std::string(1024, 'c') + "\"}").text == "cid");
  CHECK(refused(R"({"body":"x","a":)" + std::string(100, '[') + std::string(100, ']') + "}").code == Errc::too_big);
  CHECK(refused(R"({"body":"x","a":)" + std::string(100'000, '[')).code == Errc::too_big);
  std::string many = R"({"body":"x")";
  for (int i = 0; i < 1000; ++i) many += ",\"m" + std::to_string(i) + "\":0";
  CHECK(refused(many + "}").code == Errc::too_big);
  std::string set;
  for (int i = 0; i < 65; ++i) set += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"";
  CHECK(refused(R"({"react":{"id":"x","set":[)" + set + "]}}").code == Errc::too_big);
}

TEST_CASE("hostile JSON: members that come twice, lone surrogates, bytes that are no UTF-8") {
  CHECK(refused(R"({"body":"x","body":"y"})").code == Errc::bad_payload);
  CHECK(refused(R"({"body":"x","b\u006fdy":"y"})").code == Errc::bad_payload);
  // Not JSON at all, and so a text; but not where the client says that it is JSON.
  CHECK(std::get<core::Message>(sent(R"({"body":"\ud800"})").event.body).bodies[0].text == R"({"body":"\ud800"})");
  const auto got =
      read({.topic = "im/u/bob/msg", .payload = R"({"body":"\ud800"})", .content_type = kContentType}, kToAlice, 100);
  CHECK(got.error().code == Errc::bad_payload);
  CHECK(refused("{\"body\":\"\xC0\xAF\"}").code == Errc::bad_payload);
}

TEST_CASE("receipts") {
  CHECK(std::get<core::Receipt>(sent(R"({"k":"delivered","ids":["a","b"]})", "im/u/bob/rcpt").event.body) ==
        core::Receipt{core::Receipt::Kind::delivered, {"a", "b"}});
  const core::Send upto =
      sent(R"({"k":"read","upto":")" + kId3 + R"(","conv":"ignored","cids":["forged"]})", "im/u/bob/rcpt");
  CHECK(std::get<core::Receipt>(upto.event.body) == core::Receipt{core::Receipt::Kind::read, {kId3}});
  CHECK(upto.event.annex[0].bytes == R"({"upto":")" + kId3 + "\"}");
  const Result<Said> quiet = said("im/u/bob/rcpt", R"({"k":"read","quiet":true,"upto":")" + kId3 + "\"}");
  REQUIRE(quiet.has_value());
  const auto& marker = std::get<core::SetReadMarker>(*quiet);
  CHECK(marker.conversation == kBob);
  CHECK(marker.upto == id_of(3));
  for (const auto& [object, name] : std::vector<std::pair<const char*, const char*>>{
           {R"({"k":"read"})", "ids"},
           {R"({"k":"seen","ids":["a"]})", "k"},
           {R"({"ids":["a"]})", "k"},
           {R"({"k":"read","ids":[""]})", "ids"},
           {R"({"k":"read","ids":"a"})", "ids"},
           {R"({"k":"read","quiet":true,"upto":"c1"})", "upto"},
           {R"({"k":"delivered","quiet":true,"upto":"01985b3e-0000-7000-8000-000000000003"})", "quiet"}}) {
    CAPTURE(object);
    CHECK(refused(object, "im/u/bob/rcpt").text == name);
  }
  CHECK(refused("read", "im/u/bob/rcpt").code == Errc::bad_payload);
}

TEST_CASE("typing") {
  CHECK(std::get<core::ChatState>(sent(R"({"st":"composing","thread":"t"})", "im/u/bob/typing").event.body) ==
        core::ChatState{core::ChatState::State::composing, "t"});
  CHECK(std::get<core::ChatState>(sent("paused", "im/u/bob/typing").event.body).state ==
        core::ChatState::State::paused);
  CHECK(refused("running", "im/u/bob/typing").text == "st");
  CHECK(refused(R"({"st":1})", "im/u/bob/typing").text == "st");
}

TEST_CASE("presence: one facet at a time") {
  core::Event own;
  own.from = kAlice;
  own.body = core::Presence{.status = core::Status::online, .priority = 3, .signature = {{{}, "old"}}};
  const auto change = [&own](std::string_view facet, std::string_view payload) {
    const Result<Said> got = said("im/u/alice/presence/" + std::string(facet), payload);
    REQUIRE_MESSAGE(got.has_value(), got.error().text);
    apply(std::get<PresenceChange>(*got), own);
    return std::get<core::Presence>(own.body);
  };
  core::Presence now = change("status", "away\n");
  CHECK(now.status == core::Status::away);
  CHECK(now.priority == 3);
  CHECK(now.signature.size() == 1);
  now = change("status", R"({"st":"busy","prio":-1,"text":"lunch","since":1,"x":[]})");
  CHECK(now.status == core::Status::busy);
  CHECK(now.priority == -1);
  CHECK(own.annex == core::Annex{{core::Wire::mqtt, "json", R"({"x":[]})"}, {core::Wire::mqtt, "text", "lunch"}});
  now = change("signature", R"({"text":"new","lang":"en"})");
  CHECK(now.signature == std::vector<core::Text>{{"en", "new"}});
  CHECK(now.status == core::Status::busy);
  CHECK(change("signature", "plain").signature == std::vector<core::Text>{{"", "plain"}});
  CHECK(change("signature", "").signature == std::vector<core::Text>{{"", ""}});
  CHECK(change("status", R"({"st":"online"})").priority == -1);
  CHECK(own.annex.empty());
  CHECK(own.from.empty());
  for (const char* wrong : {"", "here", R"({"st":1})", R"({"prio":1})", R"({"st":"online","prio":128})"}) {
    CAPTURE(wrong);
    CHECK_FALSE(said("im/u/alice/presence/status", wrong).has_value());
  }
}

TEST_CASE("listening") {
  const auto listening = [](std::string_view payload) {
    const Result<Said> got = said("im/u/alice/presence/listening", payload);
    REQUIRE_MESSAGE(got.has_value(), got.error().text);
    return std::get<core::SetListening>(*got);
  };
  CHECK(listening(R"({"kind":"channel","name":"FM 97.5","uri":""})").text == "FM 97.5");
  CHECK(listening(R"({"kind":"channel","name":"FM 97.5","uri":""})").annex[0].bytes ==
        R"({"kind":"channel","uri":""})");
  for (const char* nothing : {"", "{}", R"({"name":"","kind":"track"})"}) {
    CAPTURE(nothing);
    CHECK(listening(nothing).text.empty());
    CHECK(listening(nothing).annex.empty());
  }
  CHECK(refused("FM", "im/u/alice/presence/listening").code == Errc::bad_payload);
  CHECK(refused(R"({"name":")" + std::string(1024, 'n') + "\"}", "im/u/alice/presence/listening").text == "name");
}

TEST_CASE("requests") {
  const auto request = [](std::string_view topic, std::string_view payload) {
    return std::get<Request>(said(topic, payload).value());
  };
  const Request named = request("im/req/friend.list", R"({"version":3,"rid":"r1"})");
  CHECK(named.method == "friend.list");
  CHECK(named.params == R"({"version":3})");
  CHECK(named.rid == "\"r1\"");
  CHECK(request("im/req/friend.list", "").params == "{}");
  CHECK(request("im/req/friend.list", R"({"rid":1})").rid == "1");
  CHECK(refused("[]", "im/req/friend.list").code == Errc::bad_payload);
  CHECK(refused("{}", "im/req/Friend").code == Errc::not_found);
  CHECK(refused("{}", "im/req/").code == Errc::not_found);
}

TEST_CASE("addresses in topics") {
  CHECK(sent("x", "im/u/BOB/msg").event.to == kBob);
  CHECK(sent("x", "im/u/bob@example.org/msg").event.to == kBob);
  CHECK(sent("x", "im/u/carol@elsewhere.org/msg").event.to == Address{"carol", "elsewhere.org", {}});
  CHECK(sent("x", "im/u/bob@example.org%2Fdesk/msg").event.to == kBob.with("desk"));
  CHECK(sent("x", "im/u/b%6Fb/msg").event.to == kBob);
  CHECK(sent("x", "im/u/a%2bb/msg").event.to.local == "a+b");
  CHECK(sent("x", "im/u/alice/msg").event.to == kAlice.bare());
  for (const char* topic : {"im/u//msg", "im/u/%/msg", "im/u/%2/msg", "im/u/%zz/msg", "im/u/@example.org/msg",
                            "im/u/bob@/msg", "im/u/b b/msg", "im/u/%00/msg", "im/u/%ff/msg"}) {
    CAPTURE(topic);
    CHECK(refused("x", topic).code == Errc::bad_address);
  }
}

TEST_CASE("topics that are not the client's, or not there") {
  for (const char* topic : {"im/u/bob/presence/status", "im/u/alice/rcpt", "im/u/alice/typing", "im/u/alice/roster",
                            "im/u/alice/res", "im/u/bob/res", "im/u/alice/sync", "im/u/bob/dev", "im/sys/metrics"}) {
    CAPTURE(topic);
    CHECK(refused("online", topic).code == Errc::forbidden);
  }
  CHECK(sent("x", "im/sys/announce").event.to == Address{{}, "example.org", {}});
  for (const char* topic : {"im/g/dev/msg", "im/c/news/post", "im/app/x/in", "im/u/bob/app/x", "im/sys/announce/it"}) {
    CAPTURE(topic);
    CHECK(refused("x", topic).code == Errc::unsupported);
  }
  for (const char* topic : {"", "im", "im/u", "im/u/bob", "im/u/bob/", "im/u/bob/mail", "im/u/bob/msg/x", "im/x/y/z",
                            "a/b/c", "im/u/alice/presence", "im/u/alice/presence/mood", "im/req/a/b"}) {
    CAPTURE(topic);
    CHECK(refused("x", topic).code == Errc::not_found);
  }
}

TEST_CASE("a message's expiry is the object's, else the frame's") {
  const auto expiring = [](std::string_view payload) {
    const auto got = read({.topic = "im/u/bob/msg", .payload = payload, .expiry = 60}, kToAlice, 1000);
    return std::get<core::Send>(got.value()).event.annex.at(0).bytes;
  };
  CHECK(expiring("hello") == R"({"exp":60})");
  CHECK(expiring(R"({"body":"x","y":1})") == R"({"y":1,"exp":60})");
  CHECK(expiring(R"({"body":"x","exp":5})") == R"({"exp":5})");
}
