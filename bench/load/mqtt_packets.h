// MQTT's control packets as a client writes and reads them (MQTT 3.1.1 and 5.0 §§2-3). Written for servers that behave,
// and apart from the server's own reader, so that a fault there doesn't hide here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace confab::load {

enum class MqttLevel : unsigned char { v311 = 4, v5 = 5 };

enum class PacketType : unsigned char {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  subscribe = 8,
  suback = 9,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

inline constexpr unsigned char kSuccess = 0x00;
inline constexpr unsigned char kContinueAuthentication = 0x18;
inline constexpr unsigned char kRefused = 0x80;  // and everything above

struct Packet {
  PacketType type{};
  unsigned char flags = 0;  // the first byte's lower half
  std::string_view body;    // valid during the call
};

// Cuts what a server sends into packets, byte by byte as it comes.
class PacketCutter {
 public:
  using Take = std::function<void(const Packet& packet)>;

  // Calls `take` for every packet that is complete. False: what came has no packet's length.
  bool add(std::string_view bytes, const Take& take);

 private:
  std::size_t cut(std::string_view bytes, const Take& take);

  bool broken_ = false;
  std::string kept_;  // the beginning of a packet that is not complete
};

struct ConnectPacket {
  MqttLevel level = MqttLevel::v5;
  std::string client_id;
  std::string user;  // empty: neither user nor password
  std::string password;
  std::uint16_t keep_alive = 0;
  std::string method;  // Authentication Method (5.0 §4.12)
  std::string data;
};

struct Publication {
  std::string_view topic;
  std::string_view payload;
  int qos = 0;
  std::uint16_t id = 0;  // QoS 1 only
};

// Each appends a whole packet. What depends on the level is empty or short in 3.1.1.
void write_connect(std::string& out, const ConnectPacket& connect);
void write_publish(std::string& out, MqttLevel level, const Publication& publication);
void write_puback(std::string& out, std::uint16_t id);
void write_subscribe(std::string& out, MqttLevel level, std::uint16_t id, std::string_view filter, int qos);
void write_auth(std::string& out, std::string_view method, std::string_view data);
void write_disconnect(std::string& out);

// CONNACK, PUBACK, SUBACK (its first code), AUTH, DISCONNECT.
struct Answer {
  std::uint16_t id = 0;  // PUBACK and SUBACK only
  unsigned char reason = kSuccess;
  std::uint16_t receive_maximum = 65535;  // CONNACK only
  std::string_view data;                  // Authentication Data; valid as long as the packet
};

// Nothing: the packet is not what it should be.
std::optional<Publication> read_publish(const Packet& packet, MqttLevel level);
std::optional<Answer> read_answer(const Packet& packet, MqttLevel level);

}  // namespace confab::load
