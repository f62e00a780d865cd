// What goes out of the logs, and with it the events that no log has any more.
#include "store/columns.h"
#include "store/sqlite/writer.h"
#include "store/sqlite/writer_statements.h"

namespace confab::store {
namespace {

constexpr int kAccountsAtOnce = 50;

}  // namespace

// Rare enough, each, not to be worth statements that are kept.
Result<> Writer::run_for_rows(const char* sql, Uid uid, Upos from, Upos upto) {
  Statement statement;
  if (auto ready = statement.prepare(db_, sql); !ready) return ready;
  statement.bind(uid, from, upto);
  return run(statement);
}

// Before rows go: their messages are not found in this log any more.
Result<> Writer::forget_rows(Uid uid, Upos from, Upos upto) {
  Statement find;
  constexpr const char* kFind = "SELECT ref FROM uarch WHERE uid = ?1 AND upos BETWEEN ?2 AND ?3";
  if (auto ready = find.prepare(db_, kFind); !ready) return ready;
  find.bind(uid, from, upto);
  std::vector<std::uint64_t> messages;
  Statement::Step step = find.step();
  for (; step == Statement::Step::row; step = find.step()) messages.push_back(find.number(0));
  if (step == Statement::Step::failed) return fail(db_.error("old rows"));
  for (const std::uint64_t n : messages) {
    if (auto forgotten = search_.forget(n, uid); !forgotten) return forgotten;
  }
  return {};
}

// The rows of a log from its beginning.
Result<> Writer::drop_rows(Uid uid, Upos upto) {
  for (const char* sql :
       {"UPDATE msg SET refs = refs - 1 WHERE n IN (SELECT ref FROM uarch WHERE uid = ?1 AND upos BETWEEN ?2 AND ?3)",
        "DELETE FROM about WHERE original IN (SELECT n FROM msg WHERE refs <= 0 AND n IN"
        " (SELECT ref FROM uarch WHERE uid = ?1 AND upos BETWEEN ?2 AND ?3))",
        "DELETE FROM msg WHERE refs <= 0 AND n IN"
        " (SELECT ref FROM uarch WHERE uid = ?1 AND upos BETWEEN ?2 AND ?3)",
        // A position is never given twice.
        "UPDATE account SET head = max(head, ifnull((SELECT max(upos) FROM uarch WHERE uid = ?1 AND"
        " upos BETWEEN ?2 AND ?3), 0)) WHERE uid = ?1",
        "DELETE FROM uarch WHERE uid = ?1 AND upos BETWEEN ?2 AND ?3"}) {
    if (auto done = run_for_rows(sql, uid, 0, upto); !done) return done;
  }
  return {};
}

Result<> Writer::drop_row(Uid uid, Upos upos) {
  for (const char* sql :
       {"UPDATE msg SET refs = refs - 1 WHERE n = (SELECT ref FROM uarch WHERE uid = ?1 AND upos BETWEEN ?2 AND ?3)",
        "DELETE FROM msg WHERE refs <= 0 AND n = (SELECT ref FROM uarch WHERE uid = ?1 AND upos BETWEEN ?2 AND ?3)",
        "UPDATE account SET head = max(head, ?3) WHERE uid = ?1 AND ?2 > 0",
        "DELETE FROM uarch WHERE uid = ?1 AND upos BETWEEN ?2 AND ?3"}) {
    if (auto done = run_for_rows(sql, uid, upos, upos); !done) return done;
  }
  return {};
}

Result<bool> Writer::expire_rows(const Retention& retention) {
  if (auto begun = begin(); !begun) return fail(std::move(begun.error()));
  std::int64_t gone = 0;
  bool more = true;
  Result<> done;
  for (int accounts = 0; accounts < kAccountsAtOnce && gone < retention.limit && more && done; ++accounts) {
    const Result<Uid> uid = next_account(expired_upto_);
    if (!uid) {
      done = fail(uid.error());
    } else if (*uid == 0) {
      more = false;
    } else if (const Result<std::int64_t> rows = expire_account(*uid, retention); !rows) {
      done = fail(rows.error());
    } else {
      gone += *rows;
      if (*rows < retention.limit) expired_upto_ = *uid;
    }
  }
  if (!done) {
    rollback();
    return fail(std::move(done.error()));
  }
  if (gone > 0) forget_caches();
  if (auto committed = commit(); !committed) return fail(std::move(committed.error()));
  if (!more) expired_upto_ = 0;
  return more;
}

Result<Uid> Writer::next_account(Uid after) {
  Statement find;
  if (auto ready = find.prepare(db_, "SELECT uid FROM account WHERE uid > ? ORDER BY uid LIMIT 1"); !ready) {
    return fail(std::move(ready.error()));
  }
  find.bind(after);
  const Statement::Step step = find.step();
  if (step == Statement::Step::failed) return fail(db_.error("account"));
  return step == Statement::Step::row ? find.number(0) : 0;
}

Result<std::int64_t> Writer::expire_account(Uid uid, const Retention& retention) {
  const Result<Upos> upto = expired_row(uid, retention);
  if (!upto) return fail(upto.error());
  if (*upto == 0) return drop_hidden_rows(uid, retention);
  if (auto forgotten = forget_rows(uid, 0, *upto); !forgotten) return fail(std::move(forgotten.error()));
  if (auto done = drop_rows(uid, *upto); !done) return fail(std::move(done.error()));
  return changes();
}

// The last of the first rows that is too old, or that has too much behind it. 0: none.
Result<Upos> Writer::expired_row(Uid uid, const Retention& retention) {
  if (retention.oldest.ms <= 0 && retention.bytes == 0) return 0;
  Statement find;
  constexpr const char* kFind =
      "SELECT ifnull(max(upos), 0) FROM (SELECT upos, top_ms, bytes FROM uarch WHERE uid = ?1 ORDER BY upos LIMIT ?2)"
      " WHERE top_ms < ?3 OR bytes <= (SELECT bytes FROM uarch WHERE uid = ?1 ORDER BY upos DESC LIMIT 1) - ?4";
  if (auto ready = find.prepare(db_, kFind); !ready) return fail(std::move(ready.error()));
  const std::uint64_t bytes = retention.bytes == 0 ? kAllRows : retention.bytes;
  find.bind(uid, retention.limit, retention.oldest.ms, bytes);
  if (find.step() != Statement::Step::row) return fail(db_.error("old rows"));
  return find.number(0);
}

// What was kept for the devices alone goes once each of them has it.
Result<std::int64_t> Writer::drop_hidden_rows(Uid uid, const Retention& retention) {
  Statement find;
  constexpr const char* kFind =
      "SELECT upos FROM uarch INDEXED BY uarch_hidden WHERE kind >= 256 AND uid = ?1 AND upos <="
      " ifnull((SELECT min(cursor) FROM device WHERE uid = ?1 AND last_seen >= iif(expiry > 0, ?4 - expiry * 1000, "
      "?2)),"
      " (SELECT delivered FROM account WHERE uid = ?1)) LIMIT ?3";
  if (auto ready = find.prepare(db_, kFind); !ready) return fail(std::move(ready.error()));
  find.bind(uid, retention.devices.ms, retention.limit, retention.now.ms);
  std::vector<Upos> rows;
  Statement::Step step = find.step();
  for (; step == Statement::Step::row; step = find.step()) rows.push_back(find.number(0));
  if (step == Statement::Step::failed) return fail(db_.error("hidden rows"));
  for (const Upos upos : rows) {
    if (auto forgotten = forget_rows(uid, upos, upos); !forgotten) return fail(std::move(forgotten.error()));
    if (auto done = drop_row(uid, upos); !done) return fail(std::move(done.error()));
  }
  return static_cast<std::int64_t>(rows.size());
}

}  // namespace confab::store
