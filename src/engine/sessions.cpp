// Sessions come and go: binding, conflicts, lost connections and their grace time.
#include <algorithm>

#include "base/log.h"
#include "engine/actor.h"
#include "engine/node.h"
#include "engine/shard.h"

namespace confab::engine {
void Actor::open_session(core::OpenSession& command, const Origin& origin, bool is_new) {
  if (account_.row.disabled) {
    shard_.answer(origin, core::Refused{Errc::forbidden, "disabled"});
    return;
  }
  if (origin.connection.number == 0 || find_link(origin.connection) != nullptr) {
    shard_.answer(origin, core::Refused{Errc::conflict, "a connection has one session"});
    return;
  }
  if (!make_room(command.resource)) {
    shard_.answer(origin, core::Refused{Errc::too_fast, "sessions_per_account"});
    return;
  }
  const bool named = !command.resource.empty();
  core::Device* device = account_.row.find_device(command.resource);
  if (named && command.keeps && device == nullptr) {
    add_device(std::move(command), origin);
    return;
  }
  if (named && !command.keeps && device != nullptr) forget_device(command.resource);
  core::SessionState session;
  session.named = named && command.keeps;
  session.inherited = named && replace_session(command.resource);
  session.id = shard_.next_session_id();
  session.wire = command.wire;
  session.resource = named ? command.resource : shard_.random_resource();
  Link link;
  link.id = session.id;
  link.connection = origin.connection;
  link.since = shard_.loop().now().wall;
  link.address = command.address;
  link.opened = account_.row.head;
  bool present = false;
  link.next = link.acked = link.delivered = first_position(command, is_new, present);
  const Upos from = link.next;
  links_.push_back(link);
  core::Reply reply =
      core::SessionOpened{.id = session.id,
                          .resource = session.resource,
                          .present = present,
                          .head = account_.row.head,
                          .from = from,
                          .sent = present && device != nullptr ? device->sent : 0,
                          .unread = account_.row.head - std::min(account_.row.head, account_.row.delivered),
                          .roster = present && device != nullptr ? device->roster : 0,
                          .memo = present && device != nullptr ? std::string(device->memo) : std::string()};
  log::info("engine", "session_opened",
            {{"user", to_string(address_)}, {"wire", core::name_of(session.wire)}, {"resource", session.resource}});
  account_.sessions.push_back(std::move(session));
  shard_.counters().sessions.add();
  shard_.counters().opened.add();
  shard_.answer(origin, std::move(reply));
}

// Below sessions_per_account, or by a session of the same resource, or by one whose connection is lost: first one that
// only lingers, then one that waits to be resumed.
bool Actor::make_room(const std::string& resource) {
  if (account_.sessions.size() < shard_.options().sessions_per_account) return true;
  if (!resource.empty() && account_.find_resource(resource) != nullptr) return true;
  const auto lost =
      std::find_if(account_.sessions.begin(), account_.sessions.end(), [](const auto& each) { return each.lingering; });
  if (lost != account_.sessions.end()) {
    drop_session(lost->id);
    return true;
  }
  const auto waits = std::find_if(links_.begin(), links_.end(), [](const Link& link) { return !link.attached; });
  if (waits == links_.end()) return false;
  const Link gone = *waits;
  shard_.end(gone.connection, session::CloseReason::replaced);
  drop_session(gone.id);
  return true;
}

// A session of the same resource makes room for the new one (RFC 6120 §7.7.2.2). true: friends still see the old one.
bool Actor::replace_session(const std::string& resource) {
  const core::SessionState* old = account_.find_resource(resource);
  if (old == nullptr) return false;
  const core::SessionId id = old->id;
  if (old->lingering) {
    std::erase_if(account_.sessions, [id](const auto& session) { return session.id == id; });
    shard_.counters().sessions.subtract();
    std::erase_if(links_, [id](const Link& link) { return link.id == id; });
    return true;
  }
  if (const Link* link = find_link(id)) shard_.end(link->connection, session::CloseReason::replaced);
  drop_session(id);
  return false;
}

// A device's place in the log must outlive this process before anything is handed to another one past it: a new device
// is durable first, then the session opens. It begins with the first row that no device has (wire-mqtt.md, store.md).
void Actor::add_device(core::OpenSession command, const Origin& origin) {
  core::AccountRow& row = account_.row;
  std::vector<core::Change> changes;
  if (row.devices.size() >= shard_.options().devices_per_account) {
    // One that is logged in now goes last.
    const auto rank = [this](const core::Device& device) {
      return std::pair(account_.find_resource(device.name) != nullptr, device.last_seen);
    };
    const auto oldest = std::min_element(row.devices.begin(), row.devices.end(),
                                         [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    changes.emplace_back(DropDevice{row.uid, oldest->name});
  }
  changes.emplace_back(
      PutDevice{row.uid, {command.resource, row.delivered, shard_.loop().now().wall, false, 0, command.expiry}});
  state_ = State::busy;
  ++pending_;
  auto kept = std::make_shared<std::vector<core::Change>>(std::move(changes));
  shard_.store().commit(
      Transaction{*kept}, shard_.loop(),
      [self = shared_from_this(), command = std::move(command), origin, kept](Result<Committed> done) mutable {
        --self->pending_;
        self->state_ = State::ready;
        if (done) {
          for (const core::Change& change : *kept) core::apply(self->account_, change);
          self->open_session(command, origin, true);
        } else {
          self->shard_.answer(origin, core::Refused{done.error().code, done.error().text});
        }
        self->run_waiting();
      });
}

bool Actor::keeps_place(const core::Device& device) const {
  const std::int64_t kept =
      device.expiry != 0 ? std::int64_t{device.expiry} * 1000 : std::int64_t{86'400'000} * shard_.options().device_days;
  return device.last_seen + milliseconds(kept) >= shard_.loop().now().wall;
}

// Where a session starts in the log: its device's cursor; without a device where the first row is that no device has,
// for nobody could tell where it was before. `present`: the device goes on.
Upos Actor::first_position(const core::OpenSession& command, bool is_new, bool& present) {
  core::AccountRow& row = account_.row;
  if (!command.resource.empty() && !command.keeps) return row.head;
  core::Device* device = row.find_device(command.resource);
  if (device == nullptr) return row.delivered;
  present = !is_new && !command.clean && keeps_place(*device);
  if (!is_new && command.clean) device->cursor = std::max(device->cursor, row.head);
  if (!is_new && !keeps_place(*device)) device->cursor = std::max(device->cursor, row.delivered);
  if (!present) device->memo.clear();
  if (!present) device->roster = 0;
  device->expiry = command.expiry;
  device->last_seen = shard_.loop().now().wall;
  put_off({.devices = {device->name}});
  return device->cursor;
}

// A memo is what the client was promised: it is durable first. The roster's version is worth little; late is soon
// enough.
void Actor::note_device(core::SessionId id, core::NoteDevice& command, const Origin& origin) {
  const core::SessionState* session = account_.find_session(id);
  core::Device* device = session != nullptr && session->named ? account_.row.find_device(session->resource) : nullptr;
  if (device == nullptr) return shard_.answer(origin, core::Done{});
  if (command.roster) {
    device->roster = *command.roster;
    put_off({.devices = {device->name}});
  }
  if (!command.memo || device->memo == *command.memo) return shard_.answer(origin, core::Done{});
  if (command.memo->size() > core::kMaxDeviceMemo) {
    return shard_.answer(origin, core::Refused{Errc::too_big, "kMaxDeviceMemo"});
  }
  device->memo = std::move(*command.memo);
  ++pending_;
  shard_.store().commit(Transaction{{PutDevice{account_.row.uid, *device}}}, shard_.loop(),
                        [self = shared_from_this(), origin](const Result<Committed>& done) {
                          --self->pending_;
                          if (done) return self->shard_.answer(origin, core::Done{});
                          self->shard_.answer(origin, core::Refused{done.error().code, done.error().text});
                        });
}

// The device's place is worth nothing any more. Late is soon enough: one that comes back before is told nothing twice.
void Actor::forget_device(const std::string& name) {
  std::erase_if(account_.row.devices, [&](const core::Device& device) { return device.name == name; });
  ++pending_;
  shard_.store().commit(Transaction{{DropDevice{account_.row.uid, name}}}, shard_.loop(),
                        [self = shared_from_this()](const Result<Committed>& done) {
                          --self->pending_;
                          if (!done) log::warn("engine", "device_not_dropped", {{"error", done.error().text}});
                        });
}

void Actor::close_session(core::SessionId id, core::CloseSession& command) {
  const auto at = std::find_if(account_.sessions.begin(), account_.sessions.end(),
                               [id](const core::SessionState& session) { return session.id == id; });
  if (at == account_.sessions.end()) return;
  at->last_word = std::move(command.last_word);
  core::Device* device = at->named ? account_.row.find_device(at->resource) : nullptr;
  if (device != nullptr && command.expiry) device->expiry = *command.expiry;
  const bool forgotten = device != nullptr && command.expiry == 0U;
  const std::string name = forgotten ? device->name : std::string();
  const milliseconds grace = command.grace ? milliseconds(*command.grace) : shard_.options().presence_grace;
  if (!command.clean && (at->available || at->inherited) && grace.count() > 0) {
    linger(id, grace);
  } else {
    drop_session(id);
  }
  if (forgotten) forget_device(name);
}

// The connection was lost, not closed: the person may be back in a moment, and friends need not see him blink.
void Actor::linger(core::SessionId id, milliseconds grace) {
  stop_following(id);
  stop_showing(id);
  for (core::SessionState& session : account_.sessions) {
    if (session.id == id) session.lingering = true;
  }
  if (Link* link = find_link(id)) link->connection = {};
  shard_.loop().after(grace, [self = shared_from_this(), id] { self->on_grace_over(id); });
}

void Actor::on_grace_over(core::SessionId id) {
  const core::SessionState* session = account_.find_session(id);
  if (session != nullptr && session->lingering) drop_session(id);
}

void Actor::set_attached(core::SessionId id, bool attached) {
  if (Link* link = find_link(id)) link->attached = attached;
}

void Actor::drop_session(core::SessionId id) {
  const core::SessionState* session = account_.find_session(id);
  if (session == nullptr) return;
  core::Plan plan = core::end_session(account_, *session, shard_.context());
  if (core::Device* device = account_.row.find_device(session->resource); device != nullptr && session->named) {
    device->last_seen = shard_.loop().now().wall;
    if (const Link* link = find_link(id)) device->sent = std::max(device->sent, link->delivered);
    put_off({.devices = {device->name}});
  }
  log::info("engine", "session_closed", {{"user", to_string(address_)}, {"resource", session->resource}});
  shard_.counters().sessions.subtract();
  std::erase_if(account_.sessions, [id](const auto& each) { return each.id == id; });
  std::erase_if(links_, [id](const Link& link) { return link.id == id; });
  stop_showing(id);
  perform_effects(std::move(plan), {}, nullptr);
}

void Actor::get_sessions(const Origin& origin) {
  if (!is_entitled(origin)) return shard_.answer(origin, core::Refused{Errc::closed, "no session"});
  core::SessionsFound found;
  for (const core::SessionState& session : account_.sessions) {
    core::SessionLine& line = found.sessions.emplace_back();
    line.wire = session.wire;
    line.resource = session.resource;
    const Link* link = find_link(session.id);
    if (link == nullptr) continue;
    line.address = std::string(std::string_view(link->address));
    line.current = link->connection == origin.connection && !session.lingering;
    line.since = link->since;
  }
  for (const core::Device& device : account_.row.devices) {
    auto line = std::find_if(found.sessions.begin(), found.sessions.end(),
                             [&device](const core::SessionLine& each) { return each.resource == device.name; });
    if (line == found.sessions.end()) line = found.sessions.insert(line, core::SessionLine{.resource = device.name});
    line->device = true;
    line->last_seen = device.last_seen;
  }
  shard_.answer(origin, std::move(found));
}

void Actor::end_session(const core::EndSession& command, const Origin& origin) {
  if (!is_entitled(origin)) return shard_.answer(origin, core::Refused{Errc::closed, "no session"});
  const core::SessionState* session = account_.find_resource(command.resource);
  const bool device = command.device && account_.row.find_device(command.resource) != nullptr;
  if (session == nullptr && !device) return shard_.answer(origin, core::Refused{Errc::not_found, {}});
  core::Plan plan;
  if (device) plan.changes.emplace_back(DropDevice{account_.row.uid, command.resource});
  plan.reply = core::Done{};
  if (session != nullptr) {
    const core::SessionId id = session->id;
    const Link* link = find_link(id);
    // The answer goes first: the session that is ended may be the one that asked.
    if (!device) shard_.answer(origin, std::exchange(plan.reply, std::nullopt).value());
    if (link != nullptr && link->connection.number != 0) {
      shard_.end(link->connection, session::CloseReason::replaced);
    }
    drop_session(id);
  }
  if (device) perform(std::move(plan), origin);
}

}  // namespace confab::engine
