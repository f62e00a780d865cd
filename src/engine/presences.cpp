// What a session that has just come is told of everybody whose presence its account sees, at one time.
#include <algorithm>
#include <map>

#include "engine/actor.h"
#include "engine/node.h"
#include "engine/shard.h"

namespace confab::engine {
namespace {

using Found = std::vector<core::EventPtr>;

// Of those who are here: what `asker` may see. Lives on: the people's shard.
Found look_at(AccountShard& shard, const Address& asker, const std::vector<Address>& people) {
  Found found;
  for (const Address& person : people) {
    const Actor* actor = shard.find(person);
    if (actor == nullptr || !actor->is_live()) continue;
    const core::AccountRow& row = actor->account().row;
    const auto item = row.roster.find(asker);
    if (!item || !item->from || item->deleted || row.blocks.covers(asker)) continue;
    found.push_back(core::account_presence(actor->account(), shard.context()));
  }
  return found;
}

// Counts the shards that have not answered.
struct Gathering {
  Found found;
  std::size_t left = 0;
};

}  // namespace

void Actor::get_presences(const Origin& origin) {
  if (!is_entitled(origin)) {
    shard_.answer(origin, core::Refused{Errc::closed, "no session"});
    return;
  }
  std::map<std::uint32_t, std::vector<Address>> by_shard;
  for (const core::RosterItem& item : account_.row.roster) {
    if (!item.to || item.deleted || account_.row.blocks.covers(item.peer)) continue;
    if (item.peer.domain == shard_.options().domain)
      by_shard[shard_.node().owner_shard(item.peer)].push_back(item.peer);
  }
  auto gathering = std::make_shared<Gathering>();
  gathering->left = by_shard.size() + 1;
  ++pending_;
  auto one_less = [self = shared_from_this(), origin, gathering](Found found) {
    for (core::EventPtr& event : found) gathering->found.push_back(std::move(event));
    if (--gathering->left == 0) self->add_offline(origin, std::move(gathering->found));
  };
  for (auto& [index, some] : by_shard) {
    AccountShard* there = &shard_.node().shard(index);
    Loop* here = &shard_.loop();
    there->loop().post([there, here, asker = address_, people = std::move(some), one_less]() mutable {
      here->post([found = look_at(*there, asker, people), one_less]() mutable { one_less(std::move(found)); });
    });
  }
  one_less({core::account_presence(account_, shard_.context())});
}

// The rest is as it was last.
void Actor::add_offline(const Origin& origin, Found found) {
  std::vector<Address> offline;
  for (const core::RosterItem& item : account_.row.roster) {
    if (!item.to || item.deleted || account_.row.blocks.covers(item.peer)) continue;
    const bool here = std::any_of(found.begin(), found.end(),
                                  [&](const core::EventPtr& event) { return event->from.same_bare(item.peer); });
    if (!here) offline.push_back(item.peer);
  }
  shard_.store().load_last_presence(
      std::move(offline), shard_.loop(),
      [self = shared_from_this(), origin,
       found = std::move(found)](Result<std::vector<Store::LastPresence>> people) mutable {
        --self->pending_;
        if (!people) return self->shard_.answer(origin, core::Refused{people.error().code, people.error().text});
        for (auto& [address, last] : *people) {
          last.status = core::Status::offline;
          auto event = std::make_shared<core::Event>();
          event->at = last.since;
          event->from = address;
          event->body = std::move(last);
          found.push_back(std::move(event));
        }
        self->shard_.answer(origin, core::PresencesFound{std::move(found)});
      });
}

}  // namespace confab::engine
