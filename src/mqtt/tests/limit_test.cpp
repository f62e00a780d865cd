// The peer's Maximum Packet Size: what is left out to keep to it, and what is not written at all.
#include "mqtt/tests/reading.h"

namespace confab::mqtt {
namespace {

// Tries every limit: the whole packet, then without its Reason String, then without its User Properties too, then none.
template <class P>
void check_trimmed(P whole) {
  whole.reason_string = "why";
  whole.user = {{"name", "value"}, {"name", "value"}};
  P shorter = whole;
  shorter.reason_string = {};
  P shortest = shorter;
  shortest.user.clear();
  const std::string one = written(whole);
  const std::string two = written(shorter);
  const std::string three = written(shortest);
  CHECK(one.size() > two.size());
  CHECK(two.size() > three.size());
  for (std::size_t limit = 1; limit <= one.size() / 2 + 1; ++limit) {
    const std::string& fits = limit >= one.size() / 2     ? one
                              : limit >= two.size() / 2   ? two
                              : limit >= three.size() / 2 ? three
                                                          : std::string();
    CHECK(written(whole, Level::v5, limit) == fits);
  }
}

TEST_CASE("wire: [MQTT-3.2.2-19] [MQTT-3.2.2-20] CONNACK within the limit") {
  check_trimmed(Connack{.assigned_client_id = "stays"});
}
TEST_CASE("wire: [MQTT-3.4.2-2] [MQTT-3.4.2-3] PUBACK within the limit") {
  check_trimmed(Ack{Ack::Kind::puback, 1, Reason::not_authorized});
}
TEST_CASE("wire: [MQTT-3.5.2-2] [MQTT-3.5.2-3] PUBREC within the limit") {
  check_trimmed(Ack{Ack::Kind::pubrec, 1});
}
TEST_CASE("wire: [MQTT-3.6.2-2] [MQTT-3.6.2-3] PUBREL within the limit") {
  check_trimmed(Ack{Ack::Kind::pubrel, 1});
}
TEST_CASE("wire: [MQTT-3.7.2-2] [MQTT-3.7.2-3] PUBCOMP within the limit") {
  check_trimmed(Ack{Ack::Kind::pubcomp, 1, Reason::packet_identifier_not_found});
}
TEST_CASE("wire: [MQTT-3.9.2-1] [MQTT-3.9.2-2] SUBACK within the limit") {
  check_trimmed(Suback{.id = 1, .reasons = {Reason::success, Reason::not_authorized}});
}
TEST_CASE("wire: [MQTT-3.11.2-1] [MQTT-3.11.2-2] UNSUBACK within the limit") {
  check_trimmed(Unsuback{.id = 1, .reasons = {Reason::success}});
}
TEST_CASE("wire: [MQTT-3.14.2-3] [MQTT-3.14.2-4] DISCONNECT within the limit") {
  check_trimmed(Disconnect{.reason = Reason::server_moved, .server_reference = "stays"});
}
TEST_CASE("wire: [MQTT-3.15.2-2] [MQTT-3.15.2-3] AUTH within the limit") {
  check_trimmed(Auth{.reason = Reason::continue_authentication, .method = "stays"});
}

TEST_CASE("wire: [MQTT-3.1.2-24] a PUBLISH over the limit is not written, and keeps its user properties") {
  const Publish publish{.topic = "t", .payload = "p", .properties = {.user = {{"a", "b"}}}};
  const std::string whole = written(publish);
  CHECK(written(publish, Level::v5, whole.size() / 2) == whole);
  CHECK(written(publish, Level::v5, whole.size() / 2 - 1) == "");
}

TEST_CASE("wire: the frequent packets without a Packet around them") {
  std::string out;
  CHECK(write(Publish{.qos = 1, .topic = "t", .id = 7, .payload = "p"}, Level::v311, out));
  CHECK(write(Ack{Ack::Kind::pubrel, 7}, Level::v5, out));
  CHECK_FALSE(write(Ack{Ack::Kind::pubrel, 7}, Level::v5, out, 3));
  CHECK(encode_hex(out) ==
        "3206000174000770"
        "62020007");
}

}  // namespace
}  // namespace confab::mqtt
