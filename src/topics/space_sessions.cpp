// Sessions begin, go on, lose their connections and end; wills.
#include <algorithm>

#include "base/log.h"
#include "topics/space.h"

namespace confab::topics {

// MQTT 5.0 §3.1.2.4, §3.1.4: one connection for each client; the one before has to go first.
void Space::open(Asker asker, core::OpenTopicSession& command) {
  if (!ground_.owns(command.client)) return refuse(asker, Errc::conflict, "not the client's shard");
  if (sessions_.find(asker.link) != nullptr) return refuse(asker, Errc::conflict, "a connection has one session");
  Session* old = sessions_.find(command.client);
  if (old != nullptr && old->connected()) {
    auto next = std::make_unique<Successor>(Successor{asker, std::move(command)});
    next.swap(old->more().successor);
    successors_[asker.link] = old->ref;
    if (!next) return ground_.end(old->link);
    successors_.erase(next->asker.link);
    return refuse(next->asker, Errc::conflict, "taken over");
  }
  if (old != nullptr && !command.clean) return resume(*old, asker, command);
  std::vector<core::Change> changes;
  if (old != nullptr) end_session(*old, &changes);
  if (sessions_.size() >= (options_.sessions + options_.shards - 1) / options_.shards) {
    if (!changes.empty()) commit_or_warn(std::move(changes));
    return refuse(asker, Errc::too_fast, "topic_sessions");
  }
  make(asker, command, std::move(changes));
}

void Space::make(Asker asker, core::OpenTopicSession& command, std::vector<core::Change> changes) {
  Session& session = sessions_.add(std::move(command.client));
  sessions_.attach(session, asker.link);
  counters_.sessions.add();
  counters_.connected.add();
  session.account = std::move(command.account);
  session.expiry = command.expiry;
  session.durable = command.expiry > 0;
  session.log = LogPlace(recent_.seen());
  put_will(session, command.will);
  if (session.durable) changes.emplace_back(core::TopicChange(core::PutTopicSession{row_of(session)}));
  if (changes.empty()) return answer(asker, core::TopicSessionOpened{false, {}});
  ground_.commit(std::move(changes), [this, asker, ref = session.ref](Result<> done) {
    if (done) return answer(asker, core::TopicSessionOpened{false, {}});
    refuse(asker, done.error().code, done.error().text);
    Session* made = sessions_.find(ref);
    if (made == nullptr) return;
    made->will.reset();
    if (made->connected()) {
      made->expiry = 0;
      detach(*made, false);
    } else {
      end_session(*made, nullptr);
    }
  });
}

// What was to be said or forgotten without it is not, then (§3.1.3.2.2).
void Space::resume(Session& session, Asker asker, core::OpenTopicSession& command) {
  sessions_.attach(session, asker.link);
  counters_.connected.add();
  session.account = std::move(command.account);
  session.expiry = command.expiry;
  session.closed.reset();
  session.expires_at = session.will_at = {};
  session.room = 0;
  put_will(session, command.will);
  core::TopicSessionOpened opened{true, std::exchange(session.memo, {})};
  session.row_dirty = true;
  mark_dirty(session);
  if (session.extra) {
    for (const std::string& name : session.extra->shared) {
      at_home(name, [name, member = name_of(session), link = session.link](Space& home) {
        home.come_back(name, member, link);
      });
    }
  }
  answer(asker, opened);
}

void Space::put_will(Session& session, std::optional<core::TopicWill>& will) {
  session.will = will ? std::make_unique<core::TopicWill>(std::move(*will)) : nullptr;
}

void Space::close(Session& session, core::CloseTopicSession& command) {
  if (command.expiry && session.durable) session.expiry = *command.expiry;
  session.memo = std::move(command.memo);
  detach(session, command.will);
}

// The connection is no more. §3.1.2.5: the will is said when its delay has passed or the session ends.
void Space::detach(Session& session, bool with_will) {
  std::unique_ptr<Successor> next;
  if (session.extra) next = std::move(session.extra->successor);
  counters_.connected.subtract();
  sessions_.detach(session);
  session.room = 0;
  if (!with_will) session.will.reset();
  if (session.expiry == 0) {
    std::vector<core::Change> changes;
    end_session(session, &changes);
    if (!changes.empty()) commit_or_warn(std::move(changes));
  } else {
    const Now now = ground_.now();
    session.closed = now.wall;
    session.log.rewind(recent_.seen());
    part_groups(session, false);
    return_owed(session);
    session.tidy();
    if (session.expiry != core::kNeverExpires) expire_at(session, session.expires_at, session.expiry);
    session.row_dirty = true;
    mark_dirty(session);
    update_full(session);
    if (session.will && session.will->delay == 0) {
      say_will(session);
    } else if (session.will) {
      expire_at(session, session.will_at, session.will->delay);
    }
  }
  if (!next) return;
  successors_.erase(next->asker.link);
  open(next->asker, next->command);
}

// With `changes`: what the store has to forget is added to them.
void Space::end_session(Session& session, std::vector<core::Change>* changes) {
  if (session.will) say_will(session);
  part_groups(session, true);
  while (!session.held.empty()) drop_held(session, static_cast<std::uint32_t>(session.held.size() - 1));
  if (session.durable && changes != nullptr) {
    changes->emplace_back(core::TopicChange(core::DropTopicSession{session.client}));
  }
  counters_.sessions.subtract();
  sessions_.remove(session);
}

void Space::say_will(Session& session) {
  const std::unique_ptr<core::TopicWill> will = std::move(session.will);
  session.will_at = {};
  auto message = std::make_shared<core::TopicMessage>(std::move(will->message));
  message->at = ground_.now().wall;
  if (session.durable) {
    session.row_dirty = true;
    mark_dirty(session);
  }
  if (const auto refused = refusal(*message)) {
    log::warn("topics", "will_refused", {{"client", session.client}, {"why", refused->text}});
    return;
  }
  const Spread spread = this->spread(message, &session);
  if (spread.full) return;
  keep(message, session, 0, {}, spread);
}

void Space::commit_or_warn(std::vector<core::Change> changes) {
  ground_.commit(std::move(changes), [](Result<> done) {
    if (!done) log::warn("topics", "not_forgotten", {{"error", to_string(done.error().code)}});
  });
}

core::TopicSessionRow Space::row_of(const Session& session) const {
  core::TopicSessionRow row{session.client, session.account, session.expiry, {}, session.closed, session.memo};
  if (session.will) row.will = *session.will;
  return row;
}

// ---- Deadlines. ----

void Space::expire_at(Session& session, MonoMs& field, std::uint32_t seconds_from_now) {
  field = ground_.now().mono + seconds(seconds_from_now);
  field.ms = std::max<std::int64_t>(field.ms, 1);  // 0: not
  dues_.push({field, session.ref});
  arm(field);
}

void Space::arm(MonoMs due) {
  if (alarm_ && *alarm_ <= due) return;
  alarm_ = due;
  const auto delay = std::max<std::int64_t>(0, due.ms - ground_.now().mono.ms);
  ground_.after(milliseconds(delay), [this] { on_alarm(); });
}

// Deadlines that no longer hold are passed over here; there is no taking them back.
void Space::on_alarm() {
  const MonoMs now = ground_.now().mono;
  if (alarm_ && *alarm_ > now) return;  // an earlier one was armed after this one, and has seen to it
  alarm_.reset();
  while (!dues_.empty() && dues_.top().at <= now) {
    const SessionRef due = dues_.top().session;
    dues_.pop();
    if (Session* session = sessions_.find(due)) on_due(*session);
  }
  if (!dues_.empty()) arm(dues_.top().at);
}

void Space::on_due(Session& session) {
  if (session.connected()) return;
  const auto has_come = [now = ground_.now().mono](MonoMs at) { return at.ms != 0 && at <= now; };
  if (has_come(session.expires_at)) {
    std::vector<core::Change> changes;
    end_session(session, &changes);
    if (!changes.empty()) commit_or_warn(std::move(changes));
  } else if (session.will && has_come(session.will_at)) {
    say_will(session);
  }
}

}  // namespace confab::topics
