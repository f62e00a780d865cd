// How the account's log reaches each of its sessions: pages from the store first, then each new row as it is durable.
#include <algorithm>

#include "base/log.h"
#include "engine/actor.h"
#include "engine/node.h"
#include "engine/shard.h"

namespace confab::engine {

void Actor::follow_log(core::SessionId id) {
  Link* link = find_link(id);
  if (link == nullptr || link->reading != Link::Reading::off) return;
  // What was handed over before and not acknowledged is handed over again.
  link->next = link->delivered = link->acked;
  if (reads_archive(*link)) link->next = std::max(link->next, link->opened);
  if (link->next >= account_.row.head) {
    go_live(*link);
  } else {
    read_page(id);
  }
}

void Actor::stop_following(core::SessionId id) {
  Link* link = find_link(id);
  if (link == nullptr) return;
  link->reading = Link::Reading::off;
  ++link->page;  // what is being read comes too late
}

void Actor::read_page(core::SessionId id) {
  Link* link = find_link(id);
  if (link == nullptr) return;
  link->reading = Link::Reading::page;
  ++pending_;
  const Options& options = shard_.options();
  const Page page{.session = id, .number = ++link->page, .head = account_.row.head};
  shard_.store().read_log(account_.row.uid, link->next, options.backlog_rows, options.backlog_bytes, shard_.loop(),
                          [self = shared_from_this(), page](Result<std::vector<LogRow>> rows) {
                            --self->pending_;
                            self->on_page(page, std::move(rows));
                          });
}

void Actor::on_page(const Page& page, Result<std::vector<LogRow>> rows) {
  const core::SessionId id = page.session;
  Link* link = find_link(id);
  const core::SessionState* session = account_.find_session(id);
  if (link == nullptr || session == nullptr || link->page != page.number) return;
  if (!rows) {
    // The rows are safe; the session, which cannot know of them, goes on without them until they can be read.
    log::warn("engine", "log_not_read", {{"user", to_string(address_)}, {"error", rows.error().text}});
    shard_.loop().after(shard_.options().change_retry, [self = shared_from_this(), page] {
      const Link* waiting = self->find_link(page.session);
      if (waiting != nullptr && waiting->page == page.number) self->read_page(page.session);
    });
    return;
  }
  const Upos before = link->delivered;
  for (const LogRow& row : *rows) {
    if (row.upos > link->next) consider(*link, *session, row);
  }
  // What the store has no rows of any more is passed over.
  if (rows->empty()) link->next = std::max(link->next, page.head);
  account_.row.head = std::max(account_.row.head, link->next);
  if (link->held) {
    link->reading = Link::Reading::waiting;
  } else if (link->next >= account_.row.head) {
    go_live(*link);
  } else if (link->delivered == before) {
    read_page(id);  // nothing in this page was for the session: it has nothing to acknowledge
  } else {
    link->reading = Link::Reading::waiting;
  }
}

void Actor::go_live(Link& link) {
  link.reading = Link::Reading::live;
  if (link.awaits.request != 0) shard_.answer(std::exchange(link.awaits, {}), core::Done{});
}

void Actor::await_backlog(core::SessionId id, const Origin& origin) {
  Link* link = find_link(id);
  if (link == nullptr || link->reading == Link::Reading::live || link->awaits.request != 0) {
    shard_.answer(origin, core::Done{});
  } else {
    link->awaits = origin;
  }
}

void Actor::want_backlog(core::SessionId id) {
  Link* link = find_link(id);
  if (link == nullptr) return;
  link->held = false;
  if (link->reading == Link::Reading::waiting) read_page(id);
}

void Actor::hold_backlog(core::SessionId id) {
  Link* link = find_link(id);
  if (link == nullptr) return;
  link->held = true;
  if (link->reading == Link::Reading::live) link->reading = Link::Reading::waiting;
}

// A message for this very session, which has no presence yet or a negative priority, and so does not follow the log
// (RFC 6121 §8.5.3.1): it gets it now, and not again when it comes to that row.
void Actor::show_apart(Link& link, const core::SessionState& session, const LogRow& row) {
  const core::Event& event = *row.event;
  const bool own = event.from.same_bare(address_) && !event.to.same_bare(address_);
  if (own || session.lingering || event.to.resource != session.resource || link.connection.number == 0) return;
  if (row.upos <= link.acked || link.apart.size() >= shard_.options().rows_apart) return;
  link.apart.push_back(row.upos);
  shard_.deliver(link.connection, {.event = row.event});
}

// Hands the row over, or passes over it.
void Actor::consider(Link& link, const core::SessionState& session, const LogRow& row) {
  const core::Event& event = *row.event;
  const bool own = event.from.same_bare(address_) && !event.to.same_bare(address_);
  link.next = row.upos;
  const bool paged = link.reading == Link::Reading::page;
  const bool apart = std::erase(link.apart, row.upos) > 0;
  const bool shown = !own && core::is_shown(account_, session, event.to);
  const bool copy = !shown && core::is_copied(session) && !(own && event.from.resource == session.resource);
  if ((shown || copy) && !apart && link.connection.number != 0) {
    link.delivered = row.upos;
    shard_.deliver(link.connection, {.event = row.event,
                                     .seq = row.upos,
                                     .delayed = event.at < link.since || (paged && event.at == link.since),
                                     .own = own,
                                     .paged = paged,
                                     .copy = copy});
  } else if (link.delivered <= link.acked) {
    link.acked = row.upos;
    advance(link);
  }
}

void Actor::acknowledge(core::SessionId id, Upos upto) {
  Link* link = find_link(id);
  if (link == nullptr || upto <= link->acked) return;
  // With everything that was handed over acknowledged, the rows that were passed over since count as well.
  link->acked = upto >= link->delivered ? link->next : std::min(upto, link->next);
  advance(*link);
}

// The device's cursor follows; it is written when convenient.
void Actor::advance(Link& link) {
  core::AccountRow& row = account_.row;
  const core::SessionState* session = account_.find_session(link.id);
  if (session == nullptr) return;
  const auto device = std::find_if(row.devices.begin(), row.devices.end(), [&](const core::Device& each) {
    return session->named && each.name == session->resource;
  });
  if (device == row.devices.end()) {
    put_off({.devices = {}, .delivered = true});
  } else if (device->cursor < link.acked) {
    device->cursor = link.acked;
    device->last_seen = shard_.loop().now().wall;
    put_off({.devices = {device->name}});
  }
  row.delivered = std::max(row.delivered, link.acked);
}

// M5: at login every friend's last words are there, also of those who are offline now.
void Actor::show_last_presences(core::SessionId id) {
  std::vector<Address> offline;
  for (const core::RosterItem& item : account_.row.roster) {
    if (item.to && !item.deleted) offline.push_back(item.peer);
  }
  if (offline.empty()) return;
  ++pending_;
  shard_.store().load_last_presence(std::move(offline), shard_.loop(),
                                    [self = shared_from_this(), id](Result<std::vector<Store::LastPresence>> people) {
                                      --self->pending_;
                                      const Link* link = self->find_link(id);
                                      const core::SessionState* session = self->account_.find_session(id);
                                      if (!people || link == nullptr || session == nullptr || !session->available)
                                        return;
                                      const core::Context context = self->shard_.context();
                                      for (auto& [address, last] : *people) {
                                        // Those who are here answer for themselves.
                                        if (last.status != core::Status::offline || last.signature.empty()) continue;
                                        const auto item = self->account_.row.roster.find(address);
                                        if (!item || !item->to || self->account_.row.blocks.covers(address)) continue;
                                        auto event = std::make_shared<core::Event>();
                                        event->id = context.ids.next(context.now);
                                        event->at = last.since;
                                        event->from = address;
                                        event->body = last;
                                        self->shard_.deliver(link->connection,
                                                             {.event = std::move(event), .delayed = true});
                                      }
                                    });
}

}  // namespace confab::engine
