// Bytes <-> MQTT control packets: incremental, bounded, strict (MQTT 3.1.1 and 5.0, §1.5, §2, §3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mqtt/packet.h"

namespace confab::mqtt {

struct Fault;
struct FixedHeader;

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
  // it needs more, or keep() has been called; only then may more be fed.
  void feed(std::string_view bytes);
  // nullopt: more is needed. A packet's texts hold until the next call. Errors: `problem()` says the reason code; after
  // an error nothing more can be read.
  Result<std::optional<Packet>> next();
  // Copies what has been fed and not been read: for a session that stops in the middle, to go on with next() later. The
  // texts of the last packet end.
  void keep();

  Reason problem() const { return problem_; }
  // Whether the packet that failed was a CONNECT: then the answer is a CONNACK.
  bool failed_in_connect() const { return failed_in_connect_; }
  // What the first CONNECT said, before it what was set. If it failed: the version that its refusal is to be written
  // in; 3.1.1, which has no CONNACK for a malformed packet, when its own could not be read.
  Level level() const { return level_; }

  // Bytes that are kept: of a packet that is not whole, or by keep().
  std::size_t buffered() const { return buffer_.size() - read_; }
  std::size_t memory() const { return buffer_.capacity(); }

 private:
  void drop_read();
  void take(std::size_t size);
  Result<std::optional<Packet>> decode(const FixedHeader& header, std::string_view packet);
  tl::unexpected<Error> refuse(const Fault& fault);
  tl::unexpected<Error> refuse_connect(Level level, const Fault& fault);

  std::size_t max_packet_;
  From from_;
  Level level_ = Level::v5;
  Reason problem_ = Reason::success;
  bool connected_ = false;  // a CONNECT has been read
  bool failed_in_connect_ = false;
  std::string buffer_;      // the beginning of a packet that is not whole; whole ones before it after keep()
  std::size_t read_ = 0;    // of the buffer
  std::string_view fresh_;  // fed, and not looked at yet
};

// Appends the packet as `level` has it: properties are left out for 3.x. With `limit`, a v5 packet that would be longer
// than the peer's Maximum Packet Size loses its Reason String and then its User Properties where §3 allows it; one that
// is still longer is not written: false. Nor is what that level has no form for: AUTH and most refusals of CONNECT in
// 3.x (connack_code() of map.h), a text of more than 65,535 bytes, a packet of more than 256 MiB. A server has no
// DISCONNECT in 3.x: there one is a client's.
bool write(const Packet& packet, Level level, std::string& out, std::size_t limit = 0);
// The frequent ones, without a Packet around them.
bool write(const Publish& publish, Level level, std::string& out, std::size_t limit = 0);
bool write(const Ack& ack, Level level, std::string& out, std::size_t limit = 0);

// §1.5.4: well-formed UTF-8 without U+0000, surrogates; noncharacters and control characters are let pass.
bool is_mqtt_text(std::string_view text);

// §3.3.2.3.2: whether a payload that is said to be UTF-8 is; a receiver may refuse it with payload_format_invalid.
// Other payloads are anything.
bool has_valid_payload(const Publish& publish);
bool has_valid_payload(const Will& will);

}  // namespace confab::mqtt
