#include "core/account.h"

#include <algorithm>
#include <tuple>

namespace confab::core {
namespace {

auto position_of(const std::vector<RosterItem>& items, const Address& peer) {
  return std::lower_bound(items.begin(), items.end(), peer, [](const RosterItem& item, const Address& wanted) {
    return std::tie(item.peer.local, item.peer.domain) < std::tie(wanted.local, wanted.domain);
  });
}

}  // namespace

// XEP-0191 §2: a full JID, a bare JID, a domain with a resource, or a domain, each matching what it names.
bool BlockList::covers(const Address& address) const {
  if (peers.empty()) return false;
  const auto has = [this](const Address& wanted) { return std::binary_search(peers.begin(), peers.end(), wanted); };
  return has(address) || has(address.bare()) || has(Address{{}, address.domain, {}}) ||
         (!address.resource.empty() && has(Address{{}, address.domain, address.resource}));
}

const RosterItem* Roster::find(const Address& peer) const {
  const auto at = position_of(items, peer);
  return at != items.end() && at->peer.same_bare(peer) ? &*at : nullptr;
}

void Roster::put(RosterItem item) {
  const auto at = position_of(items, item.peer);
  const auto index = at - items.begin();
  if (at != items.end() && at->peer.same_bare(item.peer)) {
    items[static_cast<std::size_t>(index)] = std::move(item);
  } else {
    items.insert(items.begin() + index, std::move(item));
  }
}

const SessionState* Account::find_session(SessionId id) const {
  const auto at =
      std::find_if(sessions.begin(), sessions.end(), [id](const auto& session) { return session.id == id; });
  return at == sessions.end() ? nullptr : &*at;
}

const SessionState* Account::find_resource(std::string_view resource) const {
  const auto at = std::find_if(sessions.begin(), sessions.end(),
                               [resource](const auto& session) { return session.resource == resource; });
  return at == sessions.end() ? nullptr : &*at;
}

}  // namespace confab::core
