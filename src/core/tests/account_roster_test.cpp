#include "core/account_roster.h"

#include <doctest/doctest.h>

namespace confab::core {
namespace {

RosterItem friend_named(std::string local, std::string name = {}) {
  RosterItem item;
  item.peer = {std::move(local), "example.org", {}};
  item.name = std::move(name);
  return item;
}

}  // namespace

TEST_CASE("a roster: items come out as they went in, sorted by peer") {
  RosterItem full = friend_named("bob", "Bob");
  full.groups = {"Friends", "Work"};
  full.request = {{"en", "hello"}};
  full.to = full.pending_in = full.approved = true;
  full.listed = false;
  full.version = 300;
  RosterItem gone = friend_named("a-b");
  gone.deleted = true;
  const RosterItem plain = friend_named("a");
  const Roster roster({full, gone, plain}, 7);
  CHECK(roster.version == 7);
  CHECK(roster.items() == std::vector{plain, gone, full});
  CHECK(roster.find({"bob", "example.org", "phone"}) == full);
  CHECK(!roster.find({"bo", "example.org", {}}));
  CHECK(!roster.find({"bob", "example.com", {}}));
  CHECK(!Roster().find(full.peer));
}

TEST_CASE("a roster: items are put, replaced by longer and shorter ones, and removed") {
  Roster roster;
  for (const char* name : {"dora", "alice", "carol", "bob"}) roster.put(friend_named(name));
  const RosterItem longer = friend_named("bob", "Robert the Long");
  roster.put(longer);
  CHECK(roster.items() == std::vector{friend_named("alice"), longer, friend_named("carol"), friend_named("dora")});
  roster.put(friend_named("bob"));
  roster.remove({"alice", "example.org", {}});
  roster.remove({"nobody", "example.org", {}});
  CHECK(roster.items() == std::vector{friend_named("bob"), friend_named("carol"), friend_named("dora")});
  roster.remove({"dora", "example.org", {}});
  roster.remove({"bob", "example.org", {}});
  roster.remove({"carol", "example.org", {}});
  CHECK(roster.empty());
}

}  // namespace confab::core
