// Shared subscriptions (MQTT 5.0 §4.8.2). A group lives on one shard, whatever shards its members are on: what matches
// it goes there, and from there to one of them.
#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "topics/space.h"

namespace confab::topics {
namespace {

bool contains(const std::vector<core::TopicSeq>& all, core::TopicSeq one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

std::uint32_t Space::home_of(std::string_view group) const {
  return static_cast<std::uint32_t>(hash_bytes(group) % options_.shards);
}

// ---- On a member's shard. ----

void Space::leave_group(Session& session, const std::string& name) {
  const std::uint64_t number = hash_bytes(name);
  std::vector<core::TopicSeq> kept;
  for (Parcel& parcel : session.extra->owed) {
    if (parcel.group == number) kept.push_back(parcel.delivery.seq);
  }
  std::erase_if(session.extra->queue, [number](const Parcel& parcel) { return parcel.group == number; });
  at_home(name, [name, member = name_of(session), kept](Space& home) { home.leave(name, member, kept); });
}

// The connection is gone, and with `ended` the session. What was under way with QoS 2 is this client's for ever, the
// rest goes to others.
void Space::part_groups(Session& session, bool ended) {
  if (!session.extra || session.extra->shared.empty()) return;
  std::vector<core::TopicSeq> kept;
  for (const Parcel& parcel : session.extra->owed) {
    if (parcel.group != 0 && parcel.delivery.qos == 2) kept.push_back(parcel.delivery.seq);
  }
  for (const Parcel& parcel : session.extra->queue) {
    if (parcel.group != 0 && parcel.delivery.qos == 2 && parcel.again) kept.push_back(parcel.delivery.seq);
  }
  const auto goes = [&](const Parcel& parcel) { return parcel.group != 0 && !contains(kept, parcel.delivery.seq); };
  std::erase_if(session.extra->queue, goes);
  std::erase_if(session.extra->owed, goes);
  for (const std::string& name : session.extra->shared) {
    at_home(name, [name, member = name_of(session), kept, ended](Space& home) {
      if (ended) {
        home.leave(name, member, kept);
      } else {
        home.go_away(name, member, kept);
      }
    });
    if (ended) counters_.subscriptions.subtract();
  }
}

// ---- Where the group is. ----

Group& Space::make_group(const std::string& name) {
  auto& group = groups_[name];
  if (group) return *group;
  group = std::make_unique<Group>();
  group->name = name;
  group->number = hash_bytes(name);
  group->log = LogPlace(recent_.seen());
  group->place = trie_.insert(split_filter(name)->filter);
  Leaf& leaf = trie_.leaf(group->place);
  if (!leaf.rest) leaf.rest = std::make_unique<LeafRest>();
  leaf.rest->groups.push_back(group.get());
  return *group;
}

void Space::drop_if_empty(Group& group) {
  const Trie::Place place = group.place;
  if (group.members.empty()) {
    std::erase_if(assigned_, [&](const auto& each) { return each.second.group == &group; });
    Leaf& leaf = trie_.leaf(place);
    std::erase(leaf.rest->groups, &group);
    if (leaf.rest->groups.empty() && leaf.rest->elsewhere.empty()) leaf.rest.reset();
    mark_dirty(group);
    groups_.erase(std::string(group.name));
  }
  announce(place);
}

void Space::join(const std::string& name, const Member& member, std::uint32_t from,
                 std::shared_ptr<Subscribing> subscribing) {
  Group& group = make_group(name);
  if (Member* there = group.find(member.name)) {
    const std::size_t assigned = there->assigned;
    *there = member;
    there->assigned = assigned;
  } else {
    group.members.push_back(member);
  }
  announce(group.place);
  catch_up(group);
  update_full(group);
  fence([this, from, subscribing = std::move(subscribing)] {
    if (from == options_.shard) return settle(subscribing);
    ground_.post(from, [subscribing](Space& asker) { asker.settle(subscribing); });
  });
}

void Space::leave(const std::string& name, const MemberName& member, const std::vector<core::TopicSeq>& kept) {
  const auto at = groups_.find(name);
  if (at == groups_.end()) return;
  Group& group = *at->second;
  if (Member* there = group.find(member)) there->link = 0;
  take_back(group, member, kept, Kept::done);
  std::erase_if(group.members, [&](const Member& each) { return each.name == member; });
  update_full(group);
  drop_if_empty(group);
}

void Space::come_back(const std::string& name, const MemberName& member, Link link) {
  const auto at = groups_.find(name);
  Member* there = at == groups_.end() ? nullptr : at->second->find(member);
  if (there == nullptr) return;
  there->link = link;
  catch_up(*at->second);
  update_full(*at->second);
}

void Space::go_away(const std::string& name, const MemberName& member, const std::vector<core::TopicSeq>& kept) {
  const auto at = groups_.find(name);
  Member* there = at == groups_.end() ? nullptr : at->second->find(member);
  if (there == nullptr) return;
  there->link = 0;
  take_back(*at->second, member, kept, Kept::stays);
  update_full(*at->second);
}

// The one whose turn it is, of those who are there; null: nobody is, or all have more than they take.
Member* Space::next_member(Group& group, bool any_load) {
  for (std::size_t tried = 0; tried < group.members.size(); ++tried) {
    Member& member = group.members[group.turn++ % group.members.size()];
    if (member.link != 0 && (any_load || member.assigned < options_.queue_messages)) return &member;
  }
  return nullptr;
}

bool Space::assign(Group& group, const core::TopicMessagePtr& message, core::TopicSeq seq) {
  Member* member = next_member(group, message->qos == 0);
  if (member == nullptr) return false;
  const bool tracked = message->qos > 0 && member->qos > 0;
  if (seq != 0 && tracked) group.log.hand_over(seq);
  if (seq != 0 && !tracked) group.log.pass(seq, group.log.is_behind());
  core::TopicSeq handle = 0;
  if (tracked) {
    handle = next_apart(options_.shard);
    assigned_.emplace(handle, Assigned{&group, member->name, message, seq});
    ++member->assigned;
  }
  send(group, *member, handle, message);
  update_full(group);
  return true;
}

void Space::send(Group& group, Member& member, core::TopicSeq handle, const core::TopicMessagePtr& message) {
  Parcel parcel;
  parcel.group = group.number;
  parcel.delivery.message = message;
  parcel.delivery.qos = std::min(member.qos, message->qos);
  parcel.delivery.retain = member.as_published && message->retain;
  parcel.delivery.takes_room = parcel.delivery.qos > 0;
  parcel.delivery.seq = handle;
  if (member.id != 0) parcel.delivery.ids.push_back(member.id);
  if (member.name.shard == options_.shard) return give_shared(member.name.session, member.link, parcel);
  ground_.post(member.name.shard, [to = member.name.session, link = member.link, parcel](Space& space) {
    space.give_shared(to, link, parcel);
  });
}

void Space::acknowledge_shared(core::TopicSeq seq, const MemberName& name) {
  const auto at = assigned_.find(seq);
  if (at == assigned_.end() || at->second.to != name) return;
  Group& group = *at->second.group;
  if (at->second.seq != 0 && group.log.acknowledge(at->second.seq)) mark_dirty(group);
  assigned_.erase(at);
  if (Member* member = group.find(name)) --member->assigned;
  catch_up(group);
  update_full(group);
}

void Space::take_back(Group& group, const MemberName& member, const std::vector<core::TopicSeq>& kept, Kept what) {
  std::vector<core::TopicSeq> all;
  for (const auto& [handle, assigned] : assigned_) {
    if (assigned.group == &group && assigned.to == member) all.push_back(handle);
  }
  std::sort(all.begin(), all.end());
  for (const core::TopicSeq handle : all) {
    if (!contains(kept, handle)) {
      reassign(group, handle);
    } else if (what == Kept::done) {
      acknowledge_shared(handle, member);
    }
  }
}

// To another member, or back where it came from.
void Space::reassign(Group& group, core::TopicSeq handle) {
  Assigned& assigned = assigned_.at(handle);
  if (Member* old = group.find(assigned.to)) --old->assigned;
  Member* next = next_member(group, true);
  if (next != nullptr && next->qos > 0) {
    assigned.to = next->name;
    ++next->assigned;
    return send(group, *next, handle, assigned.message);
  }
  if (assigned.seq != 0) {
    group.log.put_back(assigned.seq, recent_.seen());
    mark_dirty(group);
  }
  assigned_.erase(handle);
}

// ---- The group's place in the log. ----

void Space::on_row(Group& group, const core::TopicRow& row) {
  if (group.log.is_past(row.seq)) return;
  mark_dirty(group);
  if (!group.log.is_behind() && assign(group, row.message, row.seq)) return;
  group.log.wait_for(row.seq);
  update_full(group);
}

void Space::catch_up(Group& group) {
  while (group.log.is_behind() && !group.reading) {
    if (!recent_.reaches(group.log.next())) return read_page(group);
    const core::TopicRow* row = recent_.find(group.log.next());
    if (row == nullptr) return group.log.catch_up(recent_.seen());
    if (!offer(group, *row)) return;
  }
}

// false: nobody takes it.
bool Space::offer(Group& group, const core::TopicRow& row) {
  mark_dirty(group);
  if (!group.log.wants(row.seq) || row.message->qos == 0 ||
      !matches(split_filter(group.name)->filter, row.message->topic)) {
    group.log.pass(row.seq, false);
    return true;
  }
  if (core::is_expired(*row.message, ground_.now().wall)) {
    group.log.pass(row.seq, true);
    return true;
  }
  return assign(group, row.message, row.seq);
}

void Space::read_page(Group& group) {
  if (next_member(group, false) == nullptr) return;
  group.reading = true;
  const PageRead read{group.log.next(), recent_.seen()};
  ground_.read_log(
      read.from - 1, options_.page_rows, options_.page_bytes,
      [this, name = group.name, read](Result<std::vector<core::TopicRow>> page) { on_page(name, read, page); });
}

void Space::on_page(const std::string& name, PageRead read, const Result<std::vector<core::TopicRow>>& page) {
  const auto at = groups_.find(name);
  if (at == groups_.end()) return;
  Group& group = *at->second;
  if (!page) {
    log::warn("topics", "log_not_read", {{"group", name}, {"error", to_string(page.error().code)}});
    return ground_.after(options_.retry_delay, [this, name] {
      const auto there = groups_.find(name);
      if (there == groups_.end()) return;
      there->second->reading = false;
      catch_up(*there->second);
    });
  }
  group.reading = false;
  const bool holds = group.log.next() == read.from && group.log.is_behind();
  if (holds && page->empty()) group.log.pass(read.seen, false);
  for (const core::TopicRow& row : *page) {
    if (!holds || row.seq > recent_.seen() || !offer(group, row)) break;
  }
  catch_up(group);
  update_full(group);
}

// Nobody may publish more for it, until somebody takes what waits.
void Space::update_full(Group& group) {
  const auto is_loaded = [this](const Member& member) {
    return member.link == 0 || member.assigned >= options_.queue_messages;
  };
  const std::size_t most = group.full ? options_.queue_messages * 3 / 4 : options_.queue_messages;
  const bool full = group.durable() ? group.log.waiting() >= most
                                    : std::all_of(group.members.begin(), group.members.end(), is_loaded);
  if (full == group.full || group.members.empty()) return;
  group.full = full;
  announce(group.place);
}

}  // namespace confab::topics
