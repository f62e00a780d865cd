#include "app/dev_site.h"

#include "app/blocking_loop.h"
#include "app/site_files.h"

namespace confab::app {
namespace {

constexpr seconds kLimit{60};

// The account's number; made if it is not there. 0 stands for "was there".
Result<Uid> add_person(StoppedSite& site, BlockingLoop& loop, const Address& address) {
  auto credentials = loop.wait<std::string>(kLimit, [&](auto done) {
    site.passwords->derive(address.local, address.local + "-secret", loop, std::move(done));
  });
  if (!credentials) return fail(credentials.error());
  engine::Transaction transaction;
  transaction.changes.emplace_back(engine::CreateAccount{.address = address,
                                                         .credentials = std::move(*credentials),
                                                         .admin = false,
                                                         .at = loop.now().wall,
                                                         .profile = {}});
  auto made = loop.wait<engine::Committed>(
      kLimit, [&](auto done) { site.store->commit(std::move(transaction), loop, std::move(done)); });
  if (made) return made->created;
  if (made.error().code == Errc::conflict) return 0;
  return fail(made.error());
}

core::RosterItem friend_of(const Address& peer) {
  core::RosterItem item;
  item.peer = peer;
  item.to = item.from = true;
  item.version = 1;
  return item;
}

}  // namespace

Result<> prepare_dev_site(const Config& config) {
  auto site = open_stopped_site(config, true);
  if (!site) return fail(site.error());
  BlockingLoop loop;
  const Address alice{"alice", config.domain, {}};
  const Address bob{"bob", config.domain, {}};
  const auto alice_uid = add_person(*site, loop, alice);
  const auto bob_uid = add_person(*site, loop, bob);
  const auto carol_uid = add_person(*site, loop, {"carol", config.domain, {}});
  for (const auto* uid : {&alice_uid, &bob_uid, &carol_uid}) {
    if (!*uid) return fail(uid->error());
  }
  if (*alice_uid == 0 || *bob_uid == 0) return {};
  engine::Transaction transaction;
  transaction.changes.emplace_back(engine::PutRosterItem{*alice_uid, friend_of(bob), 1});
  transaction.changes.emplace_back(engine::PutRosterItem{*bob_uid, friend_of(alice), 1});
  auto made = loop.wait<engine::Committed>(
      kLimit, [&](auto done) { site->store->commit(std::move(transaction), loop, std::move(done)); });
  site->store.reset();
  if (!made) return fail(made.error());
  return {};
}

}  // namespace confab::app
