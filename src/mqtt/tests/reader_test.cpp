// The reader as a whole: lengths, limits, cuts, what it keeps; and texts.
#include "mqtt/tests/reading.h"

namespace confab::mqtt {
namespace {

constexpr auto kMalformed = Reason::malformed_packet;
constexpr auto kProtocol = Reason::protocol_error;

// A PUBLISH of 3.1.1 whose payload fills it up to this Remaining Length.
std::string publish_of(std::size_t remaining) {
  return packet(0x30, "0001 't'" + encode_hex(std::string(remaining - 3, 'x')));
}

TEST_CASE("wire: §1.5.5 table 1-1, the ends of each length") {
  for (const std::size_t remaining : {127U, 128U, 16383U, 16384U, 2097151U, 2097152U}) {
    const std::string bytes = publish_of(remaining);
    Reader reader(std::size_t{1} << 30U);
    reader.set_level(Level::v311);
    reader.feed(bytes);
    const auto next = reader.next();
    REQUIRE((next && *next));
    CHECK(std::get<Publish>(**next).payload.size() == remaining - 3);
    std::string out;
    CHECK(write(**next, Level::v311, out));
    CHECK(out == bytes);
  }
}

TEST_CASE("wire: §2.1.4 a Remaining Length has four bytes at most") {
  CHECK(problem_of(hex("30 ffffffff")) == kMalformed);
  CHECK(problem_of(hex("30 80808080")) == kMalformed);
  CHECK(problem_of(hex("30 80808080"), Level::v311) == kMalformed);
  CHECK(problem_of(hex("30 ffffff")) == Reason::success);
  CHECK(problem_of(hex("30 ffffff7f")) == Reason::packet_too_large);
}

TEST_CASE("wire: [MQTT-1.5.5-1] in 5.0 a Remaining Length takes no more bytes than it needs") {
  CHECK(problem_of(hex("c0 8000")) == kMalformed);
  CHECK(problem_of(hex("30 848000") + hex("0001 't' 00")) == kMalformed);
  CHECK(problem_of(hex("30 838000") + hex("0001 't'"), Level::v311) == Reason::success);
  CHECK(problem_of(hex("10 8e00") + hex("0004 'MQTT' 05 02 003c 00 0001 'c'")) == kMalformed);
  CHECK(problem_of(hex("10 8d00") + hex("0004 'MQTT' 04 02 003c 0001 'c'")) == Reason::success);
}

TEST_CASE("wire: a packet over the limit is refused by its header, and nothing is kept for it") {
  Reader reader(100);
  const std::string header = hex("30 ffffff7f");
  reader.feed(std::string_view(header).substr(0, 1));
  CHECK_FALSE(reader.next().value());
  reader.feed(std::string_view(header).substr(1));
  const auto next = reader.next();
  REQUIRE_FALSE(next);
  CHECK(next.error().code == Errc::too_big);
  CHECK(reader.problem() == Reason::packet_too_large);
  CHECK(reader.memory() <= 15);
}

TEST_CASE("wire: the limit counts the whole packet") {
  const std::string bytes = packet(0x30, "0001 't' 00 'payload'");
  CHECK(Reading(bytes, Level::v5, From::client, bytes.size()).problem == Reason::success);
  CHECK(Reading(bytes, Level::v5, From::client, bytes.size() - 1).problem == Reason::packet_too_large);
}

TEST_CASE("wire: what a header announces is not allocated before it comes") {
  Reader reader(std::size_t{1} << 28U);
  const std::string header = hex("30 ffffff6f 0001 't' 00");
  reader.feed(header);
  CHECK_FALSE(reader.next().value());
  CHECK(reader.buffered() == header.size());
  CHECK(reader.memory() < 64);
}

TEST_CASE("wire: packets that are whole are slices of what was fed") {
  const std::string bytes = packet(0x30, "0001 't' 00 'one'") + packet(0x30, "0001 't' 00 'two'") + hex("30 08 00");
  Reader reader(1000);
  reader.feed(bytes);
  for (const char* payload : {"one", "two"}) {
    const auto next = reader.next();
    const auto& publish = std::get<Publish>(**next);
    CHECK(publish.payload == payload);
    CHECK(publish.payload.data() >= bytes.data());
    CHECK(publish.payload.data() < bytes.data() + bytes.size());
    CHECK(reader.memory() <= 15);
  }
  CHECK_FALSE(reader.next().value());
  CHECK(reader.buffered() == 3);
}

TEST_CASE("wire: an idle reader owns no buffer") {
  Reader reader(100000);
  const std::string bytes = packet(0x30, "0001 't' 00" + encode_hex(std::string(5000, 'x')));
  reader.feed(std::string_view(bytes).substr(0, 4000));
  CHECK_FALSE(reader.next().value());
  CHECK(reader.buffered() == 4000);
  reader.feed(std::string_view(bytes).substr(4000));
  CHECK(std::get<Publish>(*reader.next().value()).payload.size() == 5000);
  CHECK_FALSE(reader.next().value());
  CHECK(reader.buffered() == 0);
  CHECK(reader.memory() <= 15);
}

TEST_CASE("wire: [MQTT-6.0.0-2] packets do not end where the pieces of the stream do") {
  const std::string bytes = packet(0x30, "0001 't' 00 'one'") + packet(0xC0, "") + packet(0x30, "0001 't' 00 'two'");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Reader reader(1000);
    std::size_t found = 0;
    for (const std::string& piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
      reader.feed(piece);
      for (auto next = reader.next(); next.value(); next = reader.next()) ++found;
    }
    CHECK(found == 3);
    CHECK(reader.buffered() == 0);
  }
}

TEST_CASE("wire: what follows is kept while its session waits") {
  Reader reader(1000);
  {
    std::string bytes = connect5("02", "00 0001 'c'") + packet(0x30, "0001 't' 00 'one'") +
                        packet(0x30, "0001 't' 00 'two'") + hex("30 07 0001");
    reader.feed(bytes);
    CHECK(std::holds_alternative<Connect>(*reader.next().value()));
    reader.keep();
    bytes.assign(bytes.size(), '#');
  }
  CHECK(std::get<Publish>(*reader.next().value()).payload == "one");
  const std::string rest = hex("'t' 00 'end'") + packet(0xC0, "");
  reader.keep();
  CHECK(std::get<Publish>(*reader.next().value()).payload == "two");
  CHECK_FALSE(reader.next().value());
  reader.feed(rest);
  CHECK(std::get<Publish>(*reader.next().value()).payload == "end");
  CHECK(std::holds_alternative<Pingreq>(*reader.next().value()));
  CHECK_FALSE(reader.next().value());
  CHECK(reader.memory() <= 15);
}

TEST_CASE("wire: after an error nothing is read") {
  Reader reader(1000);
  const std::string bytes = hex("00 00 c0 00");
  reader.feed(bytes);
  CHECK_FALSE(reader.next());
  CHECK(reader.problem() == kMalformed);
  const auto again = reader.next();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::closed);
  const std::string more = hex("c0 00");
  reader.feed(more);
  CHECK_FALSE(reader.next());
  CHECK(reader.problem() == kMalformed);
  CHECK(reader.buffered() == 0);
}

TEST_CASE("wire: an error says in words what it is") {
  Reader reader(1000);
  const std::string bytes = packet(0x82, "0001 00");
  reader.feed(bytes);
  CHECK(reader.next().error().text == "mqtt: protocol error: a packet without its payload");
}

TEST_CASE("wire: [MQTT-2.1.3-1] reserved flags are malformed") {
  // 3.1.1 [MQTT-2.2.2-1], [MQTT-2.2.2-2], [MQTT-3.14.1-1]; PUBREL, SUBSCRIBE and UNSUBSCRIBE have cases of their own.
  for (const unsigned type : {4U, 5U, 7U, 12U, 14U, 15U}) {
    for (unsigned flags = 1; flags < 16; ++flags) {
      const std::string bytes = packet(type << 4U | flags, type < 8 ? "0001" : "");
      CHECK(problem_of(bytes) == kMalformed);
      CHECK(problem_of(bytes, Level::v311) == kMalformed);
    }
  }
  for (const unsigned type : {2U, 9U, 11U, 13U, 14U}) {
    for (unsigned flags = 1; flags < 16; ++flags) {
      CHECK(problem_of(packet(type << 4U | flags, ""), Level::v5, From::server) == kMalformed);
    }
  }
}

TEST_CASE("wire: §2.1.2 type 0 is malformed, and type 15 before 5.0") {
  for (const auto level : {Level::v31, Level::v311, Level::v5}) {
    CHECK(problem_of(hex("00 00"), level) == kMalformed);
    CHECK(problem_of(hex("0f 00"), level) == kMalformed);
  }
  CHECK(problem_of(hex("f0 00"), Level::v311) == kMalformed);
  CHECK(problem_of(hex("f0 00"), Level::v31) == kMalformed);
}

TEST_CASE("wire: §2.1.2 the other side's packets are a protocol error") {
  for (const unsigned first : {0x20U, 0x90U, 0xB0U, 0xD0U}) {
    CHECK(problem_of(packet(first, "")) == kProtocol);
    CHECK(problem_of(packet(first, ""), Level::v311) == kProtocol);
  }
  for (const unsigned first : {0x10U, 0x82U, 0xA2U, 0xC0U}) {
    CHECK(problem_of(packet(first, ""), Level::v5, From::server) == kProtocol);
  }
  CHECK(problem_of(hex("e0 00"), Level::v311, From::server) == kProtocol);
  CHECK(problem_of(hex("e0 00"), Level::v5, From::server) == Reason::success);
}

TEST_CASE("wire: [MQTT-1.5.4-1] texts are well-formed UTF-8 without surrogates") {
  const auto with = [](std::string_view text) { return problem_of(packet(0x30, text_hex(hex(text)) + "00")); };
  CHECK(with("41 f0aa9b94") == Reason::success);  // figure 1-2
  CHECK(with("eda080") == kMalformed);
  CHECK(with("edbfbf") == kMalformed);
  CHECK(with("c0af") == kMalformed);
  CHECK(with("e08080") == kMalformed);
  CHECK(with("f4908080") == kMalformed);
  CHECK(with("80") == kMalformed);
  CHECK(with("c3") == kMalformed);
  CHECK(with("fe") == kMalformed);
}

TEST_CASE("wire: [MQTT-1.5.4-2] texts have no U+0000") {
  CHECK(problem_of(packet(0x30, "0003 'a' 00 'b' 00")) == kMalformed);
  CHECK(problem_of(packet(0x30, "0001 00 00")) == kMalformed);
  CHECK(problem_of(packet(0x30, "0002 c080 00")) == kMalformed);
  CHECK(problem_of(packet(0x30, "0001 00"), Level::v311) == kMalformed);
}

TEST_CASE("wire: [MQTT-1.5.4-3] U+FEFF stays where it is") {
  const std::string_view topic =
      "\xEF\xBB\xBF"
      "a\xEF\xBB\xBF";
  CHECK(Reading(packet(0x30, text_hex(topic) + "00")).only<Publish>().topic == topic);
}

TEST_CASE("wire: §1.5.4 control characters and noncharacters are let pass") {
  CHECK(is_mqtt_text("\x01\x1F\x7F\xC2\x9F\xEF\xBF\xBF"));
  CHECK_FALSE(is_mqtt_text(std::string_view("a\0", 2)));
}

}  // namespace
}  // namespace confab::mqtt
