// The log: what was published while somebody must have it kept. It is the queue of all sessions that outlive their
// connections; each of them has a place in it, and nothing else.
#include <algorithm>

#include "base/log.h"
#include "topics/space.h"

namespace confab::topics {

void Space::on_rows(const std::vector<core::TopicRow>& rows) {
  for (const core::TopicRow& row : rows) {
    recent_.add(row);
    collect({*row.message, row.from, row.seq});
    for (const Match& match : matches_) {
      Session& session = sessions_.at(match.session);
      if (session.durable && match.qos > 0) on_row(session, row, match);
    }
    // Whoever takes a row from a group is no member that is looked for by the match.
    const std::vector<Group*> groups = match_groups_;
    for (Group* group : groups) {
      if (group->durable()) on_row(*group, row);
    }
  }
  if (!rows.empty()) schedule_writing();
}

void Space::on_row(Session& session, const core::TopicRow& row, const Match& match) {
  if (session.log.is_past(row.seq)) return;
  mark_dirty(session);
  if (session.room == 0 || session.log.is_behind() || has_queue(session)) {
    session.log.wait_for(row.seq);
    return update_full(session);
  }
  fill(delivery_, row.message, match);
  delivery_.takes_room = true;
  delivery_.seq = row.seq;
  if (!hand_over(session, delivery_)) return;
  session.log.hand_over(row.seq);
  --session.room;
}

// Goes on where the session stands: in the rows that this shard still has, else in the store.
void Space::catch_up(Session& session) {
  while (session.log.is_behind() && session.room > 0 && !session.reading && session.connected()) {
    if (!recent_.reaches(session.log.next())) return read_page(session);
    const core::TopicRow* row = recent_.find(session.log.next());
    if (row == nullptr) return session.log.catch_up(recent_.seen());
    if (!offer(session, *row)) return;
  }
}

// false: there is no room for it.
bool Space::offer(Session& session, const core::TopicRow& row) {
  mark_dirty(session);
  if (!session.log.wants(row.seq)) {
    session.log.pass(row.seq, false);
    return true;
  }
  const bool again = session.log.comes_again(row.seq);
  auto match = match_one(session, row);
  // §3.10.4: what was under way when the subscription ended is brought to its end.
  if (!match && again) match = Match{session.ref.index, 0xFFFF'FFFFU, row.message->qos, false};
  if (!match || match->qos == 0) {
    session.log.pass(row.seq, false);
    return true;
  }
  if (session.room == 0) return false;
  fill(delivery_, row.message, *match);
  delivery_.takes_room = true;
  delivery_.seq = row.seq;
  if (hand_over(session, delivery_, again)) {
    session.log.hand_over(row.seq);
    --session.room;
  } else {
    session.log.pass(row.seq, true);
  }
  return true;
}

// As collect(), for one session: its filters among those that match.
std::optional<Space::Match> Space::match_one(const Session& session, const core::TopicRow& row) {
  match_ids_.clear();
  match_places_.clear();
  trie_.match(row.message->topic, [&](Trie::Place place, const Leaf&) { match_places_.push_back(place); });
  std::optional<Match> match;
  for (const Held& held : session.held) {
    if (std::find(match_places_.begin(), match_places_.end(), held.place) == match_places_.end()) continue;
    const Subscriber& subscriber = trie_.leaf(held.place).subscribers[held.position];
    if (row.seq <= subscriber.since || (subscriber.no_local && session.client == row.from)) continue;
    if (!match) match = Match{session.ref.index, 0xFFFF'FFFFU, 0, false};
    match->qos = std::max(match->qos, subscriber.qos);
    match->as_published |= subscriber.as_published;
    if (subscriber.id == 0) continue;
    match_ids_.emplace_back(subscriber.id, match->ids);
    match->ids = static_cast<std::uint32_t>(match_ids_.size() - 1);
  }
  return match;
}

void Space::read_page(Session& session) {
  session.reading = true;
  const PageRead read{session.log.next(), recent_.seen()};
  ground_.read_log(
      read.from - 1, options_.page_rows, options_.page_bytes,
      [this, ref = session.ref, read](Result<std::vector<core::TopicRow>> page) { on_page(ref, read, page); });
}

void Space::on_page(SessionRef ref, PageRead read, const Result<std::vector<core::TopicRow>>& page) {
  Session* session = sessions_.find(ref);
  if (session == nullptr) return;
  if (!page) {
    log::warn("topics", "log_not_read", {{"client", session->client}, {"error", to_string(page.error().code)}});
    return ground_.after(options_.retry_delay, [this, ref] {
      Session* there = sessions_.find(ref);
      if (there == nullptr) return;
      there->reading = false;
      catch_up(*there);
    });
  }
  session->reading = false;
  // The session may stand elsewhere by now, if its connection ended meanwhile.
  const bool holds = session->log.next() == read.from && session->log.is_behind() && session->connected();
  if (holds && page->empty()) session->log.pass(read.seen, false);
  for (const core::TopicRow& row : *page) {
    // Rows that this shard was not told of yet come by on_rows.
    if (!holds || row.seq > recent_.seen() || !offer(*session, row)) break;
  }
  catch_up(*session);
  if (session->full) update_full(*session);
}

}  // namespace confab::topics
