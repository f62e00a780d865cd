#include "store/memory/memory_state.h"

#include <algorithm>
#include <set>

#include "core/event_codec.h"
#include "store/columns.h"

namespace confab::store {
namespace {

// Where the item of the same name or peer is, or belongs.
template <class Items, class Key, class KeyOf>
auto place_of(Items& items, const Key& key, KeyOf key_of) {
  return std::lower_bound(items.begin(), items.end(), key,
                          [&](const auto& item, const Key& sought) { return key_of(item) < sought; });
}

}  // namespace

Result<engine::Committed> MemoryState::apply(const engine::Transaction& transaction,
                                             std::vector<engine::LogRow>& rows) {
  engine::Committed committed;
  const std::size_t mark = rows.size();
  const Applied out{committed, rows};
  const bool can_fail_halfway = transaction.changes.size() > 1 &&
                                !std::all_of(transaction.changes.begin(), transaction.changes.end(),
                                             [this](const core::Change& change) { return check(change).has_value(); });
  // Copying everything is dear, and only done when some change may be refused after others were done.
  std::unique_ptr<MemoryState> before;
  if (can_fail_halfway) before = std::make_unique<MemoryState>(*this);
  for (const core::Change& change : transaction.changes) {
    if (auto allowed = check(change); !allowed) {
      rows.resize(mark);
      if (before) *this = std::move(*before);
      return fail(std::move(allowed.error()));
    }
    std::visit([&](const auto& one) { apply(one, out); }, change);
  }
  return committed;
}

Result<> MemoryState::check(const core::Change& change) const {
  const auto require = [this](Uid uid) -> Result<> {
    if (accounts_.contains(uid)) return {};
    return fail(Errc::not_found, "no such account");
  };
  if (const auto* create = std::get_if<core::CreateAccount>(&change)) {
    if (create->address.local.empty() || create->address.domain.empty()) return fail(Errc::bad_address, "no account");
    if (by_address_.contains(create->address.bare())) return fail(Errc::conflict, "the address is taken");
    if (!create->reuse && retired_.contains(create->address.bare())) {
      return fail(Errc::conflict, "the address is retired");
    }
    if (!is_invited(*create)) return fail(Errc::not_allowed, "no such invitation");
    return {};
  }
  if (const auto* append = std::get_if<core::Append>(&change)) {
    if (auto good = check_append(*append); !good) return good;
    for (const core::LogTarget& log : append->logs) {
      if (auto known = require(log.uid); !known) return known;
    }
    return {};
  }
  const Result<> known = std::visit(
      [&](const auto& one) -> Result<> {
        if constexpr (requires { one.uid; }) return require(one.uid);
        return {};
      },
      change);
  return known ? check_nodes(change) : known;
}

bool MemoryState::is_invited(const core::CreateAccount& create) const {
  if (create.invite.empty()) return true;
  const auto invite = invites_.find(create.invite);
  return invite != invites_.end() && invite->second.uses > 0 && invite->second.expires > create.at;
}

void MemoryState::apply(const core::CreateInvite& change, Applied) {
  std::erase_if(invites_, [&](const auto& invite) { return invite.second.expires <= change.at; });
  invites_[change.hash] = {change.expires, change.uses};
}

void MemoryState::apply(const core::CreateAccount& change, Applied out) {
  if (!change.invite.empty()) --invites_[change.invite].uses;
  const Uid uid = (site_ << 36U) | next_account_++;
  Account& account = accounts_[uid];
  account.row.uid = uid;
  account.row.address = change.address.bare();
  account.row.credentials = change.credentials;
  account.row.admin = change.admin;
  account.row.created = change.at;
  account.profile = change.profile;
  by_address_[account.row.address] = uid;
  retired_.erase(account.row.address);
  out.committed.created = uid;
}

void MemoryState::apply(const core::SetCredentials& change, Applied) {
  accounts_[change.uid].row.credentials = change.credentials;
}

void MemoryState::apply(const core::SetDisabled& change, Applied) {
  accounts_[change.uid].row.disabled = change.disabled;
}

void MemoryState::apply(const core::DropAccount& change, Applied) {
  if (change.retire) retired_.insert(accounts_[change.uid].row.address);
  by_address_.erase(accounts_[change.uid].row.address);
  accounts_.erase(change.uid);
  std::erase_if(keys_, [&](const auto& key) { return key.first.first == change.uid; });
  std::set<MsgId> kept;
  for (const auto& [uid, account] : accounts_) {
    for (const Row& row : account.log) kept.insert(row.id);
  }
  std::erase_if(events_, [&](const auto& event) { return !kept.contains(event.first); });
  std::erase_if(names_, [&](const auto& name) { return !kept.contains(name.second); });
}

void MemoryState::apply(const core::PutRosterItem& change, Applied) {
  core::Roster& roster = accounts_[change.uid].row.roster;
  roster.version = change.version;
  if (is_remembered(change.item)) {
    roster.put(change.item);
  } else {
    roster.remove(change.item.peer);
  }
}

void MemoryState::apply(const core::PutBlocks& change, Applied) {
  std::vector<Address>& peers = accounts_[change.uid].row.blocks.peers;
  peers = change.peers;
  std::sort(peers.begin(), peers.end());
  peers.erase(std::unique(peers.begin(), peers.end()), peers.end());
}

void MemoryState::apply(const core::PutProfile& change, Applied) {
  accounts_[change.uid].profile = change.profile;
}

void MemoryState::apply(const core::PutDevice& change, Applied out) {
  std::vector<core::Device>& devices = accounts_[change.uid].row.devices;
  const auto name_of = [](const core::Device& device) { return device.name; };
  const auto at = place_of(devices, change.device.name, name_of);
  if (at != devices.end() && at->name == change.device.name) {
    *at = change.device;
  } else {
    devices.insert(at, change.device);
  }
  apply(core::PutDelivered{change.uid, change.device.cursor}, out);
}

void MemoryState::apply(const core::PutDelivered& change, Applied) {
  Upos& delivered = accounts_[change.uid].row.delivered;
  delivered = std::max(delivered, change.upto);
}

void MemoryState::apply(const core::DropDevice& change, Applied) {
  std::erase_if(accounts_[change.uid].row.devices,
                [&](const core::Device& device) { return device.name == change.name; });
}

void MemoryState::apply(const core::PutArchivePreferences& change, Applied) {
  const bool usual = change.preferences == core::ArchivePreferences{};
  accounts_[change.uid].row.archive = usual ? nullptr : std::make_shared<core::ArchivePreferences>(change.preferences);
}

void MemoryState::apply(const core::PutLastPresence& change, Applied) {
  accounts_[change.uid].row.set_last(change.presence);
}

core::EventPtr MemoryState::find_repeat(const core::Append& append) const {
  if (!append.key.empty() && !append.key_fresh) {
    const auto key = keys_.find({append.source, append.key});
    if (key != keys_.end() && key->second.expires > append.event->at) return key->second.first;
  }
  const auto known = events_.find(append.event->id);
  return known == events_.end() ? nullptr : known->second.event;
}

void MemoryState::apply(const core::Append& append, Applied out) {
  engine::Appended& appended = out.committed.appended.emplace_back();
  const core::EventPtr first = find_repeat(append);
  const core::EventPtr event = first != nullptr ? first : complete(append);
  appended = {event->id, event->at, first != nullptr, {}};
  appended.positions.assign(append.logs.size(), 0);
  if (!append.key.empty()) {
    const Key key{event, append.key_expires};
    const auto [at, is_new] = keys_.try_emplace({append.source, append.key}, key);
    if (!is_new && (append.key_fresh || at->second.expires <= append.event->at)) at->second = key;
  }
  if (first != nullptr) return;
  events_[event->id] = {event, core::encode_event(*event).size(), append.conversation, {}};
  for (std::size_t i = 0; i < append.logs.size(); ++i) {
    Account& account = accounts_[append.logs[i].uid];
    account.log.push_back({event->id, core::kind_number(*event), append.logs[i].archived});
    account.row.head = account.log.size();
    appended.positions[i] = account.row.head;
    out.rows.push_back({account.row.uid, append.logs[i].owner, account.row.head, event});
  }
  remember(append, event);
}

Result<core::AccountRow> MemoryState::load_account(const Address& bare) const {
  const auto known = by_address_.find(bare.bare());
  if (known == by_address_.end()) return fail(Errc::not_found, "no such account");
  return accounts_.at(known->second).row;
}

Result<core::Profile> MemoryState::load_profile(Uid uid) const {
  const auto known = accounts_.find(uid);
  if (known == accounts_.end()) return fail(Errc::not_found, "no such account");
  return known->second.profile;
}

std::vector<engine::LogRow> MemoryState::read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes) const {
  std::vector<engine::LogRow> found;
  const auto known = accounts_.find(uid);
  if (known == accounts_.end()) return found;
  const std::vector<Row>& log = known->second.log;
  std::size_t taken = 0;
  for (Upos at = after; at < log.size() && found.size() < rows; ++at) {
    const Stored& row = stored(log[at]);
    if (!found.empty() && taken + row.bytes > bytes) break;
    taken += row.bytes;
    found.push_back({uid, 0, at + 1, row.event});
  }
  return found;
}

std::vector<engine::Store::LastPresence> MemoryState::load_last_presence(const std::vector<Address>& people) const {
  std::vector<engine::Store::LastPresence> found;
  for (const Address& person : people) {
    const auto known = by_address_.find(person.bare());
    if (known != by_address_.end()) found.emplace_back(known->first, accounts_.at(known->second).row.last);
  }
  return found;
}

std::vector<engine::Store::AccountLine> MemoryState::list_accounts(const Address& after, std::size_t limit) const {
  std::vector<engine::Store::AccountLine> lines;
  for (auto at = by_address_.upper_bound(after.bare()); at != by_address_.end() && lines.size() < limit; ++at) {
    const core::AccountRow& row = accounts_.at(at->second).row;
    lines.push_back({row.uid, row.address, row.admin, row.disabled, row.created});
  }
  return lines;
}

}  // namespace confab::store
