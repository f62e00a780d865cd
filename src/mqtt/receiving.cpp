#include "mqtt/receiving.h"

#include <algorithm>

namespace confab::mqtt {

Receiving::Kind Receiving::begin(PacketId id, std::uint8_t qos) {
  if (qos == 2) {
    if (std::find(received_.begin(), received_.end(), id) != received_.end()) return Kind::answered;
    const auto same = [id](const Waiting& each) { return each.id == id && each.qos == 2; };
    if (std::any_of(waiting_.begin(), waiting_.end(), same)) return Kind::waiting;
  }
  waiting_.push_back({id, qos, false, Reason::success});
  return Kind::fresh;
}

void Receiving::settle(PacketId id, std::uint8_t qos, Reason reason) {
  const auto at = std::find_if(waiting_.begin(), waiting_.end(), [id, qos](const Waiting& each) {
    return each.id == id && each.qos == qos && !each.settled;
  });
  if (at == waiting_.end()) return;
  at->settled = true;
  at->reason = reason;
}

std::optional<Ack> Receiving::next() {
  if (waiting_.empty() || !waiting_.front().settled) return std::nullopt;
  const Waiting done = waiting_.front();
  waiting_.erase(waiting_.begin());
  if (waiting_.empty() && waiting_.capacity() > 16) waiting_.shrink_to_fit();
  // §4.3.3: an error in PUBREC ends the exchange.
  const bool failed = static_cast<unsigned>(done.reason) >= 0x80;
  if (done.qos == 2 && !failed) received_.push_back(done.id);
  Ack ack;
  ack.kind = done.qos == 2 ? Ack::Kind::pubrec : Ack::Kind::puback;
  ack.id = done.id;
  ack.reason = done.reason;
  return ack;
}

bool Receiving::release(PacketId id) {
  const auto at = std::find(received_.begin(), received_.end(), id);
  if (at == received_.end()) return false;
  if (static_cast<std::size_t>(at - received_.begin()) < earlier_) --earlier_;
  received_.erase(at);
  return true;
}

const std::string* Receiving::name_of_alias(std::uint16_t alias, std::string_view topic, std::uint16_t maximum) {
  if (alias == 0 || alias > maximum) return nullptr;
  if (!topic.empty()) {
    if (aliases_.size() < alias) aliases_.resize(alias);
    aliases_[alias - 1] = topic;
  }
  if (aliases_.size() < alias || aliases_[alias - 1].empty()) return nullptr;
  return &aliases_[alias - 1];
}

std::size_t Receiving::memory() const {
  std::size_t bytes = waiting_.capacity() * sizeof(Waiting) + received_.capacity() * sizeof(PacketId);
  for (const std::string& alias : aliases_) bytes += sizeof(alias) + alias.capacity();
  return bytes;
}

}  // namespace confab::mqtt
