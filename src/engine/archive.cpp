// What a session asks of its account's archive, and what that changes in how the log reaches it.
#include <algorithm>

#include "engine/actor.h"
#include "engine/node.h"
#include "engine/shard.h"

namespace confab::engine {

// What was in the log before its session began, a device that reads the archive finds there, and is not sent again
// (rulings.md, "offline XMPP").
bool Actor::reads_archive(const Link& link) const {
  if (link.archive) return true;
  const core::SessionState* session = account_.find_session(link.id);
  if (session == nullptr || !session->named) return false;
  const core::Device* device = account_.row.find_device(session->resource);
  return device != nullptr && device->archive;
}

// `read` asks the store; its answer goes to whoever asked.
template <class T, class Read>
void Actor::answer_from_store(const Origin& origin, Read read) {
  if (find_link(origin.connection) == nullptr) {
    shard_.answer(origin, core::Refused{Errc::closed, "no session"});
    return;
  }
  ++pending_;
  read(UniqueFunction<void(Result<T>)>([self = shared_from_this(), origin](Result<T> found) {
    --self->pending_;
    if (found) {
      self->shard_.answer(origin, std::move(*found));
    } else {
      self->shard_.answer(origin, core::Refused{found.error().code, found.error().text});
    }
  }));
}

// What the site says is one conversation, the same in all archives.
ConvId Actor::conversation_with(const Address& peer) const {
  const bool site = peer.is_domain() && peer.domain == address_.domain;
  return shard_.options().conversation(site ? peer : address_, peer);
}

void Actor::query_archive(core::QueryArchive& command, const Origin& origin) {
  core::ArchiveQuery& query = command.query;
  if (query.ids.size() > shard_.options().archive_rows) {
    shard_.answer(origin, core::Refused{Errc::too_big, "archive_rows_per_page"});
    return;
  }
  if (!query.with.empty()) query.conversation = conversation_with(query.with.bare());
  query.limit = std::min(query.limit, shard_.options().archive_rows);
  query.kinds = query.kinds == 0 ? core::archive_kinds() : query.kinds & core::archive_kinds();
  if (const Link* link = find_link(origin.connection)) leave_backlog(link->id);
  answer_from_store<core::ArchivePage>(origin, [this, &query](auto done) {
    shard_.store().read_archive(account_.row.uid, std::move(query), shard_.options().backlog_bytes, shard_.loop(),
                                std::move(done));
  });
}

// Only what a device asks of its own accord: unlike a query of the archive it says nothing of where the device reads.
void Actor::get_history(core::GetHistory& command, const Origin& origin) {
  core::ArchiveQuery& query = command.query;
  if (query.ids.size() > shard_.options().archive_rows) {
    shard_.answer(origin, core::Refused{Errc::too_big, "archive_rows_per_page"});
    return;
  }
  if (!query.with.empty()) query.conversation = conversation_with(query.with.bare());
  query.limit = std::min(query.limit, shard_.options().archive_rows);
  query.kinds = core::message_kinds();
  query.count = false;
  answer_from_store<core::HistoryFound>(origin, [this, &query](auto done) {
    shard_.store().read_history(account_.row.uid, std::move(query), shard_.options().backlog_bytes, shard_.loop(),
                                [done = std::move(done)](Result<core::HistoryRows> rows) mutable {
                                  if (rows) return done(core::fold(std::move(*rows)));
                                  done(fail(std::move(rows.error())));
                                });
  });
}

void Actor::read_log(const core::ReadLog& command, const Origin& origin) {
  const std::size_t limit = std::min(command.limit, shard_.options().archive_rows);
  const Upos head = account_.row.head;
  answer_from_store<core::LogFound>(origin, [&](auto done) {
    shard_.store().read_log(
        account_.row.uid, command.after, limit, shard_.options().backlog_bytes, shard_.loop(),
        [done = std::move(done), after = command.after, head](Result<std::vector<LogRow>> rows) mutable {
          if (!rows) return done(fail(std::move(rows.error())));
          core::LogFound found;
          for (LogRow& row : *rows) found.rows.push_back({std::move(row.event), row.upos});
          const Upos first = found.rows.empty() ? head + 1 : found.rows.front().seq;
          const Upos last = found.rows.empty() ? head : found.rows.back().seq;
          found.head = std::max(head, last);
          found.gap = first > after + 1;
          found.complete = last >= head;
          done(std::move(found));
        });
  });
}

void Actor::get_archive_ends(const Origin& origin) {
  answer_from_store<core::ArchiveEnds>(origin, [this](auto done) {
    shard_.store().read_archive_ends(account_.row.uid, shard_.loop(), std::move(done));
  });
}

void Actor::get_read_markers(const Origin& origin) {
  answer_from_store<core::ReadMarkersFound>(origin, [this](auto done) {
    shard_.store().load_read_markers(account_.row.uid, shard_.options().read_markers, shard_.loop(), std::move(done));
  });
}

// From now on the device reads the archive; a backlog that is under way ends here. What came since the session began is
// handed over all the same: nobody could say whether the query saw it.
void Actor::leave_backlog(core::SessionId id) {
  Link* link = find_link(id);
  const core::SessionState* session = account_.find_session(id);
  if (link == nullptr || session == nullptr || reads_archive(*link)) return;
  link->archive = true;
  if (core::Device* device = session->named ? account_.row.find_device(session->resource) : nullptr) {
    device->archive = true;
    put_off({.devices = {device->name}});
  }
  if (link->reading == Link::Reading::off || link->reading == Link::Reading::live) return;
  link->next = std::max(link->next, link->opened);
  if (link->reading == Link::Reading::page) read_page(id);
}

}  // namespace confab::engine
