#include "net/pump.h"

#include "net/pump_parts.h"

namespace confab::net {

using session::CloseReason;
using session::Outbox;
using session::Session;

Pump::Pump(std::unique_ptr<session::Stream> stream, std::unique_ptr<session::Session> session, session::PeerInfo peer)
    : stream_(std::move(stream)), session_(std::move(session)), peer_(std::move(peer)) {}

Pump::~Pump() {
  static_assert(sizeof(Pump) <= 256, "one per connection: what few need belongs in Side");
}

Pump::Side& Pump::side() {
  if (!side_) side_ = std::make_unique<Side>(*this);
  return *side_;
}

const Address& Pump::account() const {
  static const Address kNobody;
  return side_ ? side_->account : kNobody;
}

const std::string& Pump::token() const {
  static const std::string kNone;
  return side_ ? side_->token : kNone;
}

void Pump::start(Pumps& home, std::uint64_t number) {
  home_ = &home;
  number_ = number;
  stream_->listen(*this);
  run([&](Session& session, Outbox& out) { session.on_open(peer_, out); });
}

// ---- From the stream. ----

void Pump::on_stream_bytes(ByteSpan bytes) {
  if (stage_ == Stage::leaving || stage_ == Stage::closing || stage_ == Stage::gone) return;
  // RFC 6120 §5.4.3.3, CVE-2011-0411: what came in clear behind <starttls/> must never look as if it came secured.
  if (start_tls_ || securing_) return lose(CloseReason::violation);
  home_->counters().bytes_in.add(bytes.size());
  run([&](Session& session, Outbox& out) { session.on_bytes(bytes, out); });
}

void Pump::on_stream_writable() {
  if (stage_ == Stage::gone) return;
  blocked_ = false;
  if (!dirty_ && stage_ != Stage::leaving) {
    dirty_ = true;
    home_->mark_dirty(*this);
  }
}

void Pump::on_stream_secured(const session::TlsInfo& tls) {
  if (stage_ == Stage::gone) return;
  securing_ = false;
  on_stream_writable();
  home_->counters().handshakes.add();
  if (stage_ == Stage::open) run([&](Session& session, Outbox& out) { session.on_secured(tls, out); });
}

void Pump::on_stream_closed(CloseReason reason) {
  if (stage_ == Stage::gone || !stream_) return;
  home_->bury(std::move(stream_));
  lose(stage_ == Stage::closing ? reason_ : reason);
}

// ---- From the domain. ----

void Pump::deliver(const core::Delivery& delivery) {
  if (stage_ == Stage::closing || stage_ == Stage::gone) return;
  run([&](Session& session, Outbox& out) { session.on_delivery(delivery, out); });
}

void Pump::deliver(const core::TopicDelivery& delivery) {
  if (stage_ == Stage::closing || stage_ == Stage::gone) return;
  run([&](Session& session, Outbox& out) { session.on_topic(delivery, out); });
}

void Pump::reply(session::RequestId request, const core::Reply& reply) {
  if (stage_ == Stage::closing || stage_ == Stage::gone) return;
  run([&](Session& session, Outbox& out) { session.on_reply(request, reply, out); });
}

void Pump::end(CloseReason reason) {
  if (stage_ == Stage::closing || stage_ == Stage::gone) return;
  const bool kept = stage_ == Stage::kept;
  reason_ = reason;
  if (!kept) home_->wheel().arm(side().deadline, home_->loop().now().mono + home_->limits().linger);
  run([&](Session& session, Outbox& out) { session.on_end(reason, out); });
  if (kept && stage_ == Stage::kept) expire();
}

void Pump::abort(CloseReason reason) {
  if (stage_ == Stage::gone) return;
  if (side_) home_->drop_token(*this);
  if (side_) side_->token.clear();
  if (stage_ == Stage::kept) return expire();
  lose(stage_ == Stage::closing ? reason_ : reason);
}

// ---- Output. ----

// After every call of the session: limits, and whether the turn's end has something to do here.
void Pump::settle() {
  if (!stream_ || stage_ == Stage::leaving) return;
  const PumpLimits& limits = home_->limits();
  if (queue_.size() > limits.low_water) over_low_ = true;
  if (queue_.size() > limits.queue_bytes) write_queue();
  if (queue_.size() > limits.queue_bytes) return lose(CloseReason::slow_reader);
  if (queue_.size() > limits.high_water) over_high_ = true;
  const bool wanted = !queue_.empty() || over_low_ || start_tls_ || stage_ == Stage::closing ||
                      (!told_flush_ && session_->wants_flush());
  if (wanted && !dirty_ && !blocked_) {
    dirty_ = true;
    home_->mark_dirty(*this);
  }
  if (!wanted && queue_.empty()) drop_queue();
  update_reading();
}

void Pump::write_queue() {
  if (blocked_ || securing_ || queue_.empty()) return;
  const std::size_t taken = stream_->write(queue_);
  home_->counters().bytes_out.add(taken);
  if (taken == queue_.size()) {
    queue_.clear();
  } else {
    queue_.erase(0, taken);
    blocked_ = true;
  }
}

void Pump::flush() {
  dirty_ = false;
  if (!stream_ || stage_ == Stage::leaving || stage_ == Stage::gone) return;
  write_queue();
  if (queue_.empty()) drained();
  if (stage_ == Stage::open) {
    if (over_high_ && queue_.size() <= home_->limits().low_water) over_high_ = false;
    update_reading();
  }
}

// Everything has left for the kernel.
void Pump::drained() {
  drop_queue();
  if (stage_ == Stage::closing) return lose(reason_);
  if (start_tls_) {
    start_tls_ = false;
    securing_ = true;
    stream_->start_tls();
    return;
  }
  over_high_ = false;
  if (!over_low_ && !session_->wants_flush()) return;
  over_low_ = false;
  told_flush_ = true;
  run([](Session& session, Outbox& out) { session.on_flushed(out); });
  told_flush_ = false;
}

void Pump::drop_queue() {
  if (queue_.capacity() > std::string().capacity()) home_->give_back(std::exchange(queue_, {}));
}

void Pump::update_reading() {
  if (!stream_) return;
  const bool wanted = stage_ == Stage::open && !paused_ && !over_high_ && !start_tls_;
  if (wanted == reading_) return;
  reading_ = wanted;
  stream_->set_reading(wanted);
}

// ---- The end. ----

namespace {
// A session is kept when its connection was lost, not when one side ended it.
bool is_loss(CloseReason reason) {
  return reason == CloseReason::peer_closed || reason == CloseReason::reset || reason == CloseReason::timed_out ||
         reason == CloseReason::slow_reader;
}
}  // namespace

void Pump::let_stream_go() {
  if (stream_) {
    stream_->close();
    home_->bury(std::move(stream_));
  }
  queue_.clear();
  drop_queue();
  blocked_ = paused_ = reading_ = over_high_ = over_low_ = start_tls_ = securing_ = false;
}

void Pump::lose(CloseReason reason) {
  let_stream_go();
  Counters& counters = home_->counters();
  counters.closed[static_cast<std::size_t>(reason)].add();
  counters.open.subtract();
  const bool keeps = is_loss(reason) && side_ && !side_->token.empty();
  stage_ = keeps ? Stage::kept : Stage::closing;
  if (!keeps) disarm_all();
  run_last([&](Session& session, Outbox& out) { session.on_close(reason, out); });
  if (!keeps) return finish();
  side_->waiting.clear();
  counters.kept.add();
  home_->wheel().arm(side_->deadline, home_->loop().now().mono + side_->span);
}

void Pump::expire() {
  home_->counters().kept.subtract();
  run_last([](Session& session, Outbox& out) { session.on_expired(out); });
  finish();
}

void Pump::finish() {
  if (stage_ == Stage::gone) return;
  stage_ = Stage::gone;
  disarm_all();
  if (side_) side_->deadline.disarm();
  home_->drop_token(*this);
  home_->domain().closed(home_->id_of(*this), account());
  home_->remove(*this);
}

void Pump::on_deadline(Timer& timer) {
  Pump& pump = static_cast<Side::Deadline&>(timer).pump;
  if (pump.stage_ == Stage::kept) return pump.expire();
  if (pump.stage_ != Stage::gone) pump.lose(pump.reason_);
}

}  // namespace confab::net
