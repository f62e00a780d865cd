// What is under way to the client: packet identifiers and the send quota (MQTT 5 §4.3, §4.9), and the topic aliases
// that were told to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packet.h"

namespace confab::mqtt {

// One PUBLISH with QoS 1 or 2 whose exchange is not complete.
struct UnderWay {
  PacketId id = 0;
  bool released = false;  // QoS 2: PUBREC came, PUBREL was sent
  std::uint8_t qos = 1;
  std::uint64_t token = 0;  // the profile's: what is done once the client has it
};

// Lives on: the connection's shard.
class Sending {
 public:
  // `maximum`: how many may be under way, the lesser of what client and configuration say.
  void open(std::uint16_t maximum, std::uint16_t aliases) {
    maximum_ = maximum;
    alias_maximum_ = aliases;
  }

  std::uint16_t maximum() const { return maximum_; }
  // Identifiers that are not wished for are from here on.
  void number_from(PacketId first) {
    first_ = first;
    last_ = static_cast<PacketId>(first - 1);
  }
  bool has_room() const { return under_way_.size() < maximum_; }
  std::size_t room() const { return has_room() ? maximum_ - under_way_.size() : 0; }
  bool idle() const { return under_way_.empty(); }

  // This one is nobody's but who wants it: the client may know it by a message that will be sent to it again.
  void reserve(PacketId id) { reserved_.push_back(id); }

  // A packet identifier that is not in use; `wanted`, where it is free. Only while has_room().
  PacketId begin(std::uint8_t qos, std::uint64_t token, PacketId wanted = 0);
  // What an earlier connection left: it counts before anything new.
  void restore(const UnderWay& one) { under_way_.push_back(one); }
  const std::vector<UnderWay>& under_way() const { return under_way_; }

  // PUBACK, or PUBREC with an error: the exchange is over. nullopt: there is none of that kind.
  std::optional<UnderWay> end(PacketId id, std::uint8_t qos);
  // PUBREC: PUBREL follows. Null: there is none. `again`: it came before.
  const UnderWay* release(PacketId id, bool& again);
  // PUBCOMP.
  std::optional<UnderWay> complete(PacketId id);

  struct Alias {
    std::uint16_t number = 0;  // 0: none
    bool known = false;        // the client has it: the name is left out
  };
  Alias alias(std::string_view topic);
  // The packet that told the client of it was not sent.
  void unlearn(std::uint16_t number) { aliases_[number - 1].clear(); }
  bool tells_aliases() const { return alias_maximum_ > 0; }

  std::size_t memory() const {
    return under_way_.capacity() * sizeof(UnderWay) + reserved_.capacity() * sizeof(PacketId);
  }

 private:
  std::vector<UnderWay>::iterator find(PacketId id);
  bool is_free(PacketId id);
  std::optional<UnderWay> take(std::vector<UnderWay>::iterator at);

  std::vector<UnderWay> under_way_;  // in the order of sending
  std::vector<PacketId> reserved_;
  std::vector<std::string> aliases_;  // alias n is aliases_[n - 1]
  std::uint16_t maximum_ = 65535;
  std::uint16_t alias_maximum_ = 0;
  std::uint16_t next_alias_ = 0;
  PacketId first_ = 1;
  PacketId last_ = 0;
};

}  // namespace confab::mqtt
