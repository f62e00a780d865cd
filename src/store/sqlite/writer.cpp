// The group's frame: begin, savepoints, commit, checkpoints. writer_changes.cpp: accounts; writer_append.cpp: logs.
#include "store/sqlite/writer.h"

#include <algorithm>

#include "base/log.h"
#include "store/siphash.h"
#include "store/sqlite/open.h"
#include "store/sqlite/writer_statements.h"

namespace confab::store {
namespace {

constexpr std::size_t kCachedConversations = 100'000;

bool is_append(const core::Change& change) {
  return std::holds_alternative<core::Append>(change);
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::make(Database db, const SqliteOptions& options) {
  std::unique_ptr<Writer> writer(new Writer(std::move(db), options));
  if (auto ready = writer->prepare(); !ready) return fail(std::move(ready.error()));
  return writer;
}

Writer::Writer(Database db, const SqliteOptions& options)
    : db_(std::move(db)), options_(options), sql_(new Statements, [](Statements* s) { delete s; }), topics_(db_) {}

Result<> Writer::prepare() {
  if (auto ready = sql_->prepare(db_); !ready) return ready;
  const auto last = db_.number("SELECT ifnull(max(n), 0) FROM msg");
  if (!last) return fail(last.error());
  next_n_ = static_cast<std::uint64_t>(*last) + 1;
  if (auto ready = prepare_search(); !ready) return ready;
  if (auto ready = topics_.prepare(); !ready) return ready;
  const auto page = db_.number("PRAGMA page_size");
  if (!page) return fail(page.error());
  const auto key = read_hash_key(db_);
  if (!key) return fail(key.error());
  hash_ = options_.hash ? options_.hash : [key = *key](std::string_view bytes) { return siphash(key, bytes); };
  struct Hook {
    static int on_commit(void* self, sqlite3* db, const char*, int frames) {
      static_cast<void>(db);
      auto* writer = static_cast<Writer*>(self);
      writer->wal_bytes_ = static_cast<std::size_t>(frames) * writer->page_bytes_;
      return SQLITE_OK;
    }
  };
  page_bytes_ = static_cast<std::size_t>(*page);
  sqlite3_wal_hook(db_.raw(), &Hook::on_commit, this);
  return {};
}

Result<> Writer::begin() {
  if (heads_.size() > options_.cached_heads || conversations_.size() > kCachedConversations) forget_caches();
  return run(sql_->begin);
}

Result<> Writer::commit() {
  Result<> done = run(sql_->commit);
  if (!done) rollback();
  return done;
}

void Writer::rollback() {
  forget_caches();
  topics_.drop_rows(0);
  if (db_.in_transaction() && !sql_->rollback.run()) {
    log::error("store", "rollback", {{"error", db_.error("rollback").text}});
  }
}

// What a failed transaction put there is not in the database; what was there before is read again.
void Writer::forget_caches() {
  heads_.clear();
  conversations_.clear();
}

bool Writer::takes_invite(const core::Change& change) {
  const auto* create = std::get_if<core::CreateAccount>(&change);
  return create != nullptr && !create->invite.empty();
}

Result<engine::Committed> Writer::apply(const engine::Transaction& transaction, std::vector<engine::LogRow>& rows) {
  engine::Committed committed;
  const Applied out{committed, rows};
  const auto& changes = transaction.changes;
  // Appends are all checked before the first is written, and a single change refuses before it writes (but an account
  // made with an invitation): only the rest can be refused half-way, and pays for a savepoint.
  if (std::all_of(changes.begin(), changes.end(), is_append)) {
    if (auto done = apply_appends(changes, out); !done) return fail(std::move(done.error()));
    return committed;
  }
  if (changes.size() == 1 && !takes_invite(changes.front())) {
    if (auto done = apply_all(changes, out); !done) return fail(std::move(done.error()));
    return committed;
  }
  const std::size_t mark = rows.size();
  const std::size_t topics_mark = topics_.rows();
  if (auto done = run(sql_->savepoint); !done) return fail(std::move(done.error()));
  Result<> done = apply_all(changes, out);
  if (!done && !is_disk_failure(done.error().code)) {
    rows.resize(mark);
    topics_.drop_rows(topics_mark);
    forget_caches();
    if (auto undone = run(sql_->undo); !undone) return fail(std::move(undone.error()));
  }
  if (done || !is_disk_failure(done.error().code)) {
    if (auto released = run(sql_->release); !released) return fail(std::move(released.error()));
  }
  if (!done) return fail(std::move(done.error()));
  return committed;
}

Result<> Writer::apply_all(const std::vector<core::Change>& changes, Applied out) {
  for (const core::Change& change : changes) {
    if (auto done = std::visit([&](const auto& one) { return apply(one, out); }, change); !done) return done;
  }
  return {};
}

Result<> Writer::run(Statement& statement) {
  if (!statement.run()) return fail(db_.error("write"));
  return {};
}

Result<int> Writer::expire_keys(std::int64_t limit) {
  if (auto begun = begin(); !begun) return fail(std::move(begun.error()));
  sql_->expire_keys.bind(latest_at_, limit);
  if (auto done = run(sql_->expire_keys); !done) {
    rollback();
    return fail(std::move(done.error()));
  }
  const int gone = changes();
  if (auto done = commit(); !done) return fail(std::move(done.error()));
  return gone;
}

Result<int> Writer::expire_topics(WallMs now, std::int64_t limit) {
  if (auto begun = begin(); !begun) return fail(std::move(begun.error()));
  const Result<int> gone = topics_.expire(now, limit);
  if (!gone) {
    rollback();
    return gone;
  }
  if (auto done = commit(); !done) return fail(std::move(done.error()));
  return gone;
}

void Writer::checkpoint(bool whole) {
  int frames = 0;
  int copied = 0;
  if (whole) sqlite3_busy_timeout(db_.raw(), 250);
  const int mode = whole ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(db_.raw(), nullptr, mode, &frames, &copied);
  if (whole) sqlite3_busy_timeout(db_.raw(), 2000);
  // A log that is copied whole starts anew at the next write; the hook then tells its new length.
  if (code == SQLITE_OK && frames == copied) wal_bytes_ = 0;
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
    log::warn("store", "checkpoint", {{"error", db_.error("checkpoint").text}});
  }
}

}  // namespace confab::store
