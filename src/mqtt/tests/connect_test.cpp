// CONNECT, as bytes, by the normative statements of §3.1.
#include "mqtt/tests/reading.h"

namespace confab::mqtt {
namespace {

constexpr auto kMalformed = Reason::malformed_packet;
constexpr auto kProtocol = Reason::protocol_error;

TEST_CASE("wire: CONNECT with everything that it may have") {
  const std::string own = "11 0000000a 21 0014 27 00001000 22 0005 19 01 17 00 15" + text_hex("SCRAM") + "16" +
                          text_hex("n,,") + "26" + text_hex("a") + text_hex("1") + "26" + text_hex("a") + text_hex("2");
  const std::string will = "18 00000078 01 01 02 0000003c 03" + text_hex("text/plain") + "08" + text_hex("re") + "09" +
                           text_hex("cd") + "26" + text_hex("k") + text_hex("v");
  const Reading read(connect5("ee", counted(own) + text_hex("phone") + counted(will) + text_hex("gone") +
                                        text_hex("bye") + text_hex("alice") + text_hex("secret")));
  const auto& connect = read.only<Connect>();
  CHECK(connect.level == Level::v5);
  CHECK(connect.clean_start);
  CHECK(connect.keep_alive == 60);
  CHECK(connect.session_expiry == 10);
  CHECK(connect.receive_maximum == 20);
  CHECK(connect.maximum_packet_size == 4096);
  CHECK(connect.topic_alias_maximum == 5);
  CHECK(connect.request_response_information);
  CHECK_FALSE(connect.request_problem_information);
  CHECK(connect.authentication_method == "SCRAM");
  CHECK(connect.authentication_data == "n,,");
  CHECK(connect.user == UserProperties{{"a", "1"}, {"a", "2"}});
  CHECK(connect.client_id == "phone");
  REQUIRE(connect.will);
  CHECK(connect.will->delay == 120);
  CHECK(connect.will->qos == 1);
  CHECK(connect.will->retain);
  CHECK(connect.will->topic == "gone");
  CHECK(connect.will->payload == "bye");
  CHECK(connect.will->properties == MessageProperties{true, 60, "text/plain", "re", "cd", {{"k", "v"}}});
  CHECK(connect.user_name == "alice");
  CHECK(connect.password == "secret");
  CHECK(written(connect) == encode_hex(read.bytes));
}

TEST_CASE("wire: CONNECT of 3.1.1") {
  const Reading read(
      connect311("ce", text_hex("c") + text_hex("w/t") + text_hex("bye") + text_hex("u") + text_hex("p")));
  const auto& connect = read.only<Connect>();
  CHECK(connect.level == Level::v311);
  CHECK(read.level == Level::v311);
  CHECK(connect.clean_start);
  CHECK(connect.session_expiry == 0);
  CHECK(connect.will == Will{"w/t", "bye", 1, false, 0, {}});
  CHECK(connect.user_name == "u");
  CHECK(connect.password == "p");
  CHECK(written(connect, Level::v311) == encode_hex(read.bytes));
}

TEST_CASE("wire: CONNECT of 3.1, with a long client identifier") {
  const Reading read(connect31("00", text_hex("a-client-identifier-beyond-23-bytes")));
  const auto& connect = read.only<Connect>();
  CHECK(connect.level == Level::v31);
  CHECK(connect.client_id == "a-client-identifier-beyond-23-bytes");
  CHECK_FALSE(connect.clean_start);
  CHECK(connect.session_expiry == 0xFFFFFFFF);
  CHECK(written(connect, Level::v31) == encode_hex(read.bytes));
}

TEST_CASE("wire 3.1: the texts that the flags announce may be missing at the end") {
  CHECK(problem_of(connect31("c2", text_hex("c"))) == Reason::success);
  const Reading read(connect31("c2", text_hex("c") + text_hex("u")));
  CHECK(read.only<Connect>().user_name == "u");
  CHECK_FALSE(read.only<Connect>().password);
  CHECK(problem_of(connect311("c2", text_hex("c"))) == kMalformed);
}

TEST_CASE("wire 3.1: bits that it does not use are not looked at") {
  std::string bytes = connect31("03", text_hex("c"));
  bytes[0] = '\x1F';
  CHECK(problem_of(bytes) == Reason::success);
}

TEST_CASE("wire: [MQTT-3.1.2-1] the protocol name is MQTT") {
  for (const char* name : {"mqtt", "MQTTX", "MQT", "", "MQIsdp"}) {
    const Reading read(packet(0x10, text_hex(name) + "05 02 003c 00 0000"));
    CHECK(read.problem == Reason::unsupported_protocol_version);
    CHECK(read.code == Errc::unsupported);
    CHECK(read.level == Level::v5);
    CHECK(read.in_connect);
  }
}

TEST_CASE("wire: [MQTT-3.1.2-2] another version is refused in the form that its client reads") {
  const auto refused = [](std::string_view name, std::string_view version) {
    const Reading read(packet(0x10, text_hex(name) + std::string(version) + "02 003c 0001 'c'"));
    CHECK(read.problem == Reason::unsupported_protocol_version);
    return read.level;
  };
  CHECK(refused("MQTT", "06") == Level::v5);
  CHECK(refused("MQTT", "7f") == Level::v5);
  CHECK(refused("MQTT", "03") == Level::v311);
  CHECK(refused("MQTT", "00") == Level::v311);
  CHECK(refused("MQIsdp", "04") == Level::v311);
  CHECK(refused("MQIsdp", "83") == Level::v311);
  CHECK(refused("MQTT", "84") == Level::v311);
  CHECK(refused("AMQP", "01") == Level::v311);
}

TEST_CASE("wire: [MQTT-3.1.2-3] the reserved flag of CONNECT is 0") {
  CHECK(problem_of(connect5("03", "00 0001 'c'")) == kMalformed);
  CHECK(problem_of(connect311("03", "0001 'c'")) == kMalformed);
}

TEST_CASE("wire: [MQTT-2.1.3-1] the flags of CONNECT's header are 0") {
  for (char first = 0x11; first <= 0x1F; ++first) {
    std::string five = connect5("02", "00 0001 'c'");
    std::string older = connect311("02", "0001 'c'");
    five[0] = older[0] = first;
    CHECK(problem_of(five) == kMalformed);
    CHECK(problem_of(older) == kMalformed);
  }
}

TEST_CASE("wire: [MQTT-3.1.2-9] a will's properties, topic and payload are in the payload") {
  CHECK(problem_of(connect5("06", "00 0001 'c' 00 0001 't' 0001 'p'")) == Reason::success);
  CHECK(problem_of(connect5("06", "00 0001 'c'")) == kMalformed);
  CHECK(problem_of(connect5("06", "00 0001 'c' 00")) == kMalformed);
  CHECK(problem_of(connect5("06", "00 0001 'c' 00 0001 't'")) == kMalformed);
  CHECK(problem_of(connect5("06", "00 0001 'c' 0001 't' 0001 'p'")) == kMalformed);
  CHECK(problem_of(connect311("06", "0001 'c' 0001 't'")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.1.2-11] without a will its QoS is 0") {
  for (const char* flags : {"0a", "12", "1a"}) {
    CHECK(problem_of(connect5(flags, "00 0001 'c'")) == kMalformed);
    CHECK(problem_of(connect311(flags, "0001 'c'")) == kMalformed);
  }
}

TEST_CASE("wire: [MQTT-3.1.2-12] a will's QoS is 0, 1 or 2") {
  const std::string rest = "0001 'c' 00 0001 't' 0001 'p'";
  CHECK(Reading(connect5("06", "00" + rest)).only<Connect>().will->qos == 0);
  CHECK(Reading(connect5("0e", "00" + rest)).only<Connect>().will->qos == 1);
  CHECK(Reading(connect5("16", "00" + rest)).only<Connect>().will->qos == 2);
  CHECK(problem_of(connect5("1e", "00" + rest)) == kMalformed);
  CHECK(problem_of(connect311("1e", "0001 'c' 0001 't' 0001 'p'")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.1.2-13] without a will it is not retained") {
  CHECK(problem_of(connect5("22", "00 0001 'c'")) == kMalformed);
  CHECK(problem_of(connect311("22", "0001 'c'")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.1.2-16] [MQTT-3.1.2-17] a user name is there if its flag says so") {
  CHECK(Reading(connect5("82", "00 0001 'c' 0001 'u'")).only<Connect>().user_name == "u");
  CHECK_FALSE(Reading(connect5("02", "00 0001 'c'")).only<Connect>().user_name);
  CHECK(problem_of(connect5("02", "00 0001 'c' 0001 'u'")) == kMalformed);
  CHECK(problem_of(connect5("82", "00 0001 'c'")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.1.2-18] [MQTT-3.1.2-19] a password is there if its flag says so, of any bytes") {
  CHECK(Reading(connect5("42", "00 0001 'c' 0002 ff00")).only<Connect>().password == std::string_view("\xFF\0", 2));
  CHECK_FALSE(Reading(connect5("82", "00 0001 'c' 0001 'u'")).only<Connect>().password);
  CHECK(problem_of(connect5("82", "00 0001 'c' 0001 'u' 0001 'p'")) == kMalformed);
  CHECK(problem_of(connect5("c2", "00 0001 'c' 0001 'u'")) == kMalformed);
}

TEST_CASE("wire 3.1.1: [MQTT-3.1.2-22] no password without a user name") {
  CHECK(problem_of(connect311("42", "0001 'c' 0001 'p'")) == kMalformed);
  CHECK(problem_of(connect31("42", "0001 'c' 0001 'p'")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.1.3-1] the fields of the payload in their order") {
  const Reading read(connect5("c6", "00" + text_hex("id") + "00" + text_hex("topic") + text_hex("payload") +
                                        text_hex("name") + text_hex("password")));
  const auto& connect = read.only<Connect>();
  CHECK(connect.client_id == "id");
  CHECK(connect.will == Will{"topic", "payload", 0, false, 0, {}});
  CHECK(connect.user_name == "name");
  CHECK(connect.password == "password");
}

TEST_CASE("wire: [MQTT-3.1.3-3] [MQTT-3.1.3-4] the client identifier is there, and a text") {
  CHECK(problem_of(connect5("02", "00")) == kMalformed);
  CHECK(problem_of(connect5("02", "00 0001 ff")) == kMalformed);
  CHECK(problem_of(connect311("02", "")) == kMalformed);
  CHECK(problem_of(connect311("02", "0001 ff")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.1.3-5] client identifiers of 1 to 23 letters and digits, and longer ones") {
  for (std::size_t length = 1; length <= 23; ++length) {
    const std::string id(length, 'z');
    CHECK(Reading(connect5("02", "00" + text_hex(id))).only<Connect>().client_id == id);
    CHECK(Reading(connect311("02", text_hex(id))).only<Connect>().client_id == id);
    CHECK(Reading(connect31("02", text_hex(id))).only<Connect>().client_id == id);
  }
  const std::string all = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  CHECK(Reading(connect5("02", "00" + text_hex(all))).only<Connect>().client_id == all);
}

TEST_CASE("wire: [MQTT-3.1.3-6] an empty client identifier is read: the server makes one") {
  CHECK(Reading(connect5("00", "00 0000")).only<Connect>().client_id.empty());
  CHECK(Reading(connect311("02", "0000")).only<Connect>().client_id.empty());
}

TEST_CASE("wire 3.1.1: [MQTT-3.1.3-7] [MQTT-3.1.3-8] an empty client identifier wants a clean session") {
  const Reading read(connect311("00", "0000"));
  CHECK(read.problem == Reason::client_identifier_not_valid);
  CHECK(read.level == Level::v311);
  CHECK(read.in_connect);
  CHECK(problem_of(connect31("02", "0000")) == Reason::client_identifier_not_valid);
}

TEST_CASE("wire: [MQTT-3.1.3-11] the will topic is a text, and a topic name") {
  const auto with = [](const std::string& topic) { return connect5("06", "00 0001 'c' 00" + topic + "0001 'p'"); };
  CHECK(problem_of(with("0001 ff")) == kMalformed);
  CHECK(problem_of(with(text_hex("a/#"))) == Reason::topic_name_invalid);
  CHECK(problem_of(with(text_hex("+"))) == Reason::topic_name_invalid);
  CHECK(problem_of(with("0000")) == kProtocol);
  CHECK(problem_of(connect311("06", "0001 'c' 0001 '#' 0001 'p'")) == Reason::topic_name_invalid);
  CHECK(problem_of(connect311("06", "0001 'c' 0001 ff 0001 'p'")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.1.3-12] the user name is a text") {
  CHECK(problem_of(connect5("82", "00 0001 'c' 0002 c080")) == kMalformed);
  CHECK(problem_of(connect311("82", "0001 'c' 0002 c080")) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.1.3-10] the order of a will's user properties") {
  const Reading read(connect5("06",
                              "00 0001 'c' 15 26 0001 'b' 0001 '1' 26 0001 'a' 0001 '2' 26 0001 'b' 0001 '0'"
                              "0001 't' 0001 'p'"));
  CHECK(read.only<Connect>().will->properties.user == UserProperties{{"b", "1"}, {"a", "2"}, {"b", "0"}});
}

TEST_CASE("wire: [MQTT-3.1.4-1] a CONNECT that is not in its format") {
  CHECK(problem_of(packet(0x10, "")) == kMalformed);
  CHECK(problem_of(packet(0x10, "0004 'MQ'")) == kMalformed);
  CHECK(problem_of(packet(0x10, "0004 'MQTT'")) == kMalformed);
  CHECK(problem_of(packet(0x10, "0004 'MQTT' 05")) == kMalformed);
  CHECK(problem_of(packet(0x10, "0004 'MQTT' 05 02 00")) == kMalformed);
  CHECK(problem_of(packet(0x10, "0004 'MQTT' 05 02 003c")) == kMalformed);
  CHECK(problem_of(connect5("02", "00 0001 'c' 00")) == kMalformed);
  CHECK(problem_of(connect311("02", "0001 'c' 00")) == kMalformed);
}

TEST_CASE("wire: what failed before its version was read has no CONNACK") {
  const Reading read(packet(0x10, "0004 'MQTT'"));
  CHECK(read.level == Level::v311);
  CHECK(read.in_connect);
  CHECK(Reading(hex("10 ffffffff7f"), Level::v5, From::client).level == Level::v311);
  const Reading known(connect5("03", "00 0001 'c'"));
  CHECK(known.level == Level::v5);
  CHECK(known.in_connect);
}

TEST_CASE("wire: a second CONNECT does not change how the others are read") {
  const Reading read(connect5("02", "00 0001 'c'") + connect311("02", "0001 'c'") + packet(0x30, "0001 't' 00 'p'"));
  REQUIRE(read.packets.size() == 3);
  CHECK(std::get<Connect>(read.packets[1]).level == Level::v311);
  CHECK(std::get<Publish>(read.packets[2]).payload == "p");
  CHECK(read.level == Level::v5);
}

TEST_CASE("wire: §3.1.2.11 the properties of CONNECT have their values") {
  const auto with = [](const std::string& properties) {
    return problem_of(connect5("02", counted(properties) + "0001 'c'"));
  };
  CHECK(with("21 0000") == kProtocol);      // §3.1.2.11.3
  CHECK(with("27 00000000") == kProtocol);  // §3.1.2.11.4
  CHECK(with("19 02") == kProtocol);        // §3.1.2.11.6
  CHECK(with("17 02") == kProtocol);        // §3.1.2.11.7
  CHECK(with("16 0001 'd'") == kProtocol);  // §3.1.2.11.10
  CHECK(with("16 0001 'd' 15 0001 'm'") == Reason::success);
  CHECK(with("15 0000") == Reason::bad_authentication_method);
  CHECK(with("11 ffffffff") == Reason::success);
  CHECK(with("22 0000") == Reason::success);
}

}  // namespace
}  // namespace confab::mqtt
