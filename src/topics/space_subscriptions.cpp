// Who is after what: here, and as far as it concerns the others, on every shard.
#include <algorithm>
#include <cassert>

#include "topics/space.h"

namespace confab::topics {
namespace {

constexpr std::uint8_t kAny = 1;
constexpr std::uint8_t kDurable = 2;
constexpr std::uint8_t kFull = 4;
constexpr std::uint32_t kExactShards = 64;

void set_bit(std::uint64_t& mask, std::uint64_t bit, bool on) {
  mask = on ? mask | bit : mask & ~bit;
}

}  // namespace

// ---- SUBSCRIBE and UNSUBSCRIBE (§3.8, §3.10). ----

void Space::subscribe(Session& session, core::SubscribeTopics& command, Asker asker) {
  auto subscribing = std::make_shared<Subscribing>();
  subscribing->asker = asker;
  subscribing->session = session.ref;
  subscribing->filters = std::move(command.filters);
  std::vector<core::Change> changes;
  for (const core::TopicFilter& filter : subscribing->filters) {
    subscribing->fresh.push_back(false);
    auto granted = add(session, filter, subscribing);
    if (granted && session.durable) {
      changes.emplace_back(core::TopicChange(core::PutTopicSubscription{session.client, filter, recent_.seen()}));
    }
    subscribing->answer.granted.push_back(std::move(granted));
    if (filter.filter.starts_with("$SYS/")) wake_sys();
  }
  if (!changes.empty()) {
    ++subscribing->missing;
    ground_.commit(std::move(changes), [this, subscribing](Result<> done) {
      Session* there = sessions_.find(subscribing->session);
      if (!done && there != nullptr) undo(*there, *subscribing, done.error());
      settle(subscribing);
    });
  }
  fence([this, subscribing] { settle(subscribing); });
}

Result<std::uint8_t> Space::add(Session& session, const core::TopicFilter& filter,
                                const std::shared_ptr<Subscribing>& subscribing) {
  const auto split = split_filter(filter.filter);
  if (!split) return fail(Errc::bad_payload, "not a topic filter");
  if (count_levels(split->filter) > options_.levels) return fail(Errc::too_big, "topic_levels");
  const std::size_t count = session.held.size() + (session.extra ? session.extra->shared.size() : 0);
  const bool room = count < options_.subscriptions_per_session;
  if (!split->shared()) {
    if (!room && !find_held(session, filter.filter)) return fail(Errc::too_big, "subscriptions_per_session");
    subscribing->fresh.back() = put(session, filter, recent_.seen());
    return filter.qos;
  }
  auto& shared = session.more().shared;
  if (std::find(shared.begin(), shared.end(), filter.filter) == shared.end()) {
    if (!room) return fail(Errc::too_big, "subscriptions_per_session");
    shared.push_back(filter.filter);
    counters_.subscriptions.add();
    subscribing->fresh.back() = true;
  }
  const Member member{name_of(session), session.link, filter.qos, filter.retain_as_published,
                      session.durable,  filter.id,    0};
  ++subscribing->missing;
  at_home(filter.filter, [name = filter.filter, member, from = options_.shard, subscribing](Space& home) {
    home.join(name, member, from, subscribing);
  });
  return filter.qos;
}

// §3.8.4: one of the same filter is replaced. true: there was none.
bool Space::put(Session& session, const core::TopicFilter& filter, core::TopicSeq since) {
  if (const auto slot = find_held(session, filter.filter)) {
    const Held& held = session.held[*slot];
    Subscriber& there = trie_.leaf(held.place).subscribers[held.position];
    count(session, there, -1);
    there.id = filter.id;
    there.qos = filter.qos;
    there.no_local = filter.no_local;
    there.as_published = filter.retain_as_published;
    count(session, there, 1);
    announce(held.place);
    return false;
  }
  const Trie::Place place = trie_.insert(filter.filter);
  auto& subscribers = trie_.leaf(place).subscribers;
  Subscriber subscriber;
  subscriber.since = since;
  subscriber.session = session.ref.index;
  subscriber.slot = static_cast<std::uint32_t>(session.held.size());
  subscriber.id = filter.id;
  subscriber.qos = filter.qos;
  subscriber.no_local = filter.no_local;
  subscriber.as_published = filter.retain_as_published;
  session.held.push_back({place, static_cast<std::uint32_t>(subscribers.size())});
  subscribers.push_back(subscriber);
  counters_.subscriptions.add();
  count(session, subscriber, 1);
  announce(place);
  return true;
}

// The store did not take them: new ones are no more, and the client is told that none of them counts.
void Space::undo(Session& session, Subscribing& subscribing, const Error& why) {
  for (std::size_t i = 0; i < subscribing.filters.size(); ++i) {
    if (!subscribing.answer.granted[i]) continue;
    if (subscribing.fresh[i]) drop(session, subscribing.filters[i].filter);
    subscribing.answer.granted[i] = fail(why);
  }
}

void Space::settle(const std::shared_ptr<Subscribing>& subscribing) {
  if (--subscribing->missing > 0) return;
  Session* session = sessions_.find(subscribing->session);
  if (session == nullptr || session->link != subscribing->asker.link) return;
  answer(subscribing->asker, subscribing->answer);
  for (std::size_t i = 0; i < subscribing->filters.size(); ++i) {
    const core::TopicFilter& filter = subscribing->filters[i];
    const bool wanted = filter.retain_handling == 0 || (filter.retain_handling == 1 && subscribing->fresh[i]);
    // §4.8.2: nothing that is retained goes to a shared subscription.
    if (!subscribing->answer.granted[i] || !wanted || split_filter(filter.filter)->shared()) continue;
    session->more().showings.push_back({{filter.filter, nullptr, false}, filter.qos, filter.id});
  }
  show(*session);
}

void Space::unsubscribe(Session& session, const core::UnsubscribeTopics& command, Asker asker) {
  core::TopicsUnsubscribed unsubscribed;
  std::vector<core::Change> changes;
  for (const std::string& filter : command.filters) {
    const bool existed = drop(session, filter);
    unsubscribed.existed.push_back(existed);
    if (existed && session.durable) {
      changes.emplace_back(core::TopicChange(core::DropTopicSubscription{session.client, filter}));
    }
  }
  session.tidy();
  if (changes.empty()) return answer(asker, unsubscribed);
  ground_.commit(std::move(changes), [this, asker, unsubscribed = std::move(unsubscribed)](Result<> done) {
    if (!done) return refuse(asker, done.error().code, done.error().text);
    answer(asker, unsubscribed);
  });
}

bool Space::drop(Session& session, std::string_view filter) {
  const auto split = split_filter(filter);
  if (!split) return false;
  if (split->shared()) {
    if (!session.extra) return false;
    auto& shared = session.extra->shared;
    const auto at = std::find(shared.begin(), shared.end(), filter);
    if (at == shared.end()) return false;
    leave_group(session, *at);
    shared.erase(at);
    counters_.subscriptions.subtract();
    return true;
  }
  const auto slot = find_held(session, filter);
  if (!slot) return false;
  drop_held(session, *slot);
  return true;
}

std::optional<std::uint32_t> Space::find_held(const Session& session, std::string_view filter) const {
  const Trie::Place place = trie_.find(filter);
  if (place == Trie::kNone) return std::nullopt;
  const auto at =
      std::find_if(session.held.begin(), session.held.end(), [place](const Held& held) { return held.place == place; });
  if (at == session.held.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - session.held.begin());
}

// The last one of each list takes the place of what goes, and whoever points at it is told.
void Space::drop_held(Session& session, std::uint32_t slot) {
  const Held held = session.held[slot];
  auto& subscribers = trie_.leaf(held.place).subscribers;
  count(session, subscribers[held.position], -1);
  subscribers[held.position] = subscribers.back();
  subscribers.pop_back();
  if (held.position < subscribers.size()) {
    const Subscriber& moved = subscribers[held.position];
    sessions_.at(moved.session).held[moved.slot].position = held.position;
  }
  session.held[slot] = session.held.back();
  session.held.pop_back();
  if (slot < session.held.size()) {
    const Held& moved = session.held[slot];
    trie_.leaf(moved.place).subscribers[moved.position].slot = slot;
  }
  counters_.subscriptions.subtract();
  announce(held.place);
}

// ---- What the other shards know. ----

void Space::count(const Session& session, const Subscriber& subscriber, int sign) {
  if (subscriber.qos == 0) return;
  Leaf& leaf = trie_.leaf(session.held[subscriber.slot].place);
  if (session.durable) leaf.durable += static_cast<std::uint32_t>(sign);
  if (session.full) leaf.full += static_cast<std::uint32_t>(sign);
}

std::uint8_t Space::bits_of(const Leaf& leaf) const {
  std::uint8_t bits = leaf.subscribers.empty() ? 0 : kAny;
  if (leaf.durable > 0) bits |= kDurable;
  if (leaf.full > 0) bits |= kFull;
  if (!leaf.rest) return bits;
  for (const Group* group : leaf.rest->groups) {
    bits |= kAny;
    if (group->durable()) bits |= kDurable;
    if (group->full) bits |= kFull;
  }
  return bits;
}

// Tells the other shards if it is something new to them, and forgets the filter if it is nobody's any more.
void Space::announce(Trie::Place place) {
  Leaf& leaf = trie_.leaf(place);
  const std::uint8_t bits = bits_of(leaf);
  if (bits != leaf.told && options_.shards > 1) {
    leaf.told = bits;
    ++told_;
    const std::string filter = trie_.filter_of(place);
    for_other_shards(~std::uint64_t{0}, [&](std::uint32_t shard) {
      ground_.post(shard, [from = options_.shard, filter, bits](Space& space) { space.learn(from, filter, bits); });
    });
  }
  trie_.release(place);
}

void Space::learn(std::uint32_t from, const std::string& filter, std::uint8_t bits) {
  const Trie::Place place = trie_.insert(filter);
  Leaf& leaf = trie_.leaf(place);
  if (!leaf.rest) leaf.rest = std::make_unique<LeafRest>();
  // Where several shards share a bit nothing is taken back, and nobody is said to be full: a message goes to one shard
  // too many then.
  const bool exact = options_.shards <= kExactShards;
  Elsewhere& elsewhere = leaf.rest->elsewhere;
  if (exact || (bits & kAny) != 0) set_bit(elsewhere.any, bit(from), (bits & kAny) != 0);
  if (exact || (bits & kDurable) != 0) set_bit(elsewhere.durable, bit(from), (bits & kDurable) != 0);
  if (exact) set_bit(elsewhere.full, bit(from), (bits & kFull) != 0);
  if (elsewhere.empty() && leaf.rest->groups.empty()) leaf.rest.reset();
  trie_.release(place);
  if (bits != 0 && filter.starts_with("$SYS/")) wake_sys();
}

// Calls `done` when every other shard knows what it was told so far.
void Space::fence(Task done) {
  if (told_ == confirmed_) return done();
  Fence fence{++last_fence_, told_, 0, std::move(done)};
  for_other_shards(~std::uint64_t{0}, [&](std::uint32_t shard) {
    ++fence.missing;
    ground_.post(shard, [from = options_.shard, id = fence.id](Space& space) {
      space.ground_.post(from, [id](Space& asker) { asker.confirm(id); });
    });
  });
  fences_.push_back(std::move(fence));
}

void Space::confirm(std::uint64_t fence) {
  const auto at = std::find_if(fences_.begin(), fences_.end(), [fence](const Fence& each) { return each.id == fence; });
  assert(at != fences_.end());
  if (--at->missing > 0) return;
  confirmed_ = std::max(confirmed_, at->told);
  Task done = std::move(at->done);
  fences_.erase(at);
  done();
}

}  // namespace confab::topics
