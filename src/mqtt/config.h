// What the site's configuration says to the MQTT wire.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace confab::mqtt {

// Where a password may cross an unencrypted connection ([auth] plaintext).
enum class Plaintext : std::uint8_t { never, loopback, always };

struct Config {
  std::string domain = "localhost";  // prepared
  Plaintext plaintext = Plaintext::loopback;

  // Of the open profile ([mqtt_open]).
  bool anonymous = false;
  std::uint8_t refused_subscribe = 135;  // what a refused SUBSCRIBE is answered in MQTT 5
  std::uint16_t keep_alive_max = 0;      // seconds; 0: the client's own counts
  std::vector<std::string> deny;         // filters that nobody may subscribe to

  // Limits. 0 lifts a rate.
  std::uint32_t message_bytes = 262144;  // UTF-8 bytes of a body
  std::uint32_t messages_per_second = 50;
  seconds login_time{30};
  std::uint32_t packet_bytes_before = 16384;  // before login
  std::uint16_t receive_maximum = 1000;       // QoS 1 and 2 that a client may have under way (MQTT 5 §3.1.2.11.3)
  std::uint16_t send_maximum = 1000;          // and that are under way to it at most, whatever it allows
  std::uint16_t topic_aliases = 32;           // each way
  std::uint32_t queue_bytes = 1048576;        // that wait for room; beyond half of it QoS 0 of free topics is dropped
  std::uint32_t session_expiry = 7776000;     // seconds: the longest that a session is kept (device_days)

  // After login (rulings.md, "sizes").
  std::uint32_t packet_bytes() const { return 6 * message_bytes + 65536; }
};

}  // namespace confab::mqtt
