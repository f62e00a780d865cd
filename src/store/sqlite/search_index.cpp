#include "store/sqlite/search_index.h"

#include <algorithm>

#include "base/log.h"
#include "core/event_codec.h"
#include "store/search_page.h"

namespace confab::store {
namespace {

std::string joined(const words::Tokens& tokens) {
  std::string out;
  for (const std::string& token : tokens) out.append(out.empty() ? "" : " ").append(token);
  return out;
}

}  // namespace

std::string account_token(Uid uid) {
  return "u" + std::to_string(uid);
}

std::string SearchIndex::tokens_of_accounts(const std::vector<Row>& rows) {
  std::string who;
  for (const Row& row : rows) who.append(who.empty() ? "" : " ").append(account_token(row.uid));
  return who;
}

Result<> SearchIndex::prepare(const Database& db) {
  db_ = &db;
  const std::pair<Statement*, const char*> all[] = {
      {&read_done_, "SELECT done FROM search_state"},
      {&put_done_, "UPDATE search_state SET done = ?"},
      {&next_, "SELECT n, body FROM msg WHERE n > ? ORDER BY n LIMIT ?"},
      {&put_, "INSERT INTO search(rowid, who, words) VALUES(?, ?, ?)"},
      {&take_out_, "INSERT INTO search(search, rowid, who, words) VALUES('delete', ?, ?, ?)"},
      {&merge_, "INSERT INTO search(search, rank) VALUES('merge', ?)"},
      {&find_account_, "SELECT uid FROM account WHERE local = ? AND domain = ?"},
      {&first_last_,
       "SELECT ifnull((SELECT min(upos) FROM uarch WHERE uid = ?1), 0),"
       " ifnull((SELECT max(upos) FROM uarch WHERE uid = ?1), 0)"},
      {&at_or_after_, "SELECT upos, ref FROM uarch WHERE uid = ? AND upos >= ? ORDER BY upos LIMIT 1"},
      {&put_row_, "INSERT OR REPLACE INTO search_row(n, uid, upos) VALUES(?, ?, ?)"},
      {&rows_of_, "SELECT uid, upos FROM search_row WHERE n = ? ORDER BY uid"},
      {&drop_row_, "DELETE FROM search_row WHERE n = ? AND uid = ?"},
      {&entries_of_,
       "SELECT n FROM uarch CROSS JOIN search_row s ON s.n = uarch.ref AND s.uid = uarch.uid WHERE uarch.uid = ?"},
      {&message_, "SELECT body FROM msg WHERE n = ?"},
  };
  for (const auto& [statement, text] : all) {
    if (auto ready = statement->prepare(db, text); !ready) return ready;
  }
  return {};
}

Result<> SearchIndex::run(Statement& statement) {
  if (!statement.run()) return fail(db_->error("search index"));
  return {};
}

Result<std::uint64_t> SearchIndex::done() {
  if (read_done_.bind().step() != Statement::Step::row) return fail(db_->error("search index"));
  const std::uint64_t done = read_done_.number(0);
  read_done_.reset();
  return done;
}

Result<std::size_t> SearchIndex::fill(const Slice& slice) {
  const Result<std::uint64_t> done = this->done();
  if (!done) return fail(done.error());
  std::uint64_t last = *done;
  std::size_t looked = 0, bytes = 0;
  next_.bind(last, std::uint64_t{slice.rows});
  Statement::Step step = next_.step();
  Result<> added;
  for (; step == Statement::Step::row && added && bytes < slice.bytes; step = added ? next_.step() : step) {
    last = next_.number(0);
    const std::string_view body = next_.bytes(1);
    ++looked;
    bytes += body.size();
    const Result<core::Event> event = core::decode_event(body);
    if (event) {
      added = add(last, *event);
    } else {
      // Whoever reads it is told; it keeps nobody else's from being found.
      log::error("store", "damaged", {{"message", last}, {"error", event.error().text}});
    }
  }
  if (added && step == Statement::Step::failed) added = fail(db_->error("search index"));
  next_.reset();
  if (!added) return fail(added.error());
  if (looked == 0) return looked;
  put_done_.bind(last);
  if (auto put = run(put_done_); !put) return fail(put.error());
  return looked;
}

Result<> SearchIndex::add(std::uint64_t n, const core::Event& event) {
  const words::Tokens tokens = tokens_of(event);
  if (tokens.empty()) return {};
  const Result<std::vector<Row>> rows = logs_of(n, event);
  if (!rows) return fail(rows.error());
  if (rows->empty()) return {};
  for (const Row& row : *rows) {
    put_row_.bind(n, row.uid, row.upos);
    if (auto put = run(put_row_); !put) return put;
  }
  return put(n, *rows, joined(tokens));
}

// In order of uid. What two people say to each other is in the logs of these two and in no other one.
Result<std::vector<SearchIndex::Row>> SearchIndex::logs_of(std::uint64_t n, const core::Event& event) {
  std::vector<Row> rows;
  for (const Address* party : {&event.from, &event.to}) {
    find_account_.bind(party->local, party->domain);
    const Statement::Step step = find_account_.step();
    if (step == Statement::Step::failed) return fail(db_->error("search index"));
    const Uid uid = step == Statement::Step::row ? find_account_.number(0) : 0;
    find_account_.reset();
    if (uid == 0 || (!rows.empty() && rows.front().uid == uid)) continue;
    const Result<Upos> upos = position_of(n, uid);
    if (!upos) return fail(upos.error());
    if (*upos != 0) rows.push_back({uid, *upos});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.uid < b.uid; });
  return rows;
}

// Where the message stands in a log; 0: it does not. Messages stand there in the order in which they came.
Result<Upos> SearchIndex::position_of(std::uint64_t n, Uid uid) {
  if (first_last_.bind(uid).step() != Statement::Step::row) return fail(db_->error("search index"));
  Upos low = first_last_.number(0);
  Upos high = first_last_.number(1);
  first_last_.reset();
  while (low != 0 && low <= high) {
    const Upos middle = low + (high - low) / 2;
    at_or_after_.bind(uid, middle);
    if (at_or_after_.step() != Statement::Step::row) return fail(db_->error("search index"));
    const Upos upos = at_or_after_.number(0);
    const std::uint64_t there = at_or_after_.number(1);
    at_or_after_.reset();
    if (there == n) return upos;
    if (there < n) {
      low = upos + 1;
    } else {
      high = middle - 1;  // positions that went away lie between the two
    }
  }
  return 0;
}

Result<std::vector<SearchIndex::Row>> SearchIndex::rows_of(std::uint64_t n) {
  std::vector<Row> rows;
  rows_of_.bind(n);
  Statement::Step step = rows_of_.step();
  for (; step == Statement::Step::row; step = rows_of_.step()) rows.push_back({rows_of_.number(0), rows_of_.number(1)});
  rows_of_.reset();
  if (step == Statement::Step::failed) return fail(db_->error("search index"));
  return rows;
}

Result<std::vector<std::uint64_t>> SearchIndex::entries_of(Uid uid) {
  std::vector<std::uint64_t> entries;
  entries_of_.bind(uid);
  Statement::Step step = entries_of_.step();
  for (; step == Statement::Step::row; step = entries_of_.step()) entries.push_back(entries_of_.number(0));
  entries_of_.reset();
  if (step == Statement::Step::failed) return fail(db_->error("search index"));
  return entries;
}

// What the entry of a message was made of; nothing for a message that cannot be read any more, which is not found
// either: its rows are gone.
Result<std::string> SearchIndex::words_of(std::uint64_t n) {
  const Statement::Step step = message_.bind(n).step();
  if (step == Statement::Step::failed) return fail(db_->error("search index"));
  const Result<core::Event> event = core::decode_event(step == Statement::Step::row ? message_.bytes(0) : "");
  message_.reset();
  if (event) return joined(tokens_of(*event));
  log::error("store", "damaged", {{"message", n}, {"error", event.error().text}});
  return std::string();
}

Result<> SearchIndex::put(std::uint64_t n, const std::vector<Row>& rows, const std::string& words) {
  const std::string who = tokens_of_accounts(rows);
  put_.bind(n, who, words);
  return run(put_);
}

Result<> SearchIndex::take_out(std::uint64_t n, const std::vector<Row>& rows, const std::string& words) {
  const std::string who = tokens_of_accounts(rows);
  take_out_.bind(n, who, words);
  return run(take_out_);
}

Result<> SearchIndex::forget(std::uint64_t n) {
  const Result<std::vector<Row>> rows = rows_of(n);
  if (!rows) return fail(rows.error());
  for (const Row& row : *rows) {
    if (auto done = forget(n, row.uid); !done) return done;
  }
  return {};
}

Result<> SearchIndex::forget(std::uint64_t n, Uid uid) {
  Result<std::vector<Row>> rows = rows_of(n);
  if (!rows) return fail(rows.error());
  const auto gone = std::find_if(rows->begin(), rows->end(), [uid](const Row& row) { return row.uid == uid; });
  if (gone == rows->end()) return {};
  drop_row_.bind(n, uid);
  if (auto dropped = run(drop_row_); !dropped) return dropped;
  const Result<std::string> words = words_of(n);
  if (!words) return fail(words.error());
  if (words->empty()) return {};
  if (auto out = take_out(n, *rows, *words); !out) return out;
  rows->erase(gone);
  return rows->empty() ? Result<>() : put(n, *rows, *words);
}

Result<> SearchIndex::forget_account(Uid uid) {
  const Result<std::vector<std::uint64_t>> entries = entries_of(uid);
  if (!entries) return fail(entries.error());
  for (const std::uint64_t n : *entries) {
    if (auto done = forget(n, uid); !done) return done;
  }
  return {};
}

Result<> SearchIndex::clear() {
  for (const char* sql : {"INSERT INTO search(search) VALUES('delete-all')", "DELETE FROM search_row",
                          "UPDATE search_state SET done = 0"}) {
    Statement statement;
    if (auto ready = statement.prepare(*db_, sql); !ready) return ready;
    if (auto done = run(statement); !done) return done;
  }
  return {};
}

Result<bool> SearchIndex::merge(std::int64_t pages) {
  const int before = sqlite3_total_changes(db_->raw());
  merge_.bind(pages);
  if (auto done = run(merge_); !done) return fail(done.error());
  // One change is the command itself (fts5.html, "merge").
  return sqlite3_total_changes(db_->raw()) - before < 2;
}

}  // namespace confab::store
