// What the verbs on accounts have in common: names, passwords, and waiting for the store.
#include <algorithm>

#include "app/control_verbs.h"
#include "auth/hash.h"
#include "names/names.h"

namespace confab::app {
namespace {

tl::unexpected<Error> no_store() {
  return fail(Errc::unavailable, "this site's accounts are not at hand");
}

}  // namespace

// alice, or alice@DOMAIN.
Result<Address> account_of(const VerbCall& call, std::string_view name) {
  const std::size_t at = name.find('@');
  if (at != std::string_view::npos) {
    const auto domain = names::prepare_domain(name.substr(at + 1));
    if (!domain || *domain != call.domain()) {
      return fail(Errc::bad_address, "\"" + std::string(name) + "\" is not of this site, " + call.domain());
    }
  }
  auto local = names::prepare_local(name.substr(0, at));
  if (!local) return fail(Errc::bad_address, "\"" + std::string(name) + "\" cannot be a name");
  return Address{std::move(*local), call.domain(), {}};
}

Result<std::string> password_of(std::string_view input) {
  if (input.ends_with('\n')) input.remove_suffix(1);
  if (input.ends_with('\r')) input.remove_suffix(1);
  if (input.empty()) return fail(Errc::bad_payload, "an empty password");
  auto password = names::prepare_password(input);
  if (!password) return fail(Errc::bad_payload, "characters that a password cannot hold");
  return password;
}

Result<core::AccountRow> load(VerbCall& call, const Address& address) {
  if (call.ports.store == nullptr) return no_store();
  auto row = call.loop.wait<core::AccountRow>(
      kStoreWait, [&](auto answer) { call.ports.store->load_account(address, call.loop, std::move(answer)); });
  if (!row && row.error().code == Errc::not_found) {
    return fail(Errc::not_found, "there is no account " + to_string(address));
  }
  return row;
}

Result<engine::Committed> commit(VerbCall& call, engine::Transaction transaction) {
  if (call.ports.store == nullptr) return no_store();
  return call.loop.wait<engine::Committed>(
      kStoreWait, [&](auto answer) { call.ports.store->commit(std::move(transaction), call.loop, std::move(answer)); });
}

Result<std::string> derive(VerbCall& call, const Address& address, const std::string& password) {
  if (call.ports.passwords == nullptr) return no_store();
  return call.loop.wait<std::string>(kStoreWait, [&](auto answer) {
    call.ports.passwords->derive(address.local, password, call.loop, std::move(answer));
  });
}

Result<Uid> create(VerbCall& call, const NewAccount& account) {
  auto credentials = derive(call, account.address, account.password);
  if (!credentials) return fail(std::move(credentials.error()));
  core::CreateAccount change{account.address,      std::move(*credentials), account.admin,
                             call.loop.now().wall, account.profile,         {},
                             account.reuse};
  engine::Transaction transaction;
  transaction.changes.emplace_back(std::move(change));
  auto committed = commit(call, std::move(transaction));
  if (!committed) {
    if (committed.error().code != Errc::conflict) return fail(std::move(committed.error()));
    if (load(call, account.address)) {
      return fail(Errc::conflict, "there is an account " + to_string(account.address) + " already");
    }
    return fail(Errc::conflict, to_string(account.address) +
                                    " is the address of somebody who was erased: user add --reuse-name gives it anew");
  }
  if (call.ports.live != nullptr) {
    call.ports.live->account_changed(committed->created, account.address, AccountChange::created);
  }
  return committed->created;
}

// Friends lose the subscription: whoever gets the name next must not see their presence. (A running site does this by
// the account's actor.)
Result<> drop(VerbCall& call, const Address& address, bool retire) {
  auto row = load(call, address);
  if (!row) return fail(std::move(row.error()));
  engine::Transaction transaction;
  for (const core::RosterItem& friend_item : row->roster) {
    if (friend_item.peer.domain != call.domain() || friend_item.peer.local.empty()) continue;
    auto peer = load(call, friend_item.peer.bare());
    if (!peer) {
      if (peer.error().code == Errc::not_found) continue;
      return fail(std::move(peer.error()));
    }
    std::optional<core::RosterItem> found = peer->roster.find(address);
    if (!found || found->deleted) continue;
    core::RosterItem item = std::move(*found);
    item.to = item.from = item.pending_in = item.pending_out = item.approved = false;
    item.request.clear();
    item.version = peer->roster.version + 1;
    transaction.changes.emplace_back(core::PutRosterItem{peer->uid, item, item.version});
  }
  transaction.changes.emplace_back(core::DropAccount{row->uid, retire});
  auto committed = commit(call, std::move(transaction));
  if (!committed) return fail(std::move(committed.error()));
  return {};
}

}  // namespace confab::app
