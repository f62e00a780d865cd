#include "engine/actor.h"

#include <algorithm>

#include "base/log.h"
#include "engine/node.h"
#include "engine/shard.h"

namespace confab::engine {

void Actor::take(Work work) {
  last_used_ = shard_.loop().now().mono;
  if (state_ == State::ready) {
    handle(std::move(work));
    return;
  }
  if (waiting_.size() >= shard_.options().mailbox && may_be_refused(work)) {
    shard_.refuse(std::move(work), {Errc::too_fast, "mailbox"});
    return;
  }
  waiting_.push_back(std::move(work));
  if (!started_) load();
}

void Actor::load() {
  started_ = true;
  state_ = State::loading;
  ++pending_;
  shard_.store().load_account(address_, shard_.loop(), [self = shared_from_this()](Result<core::AccountRow> row) {
    --self->pending_;
    self->on_loaded(std::move(row));
  });
}

void Actor::on_loaded(Result<core::AccountRow> row) {
  if (row) {
    account_.row = std::move(*row);
    state_ = State::ready;
    shard_.index(*this);
    run_waiting();
    return;
  }
  if (row.error().code != Errc::not_found) {
    log::warn("engine", "account_not_loaded", {{"error", row.error().text}});
    const core::Refused refused{row.error().code, row.error().text};
    for (Work& work : std::exchange(waiting_, {})) shard_.refuse(std::move(work), refused);
    shard_.forget(*this);
    return;
  }
  state_ = State::absent;
  while (!waiting_.empty() && state_ == State::absent) {
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    refuse_absent(std::move(work));
  }
  if (state_ == State::absent) shard_.forget(*this);
}

// The account is gone from the store: so are its sessions, and whatever waits finds that there is nobody.
void Actor::vanish() {
  expel(session::CloseReason::removed);
  shard_.unindex(*this);
  account_ = {};
  put_off_ = {};
  load();
}

// There is no such account: the few things that can be asked about it all the same.
void Actor::refuse_absent(Work work) {
  if (auto* envelope = std::get_if<Envelope>(&work)) {
    const auto* subscription = std::get_if<core::Subscription>(&envelope->event->body);
    if (subscription != nullptr && subscription->step == core::Subscription::Step::subscribe) {
      // RFC 6121 §3.1.3: nobody there to ask.
      const core::Context context = shard_.context();
      auto no = std::make_shared<core::Event>();
      no->id = context.ids.next(context.now);
      no->at = context.now;
      no->from = address_;
      no->to = envelope->event->from.bare();
      no->body = core::Subscription{core::Subscription::Step::unsubscribed, {}};
      shard_.route({.to = no->to, .event = no, .sender = {}, .origin = {}}, false);
    }
    shard_.answer(envelope->origin, core::Refused{Errc::not_found, "no such account"});
    return;
  }
  if (!std::holds_alternative<Request>(work)) {
    shard_.refuse(std::move(work), {Errc::not_found, "no such account"});
    return;
  }
  auto& request = std::get<Request>(work);
  if (std::holds_alternative<core::FindCredentials>(request.command)) {
    shard_.answer(request.origin, core::CredentialsFound{0, shard_.passwords().decoy(address_.local)});
  } else if (auto* verify = std::get_if<core::VerifyPassword>(&request.command)) {
    verify_password(*verify, request.origin);
  } else if (auto* reg = std::get_if<core::Register>(&request.command)) {
    create(*reg, request.origin);
  } else {
    shard_.answer(request.origin, core::Refused{Errc::not_found, "no such account"});
  }
}

void Actor::run_waiting() {
  while (state_ == State::ready && !waiting_.empty()) {
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    handle(std::move(work));
  }
}

void Actor::handle(Work work) {
  if (auto* envelope = std::get_if<Envelope>(&work)) {
    receive(std::move(*envelope));
  } else if (auto* asked = std::get_if<Request>(&work)) {
    request(std::move(*asked));
  } else if (const auto* gone = std::get_if<Gone>(&work)) {
    on_connection_gone(gone->connection);
  } else if (auto* inquiry = std::get_if<Inquiry>(&work)) {
    inform(std::move(*inquiry));
  } else {
    refresh(std::move(std::get<Refresh>(work).done));
  }
}

void Actor::receive(Envelope envelope) {
  const core::Context context = shard_.context();
  // Whatever this account says from now on sorts after what it was told (store.md, hybrid logical clock).
  if (!context.ids.witness(envelope.event->id, context.now)) {
    log::warn("engine", "event_from_the_future", {{"from", to_string(envelope.event->from)}});
  }
  perform(core::receive(account_, envelope.event, envelope.sender, context), envelope.origin);
}

void Actor::on_row(const LogRow& row) {
  account_.row.head = std::max(account_.row.head, row.upos);
  for (Link& link : links_) {
    const core::SessionState* session = account_.find_session(link.id);
    if (link.reading == Link::Reading::off && session != nullptr) show_apart(link, *session, row);
    if (link.reading != Link::Reading::live || row.upos <= link.next) continue;
    if (row.upos == link.next + 1 && session != nullptr) {
      consider(link, *session, row);
    } else {
      link.reading = Link::Reading::waiting;  // a hole: read it from the store
      read_page(link.id);
    }
  }
}

void Actor::on_connection_gone(session::ConnectionId connection) {
  core::CloseSession lost{.clean = false};
  if (const Link* link = find_link(connection)) close_session(link->id, lost);
}

void Actor::expel(session::CloseReason reason) {
  const std::vector<Link> links = links_;
  for (const Link& link : links) {
    if (link.connection.number != 0) shard_.end(link.connection, reason);
    drop_session(link.id);
  }
}

Link* Actor::find_link(core::SessionId id) {
  const auto at = std::find_if(links_.begin(), links_.end(), [id](const Link& link) { return link.id == id; });
  return at == links_.end() ? nullptr : &*at;
}

Link* Actor::find_link(session::ConnectionId connection) {
  const auto at = std::find_if(links_.begin(), links_.end(),
                               [connection](const Link& link) { return link.connection == connection; });
  return at == links_.end() || connection.number == 0 ? nullptr : &*at;
}

void Actor::put_off(const PutOff& what) {
  const bool first = put_off_.empty();
  for (const std::string& name : what.devices) {
    if (std::find(put_off_.devices.begin(), put_off_.devices.end(), name) == put_off_.devices.end()) {
      put_off_.devices.push_back(name);
    }
  }
  put_off_.delivered = put_off_.delivered || what.delivered;
  put_off_.presence = put_off_.presence || what.presence;
  if (first && !put_off_.empty()) shard_.note_dirty(shared_from_this());
}

PutOff Actor::collect_put_off(Transaction& transaction) {
  PutOff what = std::exchange(put_off_, {});
  const core::AccountRow& row = account_.row;
  for (const core::Device& device : row.devices) {
    const bool moved = std::find(what.devices.begin(), what.devices.end(), device.name) != what.devices.end();
    if (moved) transaction.changes.emplace_back(PutDevice{row.uid, device});
  }
  if (what.delivered) transaction.changes.emplace_back(PutDelivered{row.uid, row.delivered});
  if (what.presence) transaction.changes.emplace_back(PutLastPresence{row.uid, row.last});
  return what;
}

void Actor::on_written(const PutOff& what, const Result<Committed>& done) {
  --pending_;
  // The device of a cursor that is never written sees something twice, with the same id.
  if (!done && may_pass(done.error())) put_off(what);
}

}  // namespace confab::engine
