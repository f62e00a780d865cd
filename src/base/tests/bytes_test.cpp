#include "base/bytes.h"

#include <doctest/doctest.h>

#include "base/ids.h"
#include "base/log.h"

using namespace confab;

TEST_CASE("base64: RFC 4648 §10 vectors") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    CHECK(encode_base64(plain) == text);
    CHECK(decode_base64(text) == plain);
  }
}

TEST_CASE("base64: only the canonical form is read") {
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "Zg==Zg==", "Zm9v\n", "=Zm9", "Zm-v"}) {
    CHECK_FALSE(decode_base64(bad).has_value());
  }
}

TEST_CASE("hex both ways") {
  CHECK(encode_hex(std::string_view("\x00\xff\x1a", 3)) == "00ff1a");
  CHECK(decode_hex("00FF1a") == std::string("\x00\xff\x1a", 3));
  CHECK_FALSE(decode_hex("0").has_value());
  CHECK_FALSE(decode_hex("0g").has_value());
}

TEST_CASE("UTF-8: well-formed sequences and each way to break one") {
  for (const char* good :
       {"", "plain", "\xC2\x80", "\xE4\xBD\xA0\xE5\xA5\xBD", "\xF0\x9F\x91\x8D", "\xF4\x8F\xBF\xBF"}) {
    CHECK(is_utf8(good));
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xE4\xBD", "\xFF", "a\xC2"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("constant-time equality is equality") {
  CHECK(equal_constant_time("abc", "abc"));
  CHECK_FALSE(equal_constant_time("abc", "abd"));
  CHECK_FALSE(equal_constant_time("abc", "ab"));
}

namespace {
HybridClock make_clock(std::uint16_t site) {
  return HybridClock(
      site, [](unsigned char* out, std::size_t size) { std::fill_n(out, size, static_cast<unsigned char>(0xA5)); });
}
}  // namespace

TEST_CASE("ids grow although the wall clock stands or goes back") {
  HybridClock clock = make_clock(7);
  MsgId last = clock.next({1000});
  for (int i = 0; i < 10'000; ++i) {
    const MsgId id = clock.next({i % 2 == 0 ? 1000 : 10});
    CHECK(last < id);
    last = id;
  }
}

TEST_CASE("a reply sorts after the question it has seen, whatever the clocks say") {
  HybridClock fast = make_clock(1);
  HybridClock slow = make_clock(2);
  const MsgId question = fast.next({50'000});
  REQUIRE(slow.witness(question, {20'000}));
  CHECK(question < slow.next({20'000}));
  const MsgId far = fast.next({200'000});
  CHECK_FALSE(slow.witness(far, {20'000}));
}

TEST_CASE("an id's text is RFC 9562's and comes back") {
  HybridClock clock = make_clock(0xABCD);
  const MsgId id = clock.next({1'795'166'336'123});
  const std::string text = to_string(id);
  CHECK(text.size() == 36);
  CHECK(text[14] == '7');
  CHECK((text[19] == '8' || text[19] == '9' || text[19] == 'a' || text[19] == 'b'));
  CHECK(parse_msg_id(text) == id);
  CHECK(time_of(id).ms == 1'795'166'336'123);
  CHECK_FALSE(parse_msg_id(text.substr(1)).has_value());
}

TEST_CASE("a log line is one line, and no value can forge a field") {
  const std::string line =
      log::format(log::Form::text, "T", log::Level::info, "m", "e", {{"user", "a b\nlevel=error"}, {"n", 3}});
  CHECK(line == "T info m e user=\"a b\\nlevel=error\" n=3\n");
  const std::string json = log::format(log::Form::json, "T", log::Level::warn, "m", "e", {{"k", "\"\x01\xff"}});
  CHECK(json == "{\"time\":\"T\",\"level\":\"warn\",\"module\":\"m\",\"event\":\"e\",\"k\":\"\\\"\\u0001\\u00ff\"}\n");
}

TEST_CASE("UTC as RFC 3339") {
  CHECK(format_utc({0}) == "1970-01-01T00:00:00.000Z");
  CHECK(format_utc({1'795'166'336'123}) == "2026-11-20T09:18:56.123Z");
  CHECK(format_utc({1'795'166'336'123}, 7) == "2026-11-20T09:18:56.123007Z");
  CHECK(parse_utc("2026-11-20T09:18:56.123Z") == WallMs{1'795'166'336'123});
  CHECK(parse_utc("2026-11-20T09:18:56Z") == WallMs{1'795'166'336'000});
  // XEP-0082, Examples 2 and 3: the same moment.
  CHECK(parse_utc("1969-07-21T02:56:15Z") == parse_utc("1969-07-20T21:56:15-05:00"));
  CHECK(parse_utc("2026-11-20T09:18:56.1+00:30") == WallMs{1'795'166'336'100 - 1'800'000});
  CHECK(parse_utc("2024-02-29T00:00:00.123456789Z").has_value());
  for (const char* wrong : {"", "2026-11-20", "2026-11-20T09:18:56", "2026-02-30T00:00:00Z", "2026-11-20T24:00:00Z",
                            "2026-11-20T09:18:56.Z", "2026-11-20T09:18:56Zx", "2026-11-20 09:18:56Z",
                            "x026-11-20T09:18:56Z", "2026-11-20T09:18:56+1:00", "2026-13-01T00:00:00Z"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_utc(wrong).has_value());
  }
}
