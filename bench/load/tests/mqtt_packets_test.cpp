#include "../mqtt_packets.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace confab::load {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

struct Cut {
  struct Taken {
    PacketType type{};
    int flags = 0;
    std::string body;
    bool operator==(const Taken&) const = default;
  };
  std::vector<Taken> packets;
  PacketCutter cutter;

  bool add(std::string_view bytes) {
    return cutter.add(bytes, [this](const Packet& packet) {
      packets.push_back({packet.type, packet.flags, std::string(packet.body)});
    });
  }
};

Packet packet_of(PacketType type, std::string_view body, unsigned char flags = 0) {
  return {.type = type, .flags = flags, .body = body};
}

TEST_CASE("bytes are cut into packets wherever they are torn apart") {
  const std::string large(300, 'x');
  const std::string bytes = "\x20\x02\x00\x00"s + "\xD0\x00"s + "\x32\xAC\x02"s + large + "\x40\x02\x00\x07"s;
  const std::vector<Cut::Taken> wanted = {{PacketType::connack, 0, "\0\0"s},
                                          {PacketType::pingresp, 0, ""},
                                          {PacketType::publish, 2, large},
                                          {PacketType::puback, 0, "\0\7"s}};
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    Cut cut;
    CHECK(cut.add(std::string_view(bytes).substr(0, first)));
    CHECK(cut.add(std::string_view(bytes).substr(first)));
    CHECK(cut.packets == wanted);
  }
  Cut bytewise;
  for (const char c : bytes) CHECK(bytewise.add({&c, 1}));
  CHECK(bytewise.packets == wanted);
}

TEST_CASE("a length of five bytes is none") {
  Cut cut;
  CHECK_FALSE(cut.add("\x30\xFF\xFF\xFF\xFF\x01"));
  CHECK(cut.packets.empty());
}

TEST_CASE("CONNECT, as the standards write it") {
  std::string out;
  write_connect(out, {.level = MqttLevel::v311,
                      .client_id = "c",
                      .user = "u",
                      .password = "pw",
                      .keep_alive = 300,
                      .method = {},
                      .data = {}});
  CHECK(out == "\x10\x14\x00\x04MQTT\x04\xC2\x01\x2C\x00\x01"s + "c\x00\x01u\x00\x02pw"s);
  out.clear();
  write_connect(out, {.client_id = "c", .user = {}, .password = {}, .method = {}, .data = {}});
  CHECK(out == "\x10\x0E\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01"s + "c");
  out.clear();
  write_connect(out, {.client_id = "c", .user = "u", .password = "pw", .method = "M", .data = "dd"});
  CHECK(out == "\x10\x17\x00\x04MQTT\x05\x02\x00\x00\x09\x15\x00\x01M\x16\x00\x02"s + "dd\x00\x01"s + "c");
}

TEST_CASE("what is published is read at the same level") {
  for (const MqttLevel level : {MqttLevel::v311, MqttLevel::v5}) {
    for (const int qos : {0, 1}) {
      std::string out;
      const std::string payload(200, 'p');
      write_publish(out, level, {.topic = "a/b", .payload = payload, .qos = qos, .id = 513});
      Cut cut;
      CHECK(cut.add(out));
      REQUIRE(cut.packets.size() == 1);
      const auto& taken = cut.packets[0];
      CHECK(taken.body.size() == 5 + (qos > 0 ? 2 : 0) + (level == MqttLevel::v5 ? 1 : 0) + 200U);
      const auto read = read_publish(packet_of(taken.type, taken.body, static_cast<unsigned char>(taken.flags)), level);
      REQUIRE(read);
      CHECK(read->topic == "a/b");
      CHECK(read->payload == payload);
      CHECK(read->qos == qos);
      CHECK(read->id == (qos > 0 ? 513 : 0));
    }
  }
}

TEST_CASE("a PUBLISH's properties are passed over; one that is cut off is refused") {
  const auto read = read_publish(packet_of(PacketType::publish, "\0\1t\3\x01\x01\x7Fpay"sv), MqttLevel::v5);
  REQUIRE(read);
  CHECK(read->payload == "pay");
  CHECK_FALSE(read_publish(packet_of(PacketType::publish, "\0\1t\x09\x01\x01"sv), MqttLevel::v5));
  CHECK_FALSE(read_publish(packet_of(PacketType::publish, "\0\5t"sv), MqttLevel::v311));
  CHECK_FALSE(read_publish(packet_of(PacketType::publish, "\0\1t\0\1"sv, 4), MqttLevel::v311));  // QoS 2
}

TEST_CASE("SUBSCRIBE, PUBACK, AUTH and DISCONNECT") {
  std::string out;
  write_subscribe(out, MqttLevel::v311, 1, "a/#", 1);
  CHECK(out == "\x82\x08\0\1\0\3a/#\1"s);
  out.clear();
  write_subscribe(out, MqttLevel::v5, 1, "a/#", 0);
  CHECK(out == "\x82\x09\0\1\0\0\3a/#\0"s);
  out.clear();
  write_puback(out, 258);
  CHECK(out == "\x40\2\1\2"s);
  out.clear();
  write_auth(out, "M", "d");
  CHECK(out == "\xF0\x0A\x18\x08\x15\0\1M\x16\0\1d"s);
  out.clear();
  write_disconnect(out);
  CHECK(out == "\xE0\0"s);
}

TEST_CASE("a CONNACK says its reason, the receive maximum and the data of a login") {
  // Session expiry, receive maximum, assigned identifier, a user property, authentication data.
  const std::string properties = "\x11\0\0\0\0\x21\0\x14\x12\0\1c\x26\0\1a\0\1b\x16\0\2vv"s;
  const std::string body = "\0\0"s + static_cast<char>(properties.size()) + properties;
  const auto answer = read_answer(packet_of(PacketType::connack, body), MqttLevel::v5);
  REQUIRE(answer);
  CHECK(answer->reason == kSuccess);
  CHECK(answer->receive_maximum == 20);
  CHECK(answer->data == "vv");
  CHECK(read_answer(packet_of(PacketType::connack, "\0\5"sv), MqttLevel::v311)->reason == 5);
  CHECK(read_answer(packet_of(PacketType::connack, "\0\0\0"sv), MqttLevel::v5)->receive_maximum == 65535);
  CHECK_FALSE(read_answer(packet_of(PacketType::connack, "\0\0\3\x21\0"sv), MqttLevel::v5));
  CHECK_FALSE(read_answer(packet_of(PacketType::connack, "\0\0\2\x21\0"sv), MqttLevel::v5));
}

TEST_CASE("the other answers") {
  const auto short_ack = read_answer(packet_of(PacketType::puback, "\1\2"sv), MqttLevel::v5);
  REQUIRE(short_ack);
  CHECK(short_ack->id == 258);
  CHECK(short_ack->reason == kSuccess);
  CHECK(read_answer(packet_of(PacketType::puback, "\1\2\x87"sv), MqttLevel::v5)->reason == 0x87);
  CHECK(read_answer(packet_of(PacketType::suback, "\0\1\0\1"sv), MqttLevel::v5)->reason == 1);
  CHECK(read_answer(packet_of(PacketType::suback, "\0\1\x80"sv), MqttLevel::v311)->reason == 0x80);
  const auto auth = read_answer(packet_of(PacketType::auth, "\x18\x08\x15\0\1M\x16\0\1d"sv), MqttLevel::v5);
  REQUIRE(auth);
  CHECK(auth->reason == kContinueAuthentication);
  CHECK(auth->data == "d");
  CHECK(read_answer(packet_of(PacketType::disconnect, "\x8E"sv), MqttLevel::v5)->reason == 0x8E);
  CHECK_FALSE(read_answer(packet_of(PacketType::puback, "\1"sv), MqttLevel::v5));
}

}  // namespace
}  // namespace confab::load
