// Bytes <-> MQTT control packets: incremental, bounded, strict (MQTT 3.1.1 and 5.0, §1.5, §2, §3).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mqtt/packet.h"

namespace confab::mqtt {

// Which side's packets a reader takes: the other's are a protocol error.
enum class From : std::uint8_t { client, server };

// Reads one packet at a time out of a stream of bytes. What the specification calls malformed or a protocol error ends
// it, with the reason code that §4.13 wants. An idle reader owns no buffer. Lives on: the connection's shard.
class Reader {
 public:
  // `level` counts after CONNECT, which says its own. `max_packet`: bytes of a whole packet, header included.
  explicit Reader(std::size_t max_packet, From from = From::client) : max_packet_(max_packet), from_(from) {}

  void set_level(Level level) { level_ = level; }
  void set_max_packet(std::size_t bytes) { max_packet_ = bytes; }

  // Takes `bytes` in. Packets that are whole in them are not copied: `bytes` must stay valid until next() has said that
  // it needs more.
  void feed(std::string_view bytes);
  // nullopt: more is needed. A packet's texts hold until the next call. Errors: `problem()` says the reason code; after
  // an error nothing more can be read.
  Result<std::optional<Packet>> next();
  Reason problem() const { return problem_; }
  // Whether the packet that failed was a CONNECT, and by which protocol version its refusal is to be written.
  Level level() const { return level_; }

  std::size_t buffered() const { return buffer_.size(); }
  std::size_t memory() const { return buffer_.capacity(); }

 private:
  std::size_t max_packet_;
  From from_;
  Level level_ = Level::v5;
  Reason problem_ = Reason::success;
  bool failed_ = false;
  std::string buffer_;      // the beginning of a packet that is not whole
  std::string_view fresh_;  // fed, and not looked at yet
};

// Appends the packet as `level` has it: properties are left out for 3.x. With `limit`, a v5 packet that would be longer
// than the peer's Maximum Packet Size loses its Reason String and then its User Properties where §3 allows it; one that
// is still longer is not written: false.
bool write(const Packet& packet, Level level, std::string& out, std::size_t limit = 0);

// §1.5.4: well-formed UTF-8 without U+0000, surrogates; noncharacters and control characters are let pass.
bool is_mqtt_text(std::string_view text);

}  // namespace confab::mqtt
