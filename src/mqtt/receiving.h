// What the client has under way: its publications that are not acknowledged yet, its QoS 2 packet identifiers, and the
// topic aliases that it told (MQTT 5 §3.3.2.3.4, §4.3, §4.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packet.h"

namespace confab::mqtt {

// Lives on: the connection's shard.
class Receiving {
 public:
  enum class Kind : std::uint8_t {
    fresh,     // to be published
    answered,  // a QoS 2 PUBLISH that was taken already: PUBREC again
    waiting,   // one that is being taken: PUBREC comes by itself
  };
  // A PUBLISH with QoS 1 or 2 came.
  Kind begin(PacketId id, std::uint8_t qos);
  // What became of it. Acknowledgements go out in the order in which the publications came (§4.6.0-2, §4.6.0-3):
  // next() gives those whose turn it is.
  void settle(PacketId id, std::uint8_t qos, Reason reason);
  std::optional<Ack> next();

  // PUBREL. false: there is no such identifier.
  bool release(PacketId id);

  // Publications that count against our Receive Maximum: those of this connection (§4.9).
  std::size_t under_way() const { return waiting_.size() + received_.size() - earlier_; }
  const std::vector<PacketId>& received() const { return received_; }
  void restore(std::vector<PacketId> received) {
    received_ = std::move(received);
    earlier_ = received_.size();
  }

  // The name for a PUBLISH with `alias`; learns it where `topic` is there. Null: none, or not in 1..`maximum`.
  const std::string* name_of_alias(std::uint16_t alias, std::string_view topic, std::uint16_t maximum);

  std::size_t memory() const;

 private:
  struct Waiting {
    PacketId id;
    std::uint8_t qos;
    bool settled;
    Reason reason;
  };

  std::vector<Waiting> waiting_;    // for an acknowledgement, in the order in which they came
  std::vector<PacketId> received_;  // QoS 2: PUBREC was sent, PUBREL has not come
  std::size_t earlier_ = 0;         // the first ones, which an earlier connection left
  std::vector<std::string> aliases_;
};

}  // namespace confab::mqtt
