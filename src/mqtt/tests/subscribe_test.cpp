// SUBSCRIBE, UNSUBSCRIBE and their answers, as bytes, by the normative statements of §3.8 to §3.11.
#include "mqtt/tests/reading.h"

namespace confab::mqtt {
namespace {

constexpr auto kMalformed = Reason::malformed_packet;
constexpr auto kProtocol = Reason::protocol_error;

TEST_CASE("wire: SUBSCRIBE with its options") {
  const Reading read(packet(0x82,
                            "000a 09 0b 9601 26 0001 'n' 0000"
                            "0003 'a/b' 01 0003 'c/d' 2e"));
  const auto& subscribe = read.only<Subscribe>();
  CHECK(subscribe.id == 10);
  CHECK(subscribe.subscription_id == 150);
  CHECK(subscribe.user == UserProperties{{"n", ""}});
  REQUIRE(subscribe.subscriptions.size() == 2);
  CHECK(subscribe.subscriptions[0] == Subscription{"a/b", 1});
  CHECK(subscribe.subscriptions[1] == Subscription{"c/d", 2, true, true, 2});
  CHECK(written(subscribe) == encode_hex(read.bytes));
}

TEST_CASE("wire: SUBSCRIBE of 3.1.1") {
  const Reading read(packet(0x82, "000a 0003 'a/b' 01 0003 'c/d' 02"), Level::v311);
  CHECK(read.only<Subscribe>() == Subscribe{.id = 10, .subscriptions = {{"a/b", 1}, {"c/d", 2}}});
  CHECK(written(read.packets[0], Level::v311) == encode_hex(read.bytes));
  CHECK(written(Subscribe{10, 7, {{"a/b", 1, true, true, 2}, {"c/d", 2}}, {{"a", "b"}}}, Level::v311) ==
        encode_hex(read.bytes));
}

TEST_CASE("wire: [MQTT-3.8.1-1] the flags of SUBSCRIBE are 0010") {
  for (unsigned flags = 0; flags < 16; ++flags) {
    const Reason expected = flags == 2 ? Reason::success : kMalformed;
    CHECK(problem_of(packet(0x80 | flags, "0001 00 0001 'f' 00")) == expected);
    CHECK(problem_of(packet(0x80 | flags, "0001 0001 'f' 00"), Level::v311) == expected);
  }
  CHECK(problem_of(packet(0x8A, "0001 0001 'f' 00"), Level::v31) == Reason::success);  // DUP, which 3.1 has
}

TEST_CASE("wire: [MQTT-3.8.3-1] topic filters are texts, of a character at least") {
  CHECK(problem_of(packet(0x82, "0001 00 0001 ff 00")) == kMalformed);
  CHECK(problem_of(packet(0x82, "0001 0001 ff 00"), Level::v311) == kMalformed);
  CHECK(problem_of(packet(0x82, "0001 00 0000 00")) == kMalformed);
  CHECK(problem_of(packet(0x82, "0001 00 0001 'f' 00 0000 00")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.8.3-2] a SUBSCRIBE has a topic filter with its options") {
  CHECK(problem_of(packet(0x82, "0001 00")) == kProtocol);
  CHECK(problem_of(packet(0x82, "0001"), Level::v311) == kProtocol);
  CHECK(problem_of(packet(0x82, "0001 00 0001 'f'")) == kMalformed);
  CHECK(problem_of(packet(0x82, "0001 00 0001 'f' 00 00")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.8.3-4] no local is a protocol error on a shared subscription") {
  CHECK(problem_of(packet(0x82, "0001 00" + text_hex("$share/g/f") + "04")) == kProtocol);
  CHECK(problem_of(packet(0x82, "0001 00" + text_hex("$share/g/f") + "08")) == Reason::success);
  CHECK(problem_of(packet(0x82, "0001 00" + text_hex("$shared/f") + "04")) == Reason::success);
}

TEST_CASE("wire: [MQTT-3.8.3-5] reserved bits of the options are malformed") {
  for (const char* options : {"40", "80", "c0", "c1"}) {
    CHECK(problem_of(packet(0x82, "0001 00 0001 'f'" + std::string(options))) == kMalformed);
  }
  for (const char* options : {"04", "08", "10", "20", "40", "80", "81"}) {  // 3.1.1 [MQTT-3.8.3-4]
    CHECK(problem_of(packet(0x82, "0001 0001 'f'" + std::string(options)), Level::v311) == kMalformed);
  }
}

TEST_CASE("wire: §3.8.3.1 QoS 3 and retain handling 3 are protocol errors") {
  CHECK(problem_of(packet(0x82, "0001 00 0001 'f' 03")) == kProtocol);
  CHECK(problem_of(packet(0x82, "0001 00 0001 'f' 30")) == kProtocol);
  CHECK(problem_of(packet(0x82, "0001 0001 'f' 03"), Level::v311) == kMalformed);  // 3.1.1 [MQTT-3.8.3-4]
}

TEST_CASE("wire: §3.8.2.1.2 a subscription identifier of 1 to 268,435,455") {
  CHECK(problem_of(packet(0x82, "0001 02 0b 00 0001 'f' 00")) == kProtocol);
  CHECK(Reading(packet(0x82, "0001 05 0b ffffff7f 0001 'f' 00")).only<Subscribe>().subscription_id == 268435455);
  CHECK(problem_of(packet(0x82, "0001 04 0b 01 0b 02 0001 'f' 00")) == kProtocol);
}

TEST_CASE("wire: [MQTT-3.9.3-1] the codes of SUBACK in their order") {
  const Suback suback{10, {Reason::granted_qos_2, Reason::not_authorized, Reason::success}, "why", {}};
  CHECK(written(suback) ==
        "900c"
        "000a"
        "061f0003776879"
        "028700");
  CHECK(written(suback, Level::v311) ==
        "9005"
        "000a"
        "028000");
  CHECK(Reading(hex("900c000a061f0003776879028700"), Level::v5, From::server).only<Suback>() == suback);
  CHECK(Reading(hex("9005000a028000"), Level::v311, From::server).only<Suback>() ==
        Suback{10, {Reason::granted_qos_2, Reason::unspecified, Reason::success}, {}, {}});
}

TEST_CASE("wire 3.1.1: [MQTT-3.9.3-2] codes other than 0, 1, 2 and 0x80 are reserved") {
  for (const char* code : {"03", "7f", "81", "87", "ff"}) {
    CHECK(problem_of(packet(0x90, "0001" + std::string(code)), Level::v311, From::server) == kProtocol);
  }
}

TEST_CASE("wire: [MQTT-3.8.4-6] a SUBACK has codes") {
  CHECK(problem_of(packet(0x90, "0001 00"), Level::v5, From::server) == kProtocol);
  CHECK(problem_of(packet(0x90, "0001"), Level::v311, From::server) == kProtocol);
}

TEST_CASE("wire: UNSUBSCRIBE of 5.0 and of 3.1.1") {
  const Reading read(packet(0xA2, "000a 07 26 0001 'n' 0001 'v' 0003 'a/b' 0003 'c/d'"));
  CHECK(read.only<Unsubscribe>() == Unsubscribe{10, {"a/b", "c/d"}, {{"n", "v"}}});
  CHECK(written(read.packets[0]) == encode_hex(read.bytes));
  const Reading older(packet(0xA2, "000a 0003 'a/b' 0003 'c/d'"), Level::v311);
  CHECK(older.only<Unsubscribe>() == Unsubscribe{10, {"a/b", "c/d"}, {}});
  CHECK(written(read.packets[0], Level::v311) == encode_hex(older.bytes));
}

TEST_CASE("wire: [MQTT-3.10.1-1] the flags of UNSUBSCRIBE are 0010") {
  for (unsigned flags = 0; flags < 16; ++flags) {
    const Reason expected = flags == 2 ? Reason::success : kMalformed;
    CHECK(problem_of(packet(0xA0 | flags, "0001 00 0001 'f'")) == expected);
    CHECK(problem_of(packet(0xA0 | flags, "0001 0001 'f'"), Level::v311) == expected);
  }
}

TEST_CASE("wire: [MQTT-3.10.3-1] topic filters of UNSUBSCRIBE are texts, of a character at least") {
  CHECK(problem_of(packet(0xA2, "0001 00 0001 ff")) == kMalformed);
  CHECK(problem_of(packet(0xA2, "0001 0001 ff"), Level::v311) == kMalformed);
  CHECK(problem_of(packet(0xA2, "0001 00 0000")) == kMalformed);
  CHECK(problem_of(packet(0xA2, "0001 00 0002 'f'")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.10.3-2] an UNSUBSCRIBE has a topic filter") {
  CHECK(problem_of(packet(0xA2, "0001 00")) == kProtocol);
  CHECK(problem_of(packet(0xA2, "0001"), Level::v311) == kProtocol);
}

TEST_CASE("wire: [MQTT-3.11.3-1] the codes of UNSUBACK in their order; in 3.1.1 there are none") {
  const Unsuback unsuback{10, {Reason::no_subscription_existed, Reason::success}, "s", {{"a", "b"}}};
  CHECK(written(unsuback) ==
        "b010"
        "000a"
        "0b1f000173"
        "26000161000162"
        "1100");
  CHECK(Reading(hex("b010000a0b1f000173260001610001621100"), Level::v5, From::server).only<Unsuback>() == unsuback);
  CHECK(written(unsuback, Level::v311) == "b002000a");
  CHECK(Reading(hex("b002000a"), Level::v311, From::server).only<Unsuback>() == Unsuback{10, {}, {}, {}});
  CHECK(problem_of(hex("b003000a00"), Level::v311, From::server) == kMalformed);
  CHECK(problem_of(hex("b003000a00"), Level::v5, From::server) == kProtocol);
}

}  // namespace
}  // namespace confab::mqtt
