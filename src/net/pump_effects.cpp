// What a session's outbox asks for, done in order.
#include "net/pump_parts.h"
#include "net/websocket_stream.h"

namespace confab::net {

using session::CloseReason;
using session::Effect;
using session::Outbox;
using session::Session;

Pump::SessionTimer::SessionTimer(Pump& owner, session::TimerId timer_id)
    : Timer([](Timer& timer) {
        auto& self = static_cast<SessionTimer&>(timer);
        if (self.pump.stage_ == Stage::closing) return;
        self.pump.run([&](Session& session, Outbox& out) { session.on_timer(self.id, out); });
      }),
      pump(owner),
      id(timer_id) {}

// `effects` grows when doing one of them calls the session again: what that asks for comes after what was asked before.
void Pump::perform(std::vector<Effect> effects) {
  for (std::size_t i = 0; i < effects.size(); ++i) {
    if (stage_ == Stage::gone) return;
    if (stage_ == Stage::leaving) {
      auto& waiting = side().waiting;
      waiting.insert(waiting.end(), std::make_move_iterator(effects.begin() + static_cast<std::ptrdiff_t>(i)),
                     std::make_move_iterator(effects.end()));
      return;
    }
    Effect effect = std::move(effects[i]);
    if (auto* asked = std::get_if<session::Submit>(&effect)) {
      submit(*asked);
    } else if (stage_ == Stage::open) {
      perform_one(effect, effects);
    } else if (stage_ == Stage::kept) {
      perform_kept(effect);
    }
  }
}

void Pump::perform_one(Effect& effect, std::vector<Effect>& effects) {
  if (std::holds_alternative<session::StartTls>(effect)) {
    start_tls_ = true;
  } else if (std::holds_alternative<session::Pause>(effect)) {
    paused_ = true;
  } else if (std::holds_alternative<session::Resume>(effect)) {
    paused_ = false;
  } else if (auto* a = std::get_if<session::Arm>(&effect)) {
    arm(a->timer, a->delay);
  } else if (auto* d = std::get_if<session::Disarm>(&effect)) {
    disarm(d->timer);
  } else if (auto* b = std::get_if<session::BelongTo>(&effect)) {
    belong_to(*b);
  } else if (auto* k = std::get_if<session::Keep>(&effect)) {
    keep(*k);
  } else if (auto* t = std::get_if<session::TakeOver>(&effect)) {
    take_over(*t, effects);
  } else if (auto* u = std::get_if<session::Upgrade>(&effect)) {
    upgrade(*u);
  } else if (auto* c = std::get_if<session::Close>(&effect)) {
    close(c->reason);
  }
}

// Without a connection there is no reading, writing or moving.
void Pump::perform_kept(Effect& effect) {
  if (auto* a = std::get_if<session::Arm>(&effect)) {
    arm(a->timer, a->delay);
  } else if (auto* d = std::get_if<session::Disarm>(&effect)) {
    disarm(d->timer);
  } else if (auto* k = std::get_if<session::Keep>(&effect)) {
    keep(*k);
    if (k->span.count() == 0) expire();
  } else if (std::holds_alternative<session::Close>(effect)) {
    home_->counters().kept.subtract();
    finish();
  }
}

void Pump::submit(session::Submit& effect) {
  home_->domain().submit(home_->id_of(*this), account(), effect.request, std::move(effect.command));
}

void Pump::close(CloseReason reason) {
  stage_ = Stage::closing;
  reason_ = reason;
  home_->wheel().arm(side().deadline, home_->loop().now().mono + home_->limits().linger);
}

void Pump::arm(session::TimerId id, milliseconds delay) {
  std::unique_ptr<SessionTimer>* at = &timers_;
  while (*at && (*at)->id != id) at = &(*at)->next;
  if (!*at) *at = std::make_unique<SessionTimer>(*this, id);
  home_->wheel().arm(**at, home_->loop().now().mono + delay);
}

void Pump::disarm(session::TimerId id) {
  for (SessionTimer* timer = timers_.get(); timer != nullptr; timer = timer->next.get()) {
    if (timer->id == id) timer->disarm();
  }
}

void Pump::disarm_all() {
  for (SessionTimer* timer = timers_.get(); timer != nullptr; timer = timer->next.get()) timer->disarm();
}

// ---- From shard to shard. ----

void Pump::belong_to(session::BelongTo& effect) {
  side().account = std::move(effect.account);
  const std::uint32_t owner = home_->domain().owner_shard(side().account);
  if (owner == home_->shard() || owner >= home_->shards()) return;
  stage_ = Stage::leaving;
  if (reading_) stream_->set_reading(false);
  reading_ = false;
  home_->mark_leaving(*this);
}

// Deadlines are of the process's clock, so they hold in the next wheel as they are.
void Pump::depart() {
  for (SessionTimer* timer = timers_.get(); timer != nullptr; timer = timer->next.get()) {
    timer->moving = timer->armed();
    timer->disarm();
  }
  side().deadline.disarm();
  home_->drop_token(*this);
  home_->counters().open.subtract();
  stream_->leave();
  home_ = nullptr;
}

void Pump::arrive(Pumps& home, std::uint64_t number) {
  home_ = &home;
  number_ = number;
  stage_ = Stage::open;
  dirty_ = false;
  home.counters().open.add();
  home.counters().moved_in.add();
  for (SessionTimer* timer = timers_.get(); timer != nullptr; timer = timer->next.get()) {
    if (std::exchange(timer->moving, false)) home.wheel().arm(*timer, timer->due());
  }
  if (!side().token.empty()) home.put_token(*this);
  stream_->enter(home.loop());
  perform(std::exchange(side().waiting, {}));
  if (stage_ != Stage::gone) settle();
}

// ---- From HTTP to WebSocket. ----

void Pump::upgrade(session::Upgrade& effect) {
  side().upgrade = std::make_unique<session::Upgrade>(std::move(effect));
  upgrading_ = true;
}

// The answer has left; what is written from now on goes through the layer, and the one who asked for it is gone.
void Pump::hand_on() {
  upgrading_ = paused_ = over_high_ = over_low_ = false;
  const std::unique_ptr<session::Upgrade> next = std::move(side_->upgrade);
  const websocket::Limits limits{.frame_bytes = home_->limits().websocket_message_bytes,
                                 .message_bytes = home_->limits().websocket_message_bytes};
  disarm_all();
  peer_.listener = std::move(next->listener);
  stream_ = std::make_unique<WebSocketStream>(std::move(stream_), home_->loop(), limits, std::move(next->rest));
  stream_->listen(*this);
  session_ = next->make_session();
  run([&](Session& session, Outbox& out) { session.on_open(peer_, out); });
  const bool here = stage_ == Stage::open || stage_ == Stage::leaving;
  if (here && next->tls) run([&](Session& session, Outbox& out) { session.on_secured(*next->tls, out); });
}

// ---- Sessions that outlive their connections. ----

void Pump::keep(session::Keep& effect) {
  home_->drop_token(*this);
  Side& mine = side();
  mine.token = effect.span.count() == 0 ? std::string() : std::move(effect.token);
  mine.span = effect.span;
  if (!mine.token.empty()) home_->put_token(*this);
}

void Pump::take_over(session::TakeOver& effect, std::vector<Effect>& effects) {
  Pump* kept = home_->find_token(effect.token);
  const bool there = kept != nullptr && kept != this && (kept->stage_ == Stage::open || kept->stage_ == Stage::kept) &&
                     !account().empty() && kept->account().same_bare(account());
  if (there) return kept->continue_on(*this, std::move(effect.handover));
  Outbox out(queue_);
  session_->on_take_over_failed(std::move(effect.handover), out);
  for (Effect& more : out.take_effects()) effects.push_back(std::move(more));
}

// `fresh` gives its connection, with what its session has sent, and ends; this session goes on under its own number.
void Pump::continue_on(Pump& fresh, std::unique_ptr<session::Handover> handover) {
  Counters& counters = home_->counters();
  if (stage_ == Stage::kept) {
    counters.kept.subtract();
    side().deadline.disarm();
  } else {
    counters.closed[static_cast<std::size_t>(CloseReason::replaced)].add();
    counters.open.subtract();
  }
  let_stream_go(CloseReason::replaced);
  stage_ = Stage::open;
  counters.taken_over.add();
  stream_ = std::move(fresh.stream_);
  queue_ = std::exchange(fresh.queue_, {});
  peer_ = std::move(fresh.peer_);
  blocked_ = fresh.blocked_;
  reading_ = fresh.reading_;
  stream_->listen(*this);
  fresh.finish();
  run([&](Session& session, Outbox& out) { session.on_resumed(peer_, std::move(handover), out); });
}

}  // namespace confab::net
