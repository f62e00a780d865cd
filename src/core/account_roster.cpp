#include "core/account_roster.h"

#include <algorithm>

#include "core/event_fields.h"

namespace confab::core {
namespace {

struct Peer {
  std::string_view local;
  std::string_view domain;
  auto operator<=>(const Peer&) const = default;
};

Peer peer_of(const Address& address) {
  return {address.local, address.domain};
}

// An item begins with a tag and its address (event_fields.cpp).
Peer peer_of(std::string_view item) {
  Decoder in(item);
  in.byte();
  const std::string_view local = in.raw(in.varint());
  return {local, in.raw(in.varint())};
}

std::string pack(const RosterItem& item) {
  Encoder out(item.peer.local.size() + item.peer.domain.size() + item.name.size() + 16);
  write(out, item);
  return out.take();
}

}  // namespace

Roster::Roster(std::vector<RosterItem> items, std::uint64_t at_version) : version(at_version) {
  std::sort(items.begin(), items.end(),
            [](const RosterItem& a, const RosterItem& b) { return peer_of(a.peer) < peer_of(b.peer); });
  starts_.reserve(items.size());
  for (const RosterItem& each : items) {
    starts_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    bytes_ += pack(each);
  }
  bytes_.shrink_to_fit();
}

std::vector<RosterItem> Roster::items() const {
  std::vector<RosterItem> all;
  all.reserve(size());
  for (std::size_t at = 0; at < size(); ++at) all.push_back(item(at));
  return all;
}

std::optional<RosterItem> Roster::find(const Address& peer) const {
  const std::size_t at = position_of(peer);
  return is_at(at, peer) ? std::optional(item(at)) : std::nullopt;
}

void Roster::put(const RosterItem& item) {
  const std::size_t at = position_of(item.peer);
  replace(at, is_at(at, item.peer) ? 1 : 0, pack(item));
}

void Roster::remove(const Address& peer) {
  const std::size_t at = position_of(peer);
  if (is_at(at, peer)) replace(at, 1, {});
}

RosterItem Roster::item(std::size_t at) const {
  Decoder in(bytes_of(at));
  RosterItem out;
  read(in, out);
  return out;
}

std::string_view Roster::bytes_of(std::size_t at) const {
  const std::size_t end = at + 1 < size() ? starts_[at + 1] : bytes_.size();
  return std::string_view(bytes_).substr(starts_[at], end - starts_[at]);
}

std::size_t Roster::position_of(const Address& peer) const {
  const auto at =
      std::lower_bound(starts_.begin(), starts_.end(), peer_of(peer), [this](std::uint32_t start, const Peer& wanted) {
        return peer_of(std::string_view(bytes_).substr(start)) < wanted;
      });
  return static_cast<std::size_t>(at - starts_.begin());
}

bool Roster::is_at(std::size_t at, const Address& peer) const {
  return at < size() && peer_of(bytes_of(at)) == peer_of(peer);
}

// Puts an item, or nothing if `bytes` is empty, in the place of `count` (0 or 1) at `at`.
void Roster::replace(std::size_t at, std::size_t count, std::string_view bytes) {
  const std::size_t start = at < size() ? starts_[at] : bytes_.size();
  const std::size_t old = count == 0 ? 0 : bytes_of(at).size();
  bytes_.replace(start, old, bytes);
  auto next = starts_.begin() + static_cast<std::ptrdiff_t>(at);
  if (count == 1) next = starts_.erase(next);
  if (!bytes.empty()) next = starts_.insert(next, static_cast<std::uint32_t>(start)) + 1;
  for (; next != starts_.end(); ++next) *next = static_cast<std::uint32_t>(*next + bytes.size() - old);
}

}  // namespace confab::core
