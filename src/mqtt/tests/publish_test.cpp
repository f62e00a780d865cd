// PUBLISH and its acknowledgements, as bytes, by the normative statements of §2.2.1 and §3.3 to §3.7.
#include "mqtt/tests/reading.h"

namespace confab::mqtt {
namespace {

constexpr auto kMalformed = Reason::malformed_packet;
constexpr auto kProtocol = Reason::protocol_error;

TEST_CASE("wire: PUBLISH of 3.1.1 and 5.0") {
  const Reading older(packet(0x30, "0003 'a/b' 'hello'"), Level::v311);
  CHECK(older.only<Publish>() == Publish{.topic = "a/b", .payload = "hello"});
  CHECK(written(older.packets[0], Level::v311) == encode_hex(older.bytes));
  const Reading five(packet(0x3D, "0003 'a/b' 000a 00 'hello'"));
  CHECK(five.only<Publish>() ==
        Publish{.dup = true, .qos = 2, .retain = true, .topic = "a/b", .id = 10, .payload = "hello"});
  CHECK(written(five.packets[0]) == encode_hex(five.bytes));
}

TEST_CASE("wire: PUBLISH with every property") {
  const std::string properties =
      "01 01 02 00000e10 03 0002 'ct' 08 0001 'r' 09 0002 0000 26 0001 'n' 0001 'v' 23 0007 0b 01 0b 8001";
  const Reading read(packet(0x32, "0000 0001" + counted(properties) + "'x'"), Level::v5, From::server);
  const auto& publish = read.only<Publish>();
  CHECK(publish.topic.empty());
  CHECK(publish.properties == MessageProperties{true, 3600, "ct", "r", std::string_view("\0\0", 2), {{"n", "v"}}});
  CHECK(publish.topic_alias == 7);
  CHECK(publish.subscription_ids == std::vector<std::uint32_t>{1, 128});
  CHECK(publish.payload == "x");
  CHECK(written(publish) == encode_hex(read.bytes));
}

TEST_CASE("wire: [MQTT-2.2.1-2] a PUBLISH of QoS 0 has no packet identifier") {
  CHECK(Reading(packet(0x30, "0001 't' 0001"), Level::v311).only<Publish>().payload == std::string_view("\0\1", 2));
  CHECK(written(Publish{.topic = "t", .id = 5}, Level::v311) == "3003000174");
}

TEST_CASE("wire: [MQTT-2.2.1-3] [MQTT-2.2.1-4] packet identifiers are not zero") {
  for (const auto from : {From::client, From::server}) {
    CHECK(problem_of(packet(0x32, "0001 't' 0000 00"), Level::v5, from) == kProtocol);
    CHECK(problem_of(packet(0x34, "0001 't' 0000 00"), Level::v5, from) == kProtocol);
    CHECK(problem_of(packet(0x32, "0001 't' 0000"), Level::v311, from) == kProtocol);
  }
  CHECK(problem_of(packet(0x82, "0000 00 0001 'f' 00")) == kProtocol);
  CHECK(problem_of(packet(0xA2, "0000 00 0001 'f'")) == kProtocol);
  CHECK(problem_of(packet(0x82, "0000 0001 'f' 00"), Level::v311) == kProtocol);
  CHECK(problem_of(packet(0xA2, "0000 0001 'f'"), Level::v311) == kProtocol);
  for (const unsigned first : {0x40U, 0x50U, 0x62U, 0x70U}) {
    CHECK(problem_of(packet(first, "0000")) == kProtocol);
    CHECK(problem_of(packet(first, "0000"), Level::v311) == kProtocol);
  }
}

TEST_CASE("wire: [MQTT-3.3.1-2] DUP is 0 in QoS 0") {
  CHECK(problem_of(packet(0x38, "0001 't' 00")) == kMalformed);
  CHECK(problem_of(packet(0x38, "0001 't'"), Level::v311) == kMalformed);
  CHECK(written(Publish{.dup = true, .topic = "t"}) == "300400017400");
}

TEST_CASE("wire: [MQTT-3.3.1-4] QoS 3 is malformed") {
  for (const unsigned first : {0x36U, 0x37U, 0x3EU, 0x3FU}) {
    CHECK(problem_of(packet(first, "0001 't' 0001 00")) == kMalformed);
    CHECK(problem_of(packet(first, "0001 't' 0001"), Level::v311) == kMalformed);
    CHECK(problem_of(packet(first, "0001 't' 0001"), Level::v31) == kMalformed);
  }
}

TEST_CASE("wire: [MQTT-3.3.2-1] the topic name is the first field, and a text") {
  CHECK(problem_of(packet(0x30, "")) == kMalformed);
  CHECK(problem_of(packet(0x30, "00")) == kMalformed);
  CHECK(problem_of(packet(0x30, "0002 't'")) == kMalformed);
  CHECK(problem_of(packet(0x30, "0002 c328 00")) == kMalformed);
  CHECK(problem_of(packet(0x30, "0002 c328"), Level::v311) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.3.2-2] [MQTT-4.7.0-1] no wildcards in a topic name") {
  for (const char* topic : {"#", "+", "a/#", "a/+/b", "a+", "#a"}) {
    CHECK(problem_of(packet(0x30, text_hex(topic) + "00")) == Reason::topic_name_invalid);
    CHECK(problem_of(packet(0x30, text_hex(topic)), Level::v311) == Reason::topic_name_invalid);
    CHECK(problem_of(packet(0x30, text_hex(topic) + "03 23 0001")) == Reason::topic_name_invalid);
  }
}

TEST_CASE("wire: [MQTT-4.7.3-1] a topic name has a character, or an alias stands for it") {
  CHECK(problem_of(packet(0x30, "0000 00")) == kProtocol);
  CHECK(problem_of(packet(0x30, "0000"), Level::v311) == kProtocol);
  CHECK(problem_of(packet(0x30, "0000 03 23 0001")) == Reason::success);
  CHECK(problem_of(packet(0x30, "0001 '/' 00")) == Reason::success);
}

TEST_CASE("wire: [MQTT-4.7.3-3] a topic name of 65,535 bytes, and none longer") {
  const std::string longest(65535, 't');
  CHECK(Reading(packet(0x30, text_hex(longest) + "00")).only<Publish>().topic == longest);
  CHECK(written(Publish{.topic = longest}) == encode_hex(packet(0x30, text_hex(longest) + "00")));
  const std::string longer(65536, 't');
  CHECK(written(Publish{.topic = longer}) == "");
  CHECK(written(Publish{.topic = "t", .properties = {.content_type = longer}}) == "");
}

TEST_CASE("wire: [MQTT-3.3.2-8] a topic alias is not 0") {
  CHECK(problem_of(packet(0x30, "0001 't' 03 23 0000")) == Reason::topic_alias_invalid);
  CHECK(problem_of(packet(0x30, "0000 03 23 0000")) == Reason::topic_alias_invalid);
  CHECK(Reading(packet(0x30, "0001 't' 03 23 ffff")).only<Publish>().topic_alias == 65535);
}

TEST_CASE("wire: [MQTT-3.3.2-13] the response topic is a text") {
  CHECK(problem_of(packet(0x30, "0001 't' 04 08 0001 ff")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.3.2-14] no wildcards in a response topic") {
  CHECK(problem_of(packet(0x30, "0001 't' 04 08 0001 '#'")) == kProtocol);
  CHECK(problem_of(packet(0x30, "0001 't' 06 08 0003 'a/+'")) == kProtocol);
  CHECK(problem_of(packet(0x30, "0001 't' 03 08 0000")) == kProtocol);
  CHECK(problem_of(connect5("06", "00 0001 'c' 04 08 0001 '#' 0001 't' 0000")) == kProtocol);
}

TEST_CASE("wire: [MQTT-3.3.2-17] [MQTT-3.3.2-18] user properties with their order") {
  const Reading read(packet(0x30, "0001 't' 15 26 0001 'b' 0001 '1' 26 0001 'a' 0001 '2' 26 0001 'b' 0001 '0'"));
  CHECK(read.only<Publish>().properties.user == UserProperties{{"b", "1"}, {"a", "2"}, {"b", "0"}});
  CHECK(written(read.packets[0]) == encode_hex(read.bytes));
}

TEST_CASE("wire: [MQTT-3.3.2-19] the content type is a text") {
  CHECK(problem_of(packet(0x30, "0001 't' 04 03 0001 ff")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.3.4-6] no subscription identifier from a client") {
  CHECK(problem_of(packet(0x30, "0001 't' 02 0b 01")) == kProtocol);
  CHECK(problem_of(packet(0x30, "0001 't' 02 0b 01"), Level::v5, From::server) == Reason::success);
}

TEST_CASE("wire: §3.3.2.3.2 a payload that is said to be UTF-8 can be checked") {
  CHECK_FALSE(has_valid_payload(Publish{.payload = "\xFF", .properties = {.utf8 = true}}));
  CHECK(has_valid_payload(Publish{.payload = std::string_view("\0", 1), .properties = {.utf8 = true}}));
  CHECK(has_valid_payload(Publish{.payload = "\xFF"}));
  CHECK_FALSE(has_valid_payload(Will{.payload = "\xFF", .properties = {.utf8 = true}}));
  CHECK(has_valid_payload(Will{.payload = "\xFF"}));
}

TEST_CASE("wire: §3.4.2.1 an acknowledgement is as short as it can be") {
  CHECK(written(Ack{Ack::Kind::puback, 1}) == "40020001");
  CHECK(written(Ack{Ack::Kind::pubrec, 1, Reason::no_matching_subscribers}) == "5003000110");
  CHECK(written(Ack{Ack::Kind::pubrel, 1, Reason::packet_identifier_not_found, "x"}) == "6208000192041f000178");
  CHECK(written(Ack{Ack::Kind::pubcomp, 1, Reason::success, {}, {{"a", "b"}}}) == "700b0001000726000161000162");
  CHECK(written(Ack{Ack::Kind::puback, 1, Reason::not_authorized, "no", {{"a", "b"}}}, Level::v311) == "40020001");
}

TEST_CASE("wire: §3.4.2.1 an acknowledgement in each of its lengths") {
  for (const unsigned first : {0x40U, 0x50U, 0x62U, 0x70U}) {
    const auto kind = static_cast<Ack::Kind>(first >> 4U);
    for (const char* body : {"1234", "1234 00", "1234 00 00"}) {
      CHECK(Reading(packet(first, body)).only<Ack>() == Ack{kind, 0x1234});
    }
    CHECK(Reading(packet(first, "1234")).only<Ack>() == Ack{kind, 0x1234});
    CHECK(Reading(packet(first, "1234 00 0b 1f 0001 's' 26 0001 'a' 0001 'b'")).only<Ack>() ==
          Ack{kind, 0x1234, Reason::success, "s", {{"a", "b"}}});
    CHECK(problem_of(packet(first, "")) == kMalformed);
    CHECK(problem_of(packet(first, "12")) == kMalformed);
    CHECK(problem_of(packet(first, "1234 00 00 00")) == kMalformed);
    CHECK(problem_of(packet(first, "1234 00 01")) == kMalformed);
    CHECK(problem_of(packet(first, "1234 00"), Level::v311) == kMalformed);
  }
}

// Which codes of 0 to 255 a packet is read with.
std::string codes_read(unsigned first, std::string_view before, std::string_view after, From from) {
  std::string read;
  for (unsigned code = 0; code < 256; ++code) {
    const std::string byte(1, static_cast<char>(code));
    const Reason problem =
        problem_of(packet(first, std::string(before) + encode_hex(byte) + std::string(after)), Level::v5, from);
    if (problem == Reason::success) read += encode_hex(byte);
    if (problem != Reason::success) CHECK(problem == kProtocol);
  }
  return read;
}

TEST_CASE("wire: [MQTT-3.4.2-1] the reason codes of PUBACK") {
  CHECK(codes_read(0x40, "0001", "", From::client) == "001080838790919799");
}
TEST_CASE("wire: [MQTT-3.5.2-1] the reason codes of PUBREC") {
  CHECK(codes_read(0x50, "0001", "", From::client) == "001080838790919799");
}
TEST_CASE("wire: [MQTT-3.6.2-1] the reason codes of PUBREL") {
  CHECK(codes_read(0x62, "0001", "", From::client) == "0092");
}
TEST_CASE("wire: [MQTT-3.7.2-1] the reason codes of PUBCOMP") {
  CHECK(codes_read(0x70, "0001", "", From::client) == "0092");
}
TEST_CASE("wire: [MQTT-3.9.3-2] the reason codes of SUBACK") {
  CHECK(codes_read(0x90, "0001 00", "", From::server) == "0001028083878f91979ea1a2");
}
TEST_CASE("wire: [MQTT-3.11.3-2] the reason codes of UNSUBACK") {
  CHECK(codes_read(0xB0, "0001 00", "", From::server) == "00118083878f91");
}
TEST_CASE("wire: [MQTT-3.2.2-8] the reason codes of CONNACK") {
  CHECK(codes_read(0x20, "00", "00", From::server) ==
        "008081828384858687"
        "88898a8c909597999a9b9c9d9f");
}
TEST_CASE("wire: [MQTT-3.14.2-1] the reason codes of DISCONNECT, from either side") {
  CHECK(codes_read(0xE0, "", "", From::client) == "0004808182839093949596979899");
  CHECK(codes_read(0xE0, "", "", From::server) ==
        "0080818283878"
        "98b8c8d8e8f90939495969798999a9b9c9d9e9fa0a1a2");
}
TEST_CASE("wire: [MQTT-3.15.2-1] the reason codes of AUTH, from either side") {
  CHECK(codes_read(0xF0, "", "04 15 0001 'm'", From::client) == "1819");
  CHECK(codes_read(0xF0, "", "04 15 0001 'm'", From::server) == "0018");
}

TEST_CASE("wire: [MQTT-3.6.1-1] the flags of PUBREL are 0010") {
  for (unsigned flags = 0; flags < 16; ++flags) {
    const Reason expected = flags == 2 ? Reason::success : kMalformed;
    CHECK(problem_of(packet(0x60 | flags, "0001")) == expected);
    CHECK(problem_of(packet(0x60 | flags, "0001"), Level::v311) == expected);
    CHECK(problem_of(packet(0x60 | flags, "0001"), Level::v31) == Reason::success);
  }
}

}  // namespace
}  // namespace confab::mqtt
