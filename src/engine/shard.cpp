#include "engine/shard.h"

#include "base/bytes.h"
#include "base/log.h"
#include "engine/node.h"

namespace confab::engine {
namespace {

constexpr milliseconds kSweepEvery{10'000};

}  // namespace

bool may_be_refused(const Work& work) {
  const auto* request = std::get_if<Request>(&work);
  if (request == nullptr) return std::holds_alternative<Envelope>(work) || std::holds_alternative<Inquiry>(work);
  return !std::holds_alternative<core::CloseSession>(request->command) &&
         !std::holds_alternative<core::Acknowledge>(request->command) &&
         !std::holds_alternative<core::WantBacklog>(request->command);
}

AccountShard::AccountShard(Node& node, std::uint32_t index, Loop& loop, session::Connections& connections)
    : node_(node),
      options_(node.options()),
      index_(index),
      loop_(loop),
      connections_(connections),
      ids_(node.options().site, node.random()) {
  loop_.post([this] { sweep(); });
}

void AccountShard::change_policy(const Options& options) {
  options_.policy = options.policy;
  options_.registration = options.registration;
}

Store& AccountShard::store() {
  return node_.store();
}
Passwords& AccountShard::passwords() {
  return node_.passwords();
}

core::Context AccountShard::context() {
  return {.policy = options().policy,
          .now = loop_.now().wall,
          .ids = ids_,
          .conversation = options().conversation,
          .owner = owner_hash};
}

std::string AccountShard::random_resource() {
  unsigned char bytes[9];
  node_.random()(bytes, sizeof bytes);
  return encode_hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

std::size_t AccountShard::sessions() const {
  std::size_t count = 0;
  for (const auto& [address, actor] : actors_) count += actor->account().sessions.size();
  return count;
}

void AccountShard::enqueue(Address to, Work work) {
  // What accounts tell each other goes on: sessions that ask for more have to wait until it is done.
  if (queue_.size() >= options().queue && may_be_refused(work)) {
    auto* request = std::get_if<Request>(&work);
    auto* inquiry = std::get_if<Inquiry>(&work);
    if (request != nullptr) return refuse_later(std::move(request->origin), {Errc::too_fast, "queue"});
    if (inquiry != nullptr) return refuse_later(std::move(inquiry->origin), {Errc::too_fast, "queue"});
  }
  queue_.push_back({std::move(to), std::move(work)});
  schedule();
}

void AccountShard::schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  loop_.post([this] { drain(); });
}

// Works that works lead to are done in the same go, up to a bound that keeps the sockets served.
void AccountShard::drain() {
  scheduled_ = false;
  for (std::size_t done = 0; !queue_.empty(); ++done) {
    if (done == options().turn_works) {
      schedule();
      return;
    }
    Queued next = std::move(queue_.front());
    queue_.pop_front();
    // For what has ended, or is to be read again, nobody is loaded.
    const bool loads = !std::holds_alternative<Gone>(next.work) && !std::holds_alternative<Refresh>(next.work);
    if (!loads && find(next.to) == nullptr) {
      refuse(std::move(next.work), {});
    } else {
      obtain(next.to)->take(std::move(next.work));
    }
  }
}

std::shared_ptr<Actor> AccountShard::obtain(const Address& account) {
  auto& actor = actors_[account.local];
  if (!actor) actor = std::make_shared<Actor>(*this, account.bare());
  return actor;
}

Actor* AccountShard::find(const Address& account) {
  const auto at = actors_.find(account.local);
  return at == actors_.end() ? nullptr : at->second.get();
}

void AccountShard::forget(Actor& actor) {
  unindex(actor);
  const auto at = actors_.find(actor.address().local);
  if (at != actors_.end() && at->second.get() == &actor) actors_.erase(at);
}

void AccountShard::unindex(const Actor& actor) {
  const auto known = by_uid_.find(actor.account().row.uid);
  if (known != by_uid_.end() && known->second == &actor) by_uid_.erase(known);
}

void AccountShard::on_rows(const std::vector<LogRow>& rows) {
  for (const LogRow& row : rows) {
    const auto at = by_uid_.find(row.uid);
    if (at != by_uid_.end()) at->second->on_row(row);
    // A session that has as much as it can hold says so: that comes before the next row.
    if (!queue_.empty()) drain();
  }
}

void AccountShard::route(Envelope envelope, bool live_only) {
  if (envelope.to.domain != options().domain) {
    answer(envelope.origin, core::Refused{Errc::unsupported, "remote-server-not-found"});
    return;
  }
  const std::uint32_t owner = node_.owner_shard(envelope.to);
  AccountShard* shard = &node_.shard(owner);
  if (shard == this) {
    if (live_only) {
      const Actor* actor = find(envelope.to);
      if (actor == nullptr || !actor->is_live()) return;
    }
    Address to = envelope.to;
    enqueue(std::move(to), std::move(envelope));
    return;
  }
  shard->loop().post(
      [shard, live_only, envelope = std::move(envelope)]() mutable { shard->route(std::move(envelope), live_only); });
}

void AccountShard::answer(const Origin& origin, core::Reply reply) {
  if (origin.done) {
    (*origin.done)(std::move(reply));
    return;
  }
  if (origin.request == 0) return;
  if (origin.connection.shard == index_) {
    connections_.reply(origin.connection, origin.request, reply);
    return;
  }
  AccountShard* shard = &node_.shard(origin.connection.shard);
  shard->loop().post([shard, to = origin.connection, request = origin.request, reply = std::move(reply)] {
    shard->connections_.reply(to, request, reply);
  });
}

void AccountShard::refuse(Work work, core::Refused why) {
  if (const auto* envelope = std::get_if<Envelope>(&work)) return answer(envelope->origin, std::move(why));
  if (const auto* request = std::get_if<Request>(&work)) return answer(request->origin, std::move(why));
  if (const auto* inquiry = std::get_if<Inquiry>(&work)) return answer(inquiry->origin, std::move(why));
  if (auto* refresh = std::get_if<Refresh>(&work)) refresh->done();
}

void AccountShard::refuse_later(Origin origin, core::Refused why) {
  loop_.post([this, origin = std::move(origin), why = std::move(why)] { answer(origin, why); });
}

void AccountShard::deliver(session::ConnectionId to, core::Delivery delivery) {
  counters_.delivered.add();
  if (to.shard == index_) {
    connections_.deliver(to, delivery);
    return;
  }
  AccountShard* shard = &node_.shard(to.shard);
  shard->loop().post([shard, to, delivery = std::move(delivery)] { shard->connections_.deliver(to, delivery); });
}

void AccountShard::end(session::ConnectionId connection, session::CloseReason reason) {
  AccountShard* shard = &node_.shard(connection.shard);
  shard->loop().post([shard, connection, reason] { shard->connections_.end(connection, reason); });
}

void AccountShard::note_dirty(const std::shared_ptr<Actor>& actor) {
  dirty_.push_back(actor);
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  loop_.after(options().cursor_write, [this] {
    flush_scheduled_ = false;
    flush_dirty({});
  });
}

// One transaction for each account: if one of them is gone, the others' are written all the same.
void AccountShard::flush_dirty(Task done) {
  for (const auto& weak : std::exchange(dirty_, {})) {
    const auto actor = weak.lock();
    if (!actor) continue;
    Transaction transaction;
    PutOff what = actor->collect_put_off(transaction);
    if (transaction.changes.empty()) continue;
    actor->begin_writing();
    ++writing_;
    store().commit(std::move(transaction), loop_, [this, actor, what = std::move(what)](Result<Committed> committed) {
      actor->on_written(what, committed);
      on_written(committed);
    });
  }
  if (done) when_written_.push_back(std::move(done));
  if (writing_ == 0) tell_written();
}

void AccountShard::on_written(const Result<Committed>& done) {
  if (!done) not_written_ = to_string(done.error().code);
  if (--writing_ > 0) return;
  const std::string error = std::exchange(not_written_, {});
  if (!error.empty()) log::warn("engine", "cursors_not_written", {{"error", error}});
  tell_written();
}

void AccountShard::tell_written() {
  for (Task& done : std::exchange(when_written_, {})) done();
}

void AccountShard::sweep() {
  const MonoMs now = loop_.now().mono;
  const bool crowded = actors_.size() > options().accounts_loaded;
  std::vector<std::shared_ptr<Actor>> idle;
  for (const auto& [local, actor] : actors_) {
    if (!actor->is_idle()) continue;
    if (crowded || actor->last_used() + options().account_idle < now) idle.push_back(actor);
  }
  for (const auto& actor : idle) forget(*actor);
  loop_.after(kSweepEvery, [this] { sweep(); });
}

}  // namespace confab::engine
