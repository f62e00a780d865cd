// What goes to a session, at the pace at which it takes it.
#include <algorithm>

#include "topics/space.h"

namespace confab::topics {
namespace {

constexpr std::size_t kMostRoom = 1U << 20U;

}  // namespace

// false: its time is over (§3.3.2.3.3), unless it was under way before and comes `again`.
bool Space::hand_over(Session& session, core::TopicDelivery& delivery, bool again) {
  const core::TopicMessage& message = *delivery.message;
  delivery.expiry.reset();
  if (message.expiry) {
    const std::uint32_t left = *core::seconds_left(message, ground_.now().wall);
    if (left == 0 && !again) {
      counters_.expired.add();
      return false;
    }
    delivery.expiry = std::max(left, 1U);
  }
  counters_.sent.add();
  counters_.bytes_sent.add(message.topic.size() + message.payload.size());
  ground_.deliver(session.link, delivery);
  return true;
}

// With QoS over 0, to a session that ends with its connection.
void Space::give(Session& session, core::TopicDelivery& delivery) {
  delivery.takes_room = true;
  if (session.room > 0 && !has_queue(session)) {
    if (hand_over(session, delivery)) --session.room;
    return;
  }
  session.more().queue.push_back({delivery, 0, false});
  update_full(session);
}

void Space::give_shared(SessionRef to, Link link, const Parcel& parcel) {
  Session* session = sessions_.find(to);
  // On another connection it was given to somebody else meanwhile.
  if (session == nullptr || session->link != link) return;
  if (parcel.delivery.qos == 0) {
    core::TopicDelivery delivery = parcel.delivery;
    hand_over(*session, delivery);
  } else if (session->room > 0 && !has_queue(*session)) {
    hand_parcel(*session, parcel);
  } else {
    session->more().queue.push_back(parcel);
    update_full(*session);
  }
}

void Space::hand_parcel(Session& session, Parcel parcel) {
  core::TopicDelivery& delivery = parcel.delivery;
  const core::TopicSeq seq = delivery.seq;
  const bool again = parcel.again;
  parcel.again = true;
  if (seq != 0) session.more().owed.push_back(parcel);
  if (hand_over(session, delivery, again)) {
    --session.room;
  } else if (seq != 0) {
    acknowledge(session, seq);
  }
}

void Space::want(Session& session, std::size_t room) {
  session.room = std::min(session.room + room, kMostRoom);
  feed(session);
}

void Space::feed(Session& session) {
  while (session.room > 0 && has_queue(session)) {
    Parcel next = std::move(session.extra->queue.front());
    session.extra->queue.pop_front();
    hand_parcel(session, std::move(next));
  }
  catch_up(session);
  show(session);
  session.tidy();
  if (session.full) update_full(session);
}

void Space::acknowledge(Session& session, core::TopicSeq seq) {
  if ((seq & kApart) == 0) {
    if (session.log.acknowledge(seq)) mark_dirty(session);
    return;
  }
  if (!session.extra) return;
  const auto removed =
      std::erase_if(session.extra->owed, [seq](const Parcel& each) { return each.delivery.seq == seq; });
  session.tidy();
  const core::TopicSeq home = (seq >> kHomeShift) & kNoHome;
  if (removed == 0 || home == kNoHome || home >= options_.shards) return;
  const MemberName name = name_of(session);
  if (home == options_.shard) return acknowledge_shared(seq, name);
  ground_.post(static_cast<std::uint32_t>(home), [seq, name](Space& space) { space.acknowledge_shared(seq, name); });
}

// What was handed over and not acknowledged comes first when the session goes on (§4.4).
void Space::return_owed(Session& session) {
  if (!session.extra) return;
  auto& owed = session.extra->owed;
  auto& queue = session.extra->queue;
  queue.insert(queue.begin(), std::make_move_iterator(owed.begin()), std::make_move_iterator(owed.end()));
  owed.clear();
}

// ---- What is retained, for a session that has subscribed (§3.3.1.3). ----

void Space::show(Session& session) {
  if (!session.connected() || session.looking || !session.extra || session.extra->showings.empty()) return;
  if (session.room == 0 || has_queue(session)) return;
  auto& showings = session.extra->showings;
  if (show_some(session, showings.front())) showings.pop_front();
  if (showings.empty()) return session.tidy();
  session.looking = true;
  ground_.post(options_.shard, [ref = session.ref](Space& space) {
    Session* there = space.sessions_.find(ref);
    if (there == nullptr) return;
    there->looking = false;
    space.show(*there);
  });
}

// true: that was all.
bool Space::show_some(Session& session, Showing& showing) {
  std::size_t names = options_.walk_names;
  while (session.room > 0) {
    core::TopicDelivery delivery;
    delivery.message = retained_.next(showing.walk, names);
    if (!delivery.message) break;
    delivery.qos = std::min(showing.qos, delivery.message->qos);
    delivery.retain = true;
    delivery.takes_room = true;
    if (showing.id != 0) delivery.ids.push_back(showing.id);
    if (delivery.qos > 0 && session.durable) delivery.seq = next_apart(kNoHome);
    hand_parcel(session, {std::move(delivery), 0, false});
  }
  return showing.walk.done;
}

// ---- Who can take no more. ----

void Space::update_full(Session& session) {
  const std::size_t waiting = (session.extra ? session.extra->queue.size() : 0) + session.log.waiting();
  const bool full = waiting >= (session.full ? options_.queue_messages * 3 / 4 : options_.queue_messages);
  if (full == session.full) return;
  const auto count_all = [&](int sign) {
    for (const Held& held : session.held) count(session, trie_.leaf(held.place).subscribers[held.position], sign);
  };
  count_all(-1);
  session.full = full;
  count_all(1);
  for (const Held& held : session.held) announce(held.place);
}

}  // namespace confab::topics
