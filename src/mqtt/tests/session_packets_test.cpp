// CONNACK, PINGREQ, PINGRESP, DISCONNECT and AUTH, as bytes, by the normative statements of §3.2 and §3.12 to §3.15.
#include "mqtt/tests/reading.h"

namespace confab::mqtt {
namespace {

constexpr auto kMalformed = Reason::malformed_packet;
constexpr auto kProtocol = Reason::protocol_error;

TEST_CASE("wire: CONNACK with everything that it may have") {
  Connack connack;
  connack.session_present = true;
  connack.session_expiry = 0;
  connack.receive_maximum = 20;
  connack.maximum_qos = 1;
  connack.retain_available = false;
  connack.maximum_packet_size = 65536;
  connack.assigned_client_id = "id";
  connack.topic_alias_maximum = 5;
  connack.reason_string = "why";
  connack.server_keep_alive = 0;
  connack.response_information = "im/";
  connack.authentication_method = "M";
  connack.authentication_data = "D";
  connack.user = {{"a", "b"}};
  connack.server_reference = "other";
  connack.wildcard_subscriptions_available = false;
  connack.subscription_ids_available = false;
  connack.shared_subscriptions_available = false;
  const std::string properties =
      "11 00000000 21 0014 24 01 25 00 27 00010000 22 0005 28 00 29 00 2a 00 13 0000 12 0002 'id' 1f 0003 'why'"
      "1a 0003 'im/' 1c 0005 'other' 15 0001 'M' 16 0001 'D' 26 0001 'a' 0001 'b'";
  const Reading read(packet(0x20, "01 00" + counted(properties)), Level::v5, From::server);
  CHECK(read.only<Connack>() == connack);
  CHECK(written(connack) == encode_hex(read.bytes));
  CHECK(written(connack, Level::v311) == "20020100");
  CHECK(written(connack, Level::v31) == "20020000");
}

TEST_CASE("wire: CONNACK says only what differs from the defaults") {
  CHECK(written(Connack{}) == "2003000000");
  CHECK(Reading(hex("2003000000"), Level::v5, From::server).only<Connack>() == Connack{});
  CHECK(Reading(hex("20020100"), Level::v311, From::server).only<Connack>() == Connack{.session_present = true});
}

TEST_CASE("wire: [MQTT-3.2.2-1] the flags of CONNACK but the first are 0") {
  for (const char* flags : {"02", "03", "80", "ff"}) {
    CHECK(problem_of(packet(0x20, flags + std::string("00 00")), Level::v5, From::server) == kMalformed);
    CHECK(problem_of(packet(0x20, flags + std::string("00")), Level::v311, From::server) == kMalformed);
  }
}

TEST_CASE("wire: [MQTT-3.2.2-6] no session is present in a refusal") {
  CHECK(written(Connack{.session_present = true, .reason = Reason::server_busy}) == "2003008900");
  CHECK(written(Connack{.session_present = true, .reason = Reason::server_busy}, Level::v311) == "20020003");
  CHECK(problem_of(hex("2003018900"), Level::v5, From::server) == kProtocol);
  CHECK(problem_of(hex("20020103"), Level::v311, From::server) == kProtocol);  // there [MQTT-3.2.2-4]
}

TEST_CASE("wire 3.1.1: [MQTT-3.2.2-6] a refusal without a return code is not written") {
  CHECK(written(Connack{.reason = Reason::malformed_packet}, Level::v311) == "");
  CHECK(written(Connack{.reason = Reason::packet_too_large}, Level::v31) == "");
  CHECK(written(Connack{.reason = Reason::not_authorized}, Level::v311) == "20020005");
  CHECK(written(Connack{.reason = Reason::unsupported_protocol_version}, Level::v311) == "20020001");
}

TEST_CASE("wire 3.1.1: §3.2.2.3 the return codes") {
  CHECK(Reading(hex("20020004"), Level::v311, From::server).only<Connack>().reason ==
        Reason::bad_user_name_or_password);
  CHECK(problem_of(hex("20020006"), Level::v311, From::server) == kProtocol);
  CHECK(problem_of(hex("200200ff"), Level::v311, From::server) == kProtocol);
  CHECK(problem_of(hex("200100"), Level::v311, From::server) == kMalformed);
  CHECK(problem_of(hex("2003000000"), Level::v311, From::server) == kMalformed);
}

TEST_CASE("wire: §3.12, §3.13 PINGREQ and PINGRESP are two bytes") {
  CHECK(written(Pingreq{}) == "c000");
  CHECK(written(Pingresp{}, Level::v31) == "d000");
  CHECK(Reading(hex("c000 c000")).packets.size() == 2);
  CHECK(Reading(hex("d000"), Level::v311, From::server).only<Pingresp>() == Pingresp{});
  CHECK(problem_of(hex("c001 00")) == kMalformed);
  CHECK(problem_of(hex("c001 00"), Level::v311) == kMalformed);
  CHECK(problem_of(hex("d001 00"), Level::v5, From::server) == kMalformed);
}

TEST_CASE("wire: §3.14.2.1 a DISCONNECT is as short as it can be") {
  CHECK(written(Disconnect{}) == "e000");
  CHECK(written(Disconnect{.reason = Reason::disconnect_with_will}) == "e00104");
  CHECK(written(Disconnect{.reason = Reason::session_taken_over}, Level::v311) == "e000");
  CHECK(written(Disconnect{.session_expiry = 5}) ==
        "e007"
        "00"
        "051100000005");
  CHECK(Reading(hex("e000")).only<Disconnect>() == Disconnect{});
  CHECK(Reading(hex("e00104")).only<Disconnect>() == Disconnect{.reason = Reason::disconnect_with_will});
  CHECK(Reading(hex("e0020000")).only<Disconnect>() == Disconnect{});
  CHECK(Reading(hex("e00700051100000005")).only<Disconnect>() == Disconnect{.session_expiry = 5});
  CHECK(problem_of(hex("e003000000")) == kMalformed);
  CHECK(problem_of(hex("e00100"), Level::v311) == kMalformed);
}

TEST_CASE("wire: [MQTT-3.14.1-1] the flags of DISCONNECT are 0") {
  for (unsigned flags = 1; flags < 16; ++flags) {
    CHECK(problem_of(packet(0xE0 | flags, "")) == kMalformed);
    CHECK(problem_of(packet(0xE0 | flags, ""), Level::v311) == kMalformed);
    CHECK(problem_of(packet(0xE0 | flags, ""), Level::v5, From::server) == kMalformed);
  }
}

TEST_CASE("wire: [MQTT-3.14.2-2] no session expiry from a server, no server reference from a client") {
  CHECK(problem_of(packet(0xE0, "00" + counted("11 00000005")), Level::v5, From::server) == kProtocol);
  CHECK(problem_of(packet(0xE0, "00" + counted("1c 0001 's'"))) == kProtocol);
  const Reading read(packet(0xE0, "9d" + counted("1c 0001 's' 1f 0001 'r' 26 0001 'a' 0001 'b'")), Level::v5,
                     From::server);
  const Disconnect moved{
      .reason = Reason::server_moved, .reason_string = "r", .server_reference = "s", .user = {{"a", "b"}}};
  CHECK(read.only<Disconnect>() == moved);
  CHECK(written(moved) == encode_hex(read.bytes));
}

TEST_CASE("wire: §3.15.2.2.2 an AUTH names its method, but for a success in two bytes") {
  const Auth auth{Reason::continue_authentication, "SCRAM-SHA-256", std::string_view("\0x", 2), "r", {{"a", "b"}}};
  const Reading read(
      packet(0xF0, "18" + counted("15 000d 'SCRAM-SHA-256' 16 0002 0078 1f 0001 'r' 26 0001 'a' 0001 'b'")));
  CHECK(read.only<Auth>() == auth);
  CHECK(written(auth) == encode_hex(read.bytes));
  CHECK(problem_of(hex("f0021800")) == kProtocol);
  CHECK(problem_of(hex("f0051803150000")) == kProtocol);
  CHECK(problem_of(hex("f00118")) == kMalformed);
  CHECK(problem_of(hex("f000")) == kProtocol);
  CHECK(Reading(hex("f000"), Level::v5, From::server).only<Auth>() == Auth{});
  CHECK(written(Auth{}) == "f000");
  CHECK(written(auth, Level::v311) == "");
}

TEST_CASE("wire: [MQTT-3.15.1-1] the flags of AUTH are 0") {
  for (unsigned flags = 1; flags < 16; ++flags) {
    CHECK(problem_of(packet(0xF0 | flags, "18" + counted("15 0001 'm'"))) == kMalformed);
  }
}

}  // namespace
}  // namespace confab::mqtt
