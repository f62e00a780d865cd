#include <doctest/doctest.h>

#include "base/bytes.h"
#include "websocket/reader.h"
#include "websocket/writer.h"

namespace confab::websocket {
namespace {

using namespace std::string_literals;

constexpr Mask kMask{0x37, 0xFA, 0x21, 0x3D};  // of RFC 6455 §5.7

// Everything that `bytes` say to `side`: "text:" and "binary:" with a whole message, "ping:", "pong:", "close CODE:",
// "!CODE" for a fault, and behind it what had come of a message that is not complete.
std::string read_all(std::string_view bytes, Side side = Side::server, Messages wanted = Messages::any,
                     const Limits& limits = {}, std::size_t piece = std::string_view::npos) {
  Reader reader(side, wanted, limits);
  std::string said;
  std::string payload;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    for (;;) {
      auto event = reader.read(part, payload);
      if (!event) return said + "!" + std::to_string(static_cast<int>(close_code_of(event.error().code))) + payload;
      if (!*event) break;
      const Event& got = **event;
      if (got.opcode == Opcode::text) said += "text:" + std::exchange(payload, {}) + ";";
      if (got.opcode == Opcode::binary) said += "binary:" + std::exchange(payload, {}) + ";";
      if (got.opcode == Opcode::ping) said += "ping:" + got.payload + ";";
      if (got.opcode == Opcode::pong) said += "pong:" + got.payload + ";";
      if (got.opcode == Opcode::close) {
        return said + "close " + std::to_string(static_cast<int>(got.code)) + ":" + got.payload;
      }
    }
  }
  return said + payload;
}

std::string from_client(Opcode opcode, std::string_view payload, bool last = true) {
  std::string bytes;
  encode_masked(bytes, opcode, payload, kMask, last);
  return bytes;
}

std::string bytes_of(std::string_view hex) {
  return *decode_hex(hex);
}

std::string close_frame(std::uint16_t code, std::string_view reason = {}) {
  std::string body{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return from_client(Opcode::close, body.append(reason));
}

}  // namespace

TEST_CASE("the examples of RFC 6455 §5.7") {
  CHECK(read_all(bytes_of("810548656c6c6f"), Side::client) == "text:Hello;");
  CHECK(read_all(bytes_of("818537fa213d7f9f4d5158")) == "text:Hello;");
  CHECK(read_all(bytes_of("010348656c80026c6f"), Side::client) == "text:Hello;");
  CHECK(read_all(bytes_of("890548656c6c6f"), Side::client) == "ping:Hello;");
  CHECK(read_all(bytes_of("8a8537fa213d7f9f4d5158")) == "pong:Hello;");
  const std::string quarter(256, 'q');
  CHECK(read_all(bytes_of("827e0100") + quarter, Side::client) == "binary:" + quarter + ";");
  const std::string large(65536, 'l');
  CHECK(read_all(bytes_of("827f0000000000010000") + large, Side::client) == "binary:" + large + ";");
}

TEST_CASE("the writer makes the examples") {
  std::string out;
  encode_frame(out, Opcode::text, "Hello");
  CHECK(encode_hex(out) == "810548656c6c6f");
  CHECK(encode_hex(from_client(Opcode::text, "Hello")) == "818537fa213d7f9f4d5158");
  CHECK(encode_hex(from_client(Opcode::pong, "Hello")) == "8a8537fa213d7f9f4d5158");
  CHECK(from_client(Opcode::text, "Hel", false) + from_client(Opcode::continuation, "lo") ==
        bytes_of("018337fa213d7f9f4d808237fa213d5b95"));
  out.clear();
  encode_head(out, Opcode::binary, 125);
  encode_head(out, Opcode::binary, 126);
  encode_head(out, Opcode::binary, 65535);
  encode_head(out, Opcode::binary, 65536);
  CHECK(encode_hex(out) == "827d827e007e827effff827f0000000000010000");
  out.clear();
  encode_close(out, CloseCode::none);
  encode_close(out, CloseCode::going_away, "bye");
  CHECK(encode_hex(out) == "8800880503e9627965");
}

TEST_CASE("any cut gives the same, control frames between fragments too") {
  const std::string bytes = from_client(Opcode::binary, "one ", false) + from_client(Opcode::ping, "p") +
                            from_client(Opcode::continuation, std::string(300, 'x'), false) +
                            from_client(Opcode::pong, "") + from_client(Opcode::continuation, "", true) +
                            from_client(Opcode::text, "\xE2\x82\xAC") + from_client(Opcode::binary, "") +
                            close_frame(1000, "done") + "rubbish";
  const std::string want =
      "ping:p;pong:;binary:one " + std::string(300, 'x') + ";text:\xE2\x82\xAC;binary:;close 1000:done";
  CHECK(read_all(bytes) == want);
  for (std::size_t piece = 1; piece < 20; ++piece) CHECK(read_all(bytes, Side::server, {}, {}, piece) == want);
}

TEST_CASE("a client masks, a server does not (§5.1)") {
  CHECK(read_all(bytes_of("810548656c6c6f")) == "!1002");
  CHECK(read_all(bytes_of("818537fa213d7f9f4d5158"), Side::client) == "!1002");
}

TEST_CASE("reserved bits and opcodes are refused at their first byte") {
  for (const int first : {0xC1, 0xA1, 0x91, 0xF1, 0x83, 0x84, 0x85, 0x86, 0x87, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F}) {
    CAPTURE(first);
    CHECK(read_all(std::string(1, static_cast<char>(first))) == "!1002");
  }
}

TEST_CASE("control frames are at most 125 bytes long and whole (§5.5)") {
  const std::string most(125, 'p');
  CHECK(read_all(from_client(Opcode::ping, most)) == "ping:" + most + ";");
  CHECK(read_all(from_client(Opcode::ping, most + "p")) == "!1002");
  CHECK(read_all(from_client(Opcode::close, most + "p")) == "!1002");
  CHECK(read_all(from_client(Opcode::ping, "p", false)) == "!1002");
  CHECK(read_all(from_client(Opcode::close, "", false)) == "!1002");
}

TEST_CASE("fragments follow a beginning, and nothing else comes between (§5.4)") {
  CHECK(read_all(from_client(Opcode::continuation, "x")) == "!1002");
  CHECK(read_all(from_client(Opcode::text, "a", false) + from_client(Opcode::text, "b")) == "!1002a");
  CHECK(read_all(from_client(Opcode::text, "a") + from_client(Opcode::continuation, "b")) == "text:a;!1002");
  CHECK(read_all(from_client(Opcode::binary, "", false) + from_client(Opcode::continuation, "b")) == "binary:b;");
}

TEST_CASE("lengths have their shortest form, and no 64th bit (§5.2)") {
  const std::string mask = "37fa213d";
  CHECK(read_all(bytes_of("82fe007d" + mask)) == "!1002");
  CHECK(read_all(bytes_of("82ff000000000000ffff" + mask)) == "!1002");
  CHECK(read_all(bytes_of("82ff8000000000000000" + mask)) == "!1002");
  CHECK(read_all(bytes_of("82fe007e" + mask)).empty());
  CHECK(read_all(bytes_of("82ff0000000000010000" + mask)).empty());
}

TEST_CASE("frames and messages are bounded: 1009") {
  const Limits limits{.frame_bytes = 10, .message_bytes = 15};
  const auto read = [&](const std::string& bytes) { return read_all(bytes, Side::server, Messages::any, limits); };
  const std::string ten(10, 't');
  CHECK(read(from_client(Opcode::binary, ten)) == "binary:" + ten + ";");
  CHECK(read(from_client(Opcode::binary, ten + "t")) == "!1009");
  const std::string half = from_client(Opcode::binary, ten, false);
  CHECK(read(half + from_client(Opcode::ping, ten + ten) + from_client(Opcode::continuation, "12345")) ==
        "ping:" + ten + ten + ";binary:" + ten + "12345;");
  CHECK(read(half + from_client(Opcode::continuation, "123456")) == "!1009" + ten);
  CHECK(read(half + from_client(Opcode::continuation, "12345") + half) == "binary:" + ten + "12345;" + ten);
  CHECK(read(bytes_of("82ff7fffffffffffffff37fa213d")) == "!1009");
}

TEST_CASE("messages that are not wanted: 1003") {
  CHECK(read_all(from_client(Opcode::text, "a"), Side::server, Messages::binary) == "!1003");
  CHECK(read_all(from_client(Opcode::binary, "a"), Side::server, Messages::text) == "!1003");
  CHECK(read_all(from_client(Opcode::binary, "a"), Side::server, Messages::binary) == "binary:a;");
  CHECK(read_all(from_client(Opcode::text, "a"), Side::server, Messages::text) == "text:a;");
}

TEST_CASE("text is UTF-8, wherever it is cut: 1007") {
  const auto halves = [](std::string_view a, std::string_view b) {
    return read_all(from_client(Opcode::text, a, false) + from_client(Opcode::continuation, b));
  };
  CHECK(halves("\xF0\x9F", "\x98\x80") == "text:\xF0\x9F\x98\x80;");
  CHECK(halves("\xF0\x9F", "\x98") == "!1007\xF0\x9F\x98");
  CHECK(halves("a\xCE\xBA\xED\xA0\x80", "") == "!1007"s + "a\xCE\xBA\xED");
  for (const char* bad : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5", "\x80", "\xFF",
                          "\xE2\x28\xA1", "\xF0\x80\x80\x80", "\xE2\x82"}) {
    CAPTURE(bad);
    CHECK(read_all(from_client(Opcode::text, bad)).starts_with("!1007"));
    CHECK(read_all(from_client(Opcode::binary, bad)) == "binary:"s + bad + ";");
  }
  for (const char* good :
       {"\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBF", "\xC2\x80", "\xE0\xA0\x80"}) {
    CHECK(read_all(from_client(Opcode::text, good)) == "text:"s + good + ";");
  }
}

TEST_CASE("the check in pieces agrees with the check of the whole for every pair and many triples of bytes") {
  for (unsigned n = 0; n < 0x10000; ++n) {
    const std::string text{static_cast<char>(n >> 8), static_cast<char>(n & 0xFF), static_cast<char>(0x80 + n % 64)};
    for (const std::string_view one : {std::string_view(text), std::string_view(text).substr(0, 2)}) {
      Utf8Check check;
      if ((check.take(one) == one.size() && check.complete()) != is_utf8(one)) FAIL(encode_hex(one));
    }
  }
}

TEST_CASE("close codes that may be sent, and those that may not (§7.4)") {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 3999, 4000, 4999}) {
    CHECK(read_all(close_frame(static_cast<std::uint16_t>(code), "r")) == "close " + std::to_string(code) + ":r");
  }
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    CAPTURE(code);
    CHECK(read_all(close_frame(static_cast<std::uint16_t>(code))) == "!1002");
  }
  CHECK(read_all(from_client(Opcode::close, "")) == "close 1005:");
  CHECK(read_all(from_client(Opcode::close, "\x03")) == "!1002");
  CHECK(read_all(close_frame(1000, "\xFF")) == "!1007");
}

}  // namespace confab::websocket
