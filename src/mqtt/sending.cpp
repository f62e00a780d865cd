#include "mqtt/sending.h"

#include <algorithm>

namespace confab::mqtt {

// Acknowledgements come nearly always in the order of sending: the search is short.
std::vector<UnderWay>::iterator Sending::find(PacketId id) {
  return std::find_if(under_way_.begin(), under_way_.end(), [id](const UnderWay& one) { return one.id == id; });
}

std::optional<UnderWay> Sending::take(std::vector<UnderWay>::iterator at) {
  UnderWay done = *at;
  under_way_.erase(at);
  if (under_way_.empty() && under_way_.capacity() > 16) under_way_.shrink_to_fit();
  return done;
}

bool Sending::is_free(PacketId id) {
  return find(id) == under_way_.end() && std::find(reserved_.begin(), reserved_.end(), id) == reserved_.end();
}

PacketId Sending::begin(std::uint8_t qos, std::uint64_t token, PacketId wanted) {
  PacketId id = wanted;
  if (wanted != 0) std::erase(reserved_, wanted);
  if (id == 0 || find(id) != under_way_.end()) {
    if (under_way_.size() + reserved_.size() >= 65535) reserved_.clear();
    do {
      if (++last_ == 0) last_ = first_;
    } while (!is_free(last_));
    id = last_;
  }
  under_way_.push_back({.id = id, .released = false, .qos = qos, .token = token});
  return id;
}

std::optional<UnderWay> Sending::end(PacketId id, std::uint8_t qos) {
  const auto at = find(id);
  if (at == under_way_.end() || at->qos != qos || at->released) return std::nullopt;
  return take(at);
}

const UnderWay* Sending::release(PacketId id, bool& again) {
  const auto at = find(id);
  if (at == under_way_.end() || at->qos != 2) return nullptr;
  again = at->released;
  at->released = true;
  return &*at;
}

std::optional<UnderWay> Sending::complete(PacketId id) {
  const auto at = find(id);
  if (at == under_way_.end() || !at->released) return std::nullopt;
  return take(at);
}

// Once all are given out the oldest is given to another name (§3.3.2.3.4 lets them change).
Sending::Alias Sending::alias(std::string_view topic) {
  if (alias_maximum_ == 0) return {};
  const auto at = std::find(aliases_.begin(), aliases_.end(), topic);
  if (at != aliases_.end()) return {static_cast<std::uint16_t>(at - aliases_.begin() + 1), true};
  if (aliases_.size() < alias_maximum_) {
    aliases_.emplace_back(topic);
    return {static_cast<std::uint16_t>(aliases_.size()), false};
  }
  const std::uint16_t slot = next_alias_;
  next_alias_ = static_cast<std::uint16_t>((next_alias_ + 1) % alias_maximum_);
  aliases_[slot] = topic;
  return {static_cast<std::uint16_t>(slot + 1), false};
}

}  // namespace confab::mqtt
