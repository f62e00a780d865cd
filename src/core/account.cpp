#include "core/account.h"

#include <algorithm>

namespace confab::core {

// XEP-0191 §2: a full JID, a bare JID, a domain with a resource, or a domain, each matching what it names.
bool BlockList::covers(const Address& address) const {
  if (peers.empty()) return false;
  const auto has = [this](const Address& wanted) { return std::binary_search(peers.begin(), peers.end(), wanted); };
  return has(address) || has(address.bare()) || has(Address{{}, address.domain, {}}) ||
         (!address.resource.empty() && has(Address{{}, address.domain, address.resource}));
}

Device* AccountRow::find_device(std::string_view name) {
  const auto at =
      std::find_if(devices.begin(), devices.end(), [name](const Device& each) { return each.name == name; });
  return at == devices.end() ? nullptr : &*at;
}
const Device* AccountRow::find_device(std::string_view name) const {
  return const_cast<AccountRow*>(this)->find_device(name);
}

void AccountRow::set_last(Presence presence) {
  presence.listening = std::move(last.listening);
  presence.avatar = std::move(last.avatar);
  last = std::move(presence);
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
