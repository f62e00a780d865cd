// Doing what a Plan says: persist, then publish, deliver and acknowledge. The one place where that order lives.
#include <algorithm>

#include "base/log.h"
#include "engine/actor.h"
#include "engine/node.h"
#include "engine/shard.h"

namespace confab::engine {
namespace {

bool is_append(const core::Change& change) {
  return std::holds_alternative<Append>(change);
}

// The answer to the author: the id that is in the log, and his own position.
core::Reply sent(const Append& append, const Appended& appended) {
  const auto own = std::find_if(append.logs.begin(), append.logs.end(),
                                [&](const core::LogTarget& log) { return log.uid == append.source; });
  const auto at = static_cast<std::size_t>(own - append.logs.begin());
  return core::Sent{appended.id, appended.at, at < appended.positions.size() ? appended.positions[at] : 0,
                    appended.duplicate};
}

}  // namespace

bool may_pass(const Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::no_space;
}

void Actor::perform(core::Plan plan, const Origin& origin, const core::Sender* sender) {
  if (plan.announcement) {
    announce(std::make_shared<Append>(std::move(*plan.announcement)), {}, origin);
  } else if (plan.changes.empty()) {
    perform_effects(std::move(plan), origin, sender);
  } else if (plan.changes.size() == 1 && is_append(plan.changes.front())) {
    perform_appends(std::move(plan), origin);
  } else {
    perform_changes(std::move(plan), origin);
  }
}

// Appending changes nothing of the account: many are under way at a time. The log's rows come by on_row.
void Actor::perform_appends(core::Plan plan, const Origin& origin) {
  const auto& append = std::get<Append>(plan.changes.front());
  Append told;
  told.logs = append.logs;
  told.source = append.source;
  Transaction transaction{std::move(plan.changes)};
  ++pending_;
  shard_.store().commit(std::move(transaction), shard_.loop(),
                        [self = shared_from_this(), origin, told = std::move(told)](Result<Committed> done) {
                          --self->pending_;
                          Counters& counters = self->shard_.counters();
                          if (done) {
                            (done->appended.front().duplicate ? counters.duplicates : counters.kept).add();
                            self->shard_.answer(origin, sent(told, done->appended.front()));
                          } else {
                            counters.unstored.add();
                            self->shard_.answer(origin, core::Refused{done.error().code, done.error().text});
                          }
                        });
}

// Everybody's log, in one go: those who are away hear of it when they come.
void Actor::announce(std::shared_ptr<Append> append, Address after, const Origin& origin) {
  constexpr std::size_t kPage = 1000;
  ++pending_;
  shard_.store().list_accounts(
      std::move(after), kPage, shard_.loop(),
      [self = shared_from_this(), append, origin](const Result<std::vector<Store::AccountLine>>& lines) {
        --self->pending_;
        if (!lines) return self->shard_.answer(origin, core::Refused{lines.error().code, lines.error().text});
        if (append->logs.size() + lines->size() > self->shard_.options().announcement_accounts) {
          return self->shard_.answer(origin, core::Refused{Errc::too_big, "announcement_accounts"});
        }
        for (const Store::AccountLine& line : *lines) {
          const std::uint64_t owner = self->shard_.context().owner(line.address);
          append->logs.push_back({line.uid, owner, true});
        }
        if (lines->size() == kPage) return self->announce(append, lines->back().address, origin);
        core::Plan plan;
        plan.changes.emplace_back(std::move(*append));
        self->perform_appends(std::move(plan), origin);
      });
}

// A change of the account itself: nothing else is decided until it is durable.
void Actor::perform_changes(core::Plan plan, const Origin& origin) {
  state_ = State::busy;
  commit_changes(std::make_shared<core::Plan>(std::move(plan)), origin, 0);
}

void Actor::commit_changes(std::shared_ptr<core::Plan> plan, const Origin& origin, std::size_t tries) {
  ++pending_;
  shard_.store().commit(Transaction{plan->changes}, shard_.loop(),
                        [self = shared_from_this(), origin, plan, tries](Result<Committed> done) {
                          --self->pending_;
                          self->on_committed(plan, origin, tries, std::move(done));
                        });
}

void Actor::on_committed(const std::shared_ptr<core::Plan>& plan, const Origin& origin, std::size_t tries,
                         Result<Committed> done) {
  // Somebody who waits for an answer can try again himself; what another account told this one cannot be told again.
  const bool nobody_waits = origin.request == 0 && !origin.done;
  if (!done && nobody_waits && may_pass(done.error()) && tries < shard_.options().change_retries) {
    ++pending_;
    shard_.loop().after(shard_.options().change_retry, [self = shared_from_this(), plan, origin, tries] {
      --self->pending_;
      self->commit_changes(plan, origin, tries + 1);
    });
    return;
  }
  state_ = State::ready;
  if (done) {
    for (const core::Change& change : plan->changes) core::apply(account_, change);
    const bool announce = plan->announce;
    perform_effects(std::move(*plan), origin, nullptr);
    if (announce) perform_effects(core::announce_presence(account_, shard_.context()), {}, nullptr);
    if (account_.row.disabled) expel(session::CloseReason::removed);
  } else {
    log::warn("engine", "change_not_stored", {{"error", done.error().text}});
    shard_.answer(origin, core::Refused{done.error().code, done.error().text});
  }
  run_waiting();
}

void Actor::perform_effects(core::Plan plan, const Origin& origin, const core::Sender* sender) {
  for (core::SessionState& next : plan.sessions) {
    const auto at = std::find_if(account_.sessions.begin(), account_.sessions.end(),
                                 [&](const core::SessionState& session) { return session.id == next.id; });
    if (at != account_.sessions.end()) *at = std::move(next);
  }
  const core::SessionId first = plan.sessions.empty() ? 0 : plan.sessions.front().id;
  if (plan.last) {
    account_.row.last = std::move(*plan.last);
    put_off({.devices = {}, .delivered = false, .presence = true});
  }
  for (const core::Notify& notify : plan.notifies) {
    const Link* link = find_link(notify.session);
    if (!shows_.empty()) note_told(notify);
    if (link == nullptr || link->connection.number == 0) continue;
    const bool own = notify.copy && notify.event->from.same_bare(address_);
    shard_.deliver(link->connection, {.event = notify.event, .own = own, .copy = notify.copy});
  }
  // A message's answer comes from whoever takes it in; everything else was answered here.
  const bool passes_answer = !plan.reply.has_value() && plan.forwards.size() == 1;
  for (core::Forward& forward : plan.forwards) {
    Envelope envelope{.to = std::move(forward.to), .event = std::move(forward.event), .sender = {}, .origin = {}};
    if (sender != nullptr) envelope.sender = *sender;
    envelope.sender.uid = account_.row.uid;
    envelope.sender.archived = forward.archived;
    if (passes_answer) envelope.origin = origin;
    shard_.route(std::move(envelope), forward.live_only);
  }
  if (plan.reply) shard_.answer(origin, std::move(*plan.reply));
  on_changed(plan, first);
}

// A session has begun, or ceased, to be available: the log follows.
void Actor::on_changed(const core::Plan& plan, core::SessionId id) {
  if (id == 0) return;
  const core::SessionState* session = account_.find_session(id);
  if (session == nullptr) return;
  if (plan.first_presence && session->wire == core::Wire::xmpp) show_last_presences(id);
  const bool wants = (session->available || session->follows) &&
                     (core::is_shown(account_, *session, address_) || core::is_copied(*session));
  const Link* link = find_link(id);
  if (link == nullptr) return;
  if (wants && link->reading == Link::Reading::off) follow_log(id);
  if (!wants && link->reading != Link::Reading::off) stop_following(id);
}

}  // namespace confab::engine
