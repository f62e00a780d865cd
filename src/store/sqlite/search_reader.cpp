#include "store/sqlite/search_reader.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "base/log.h"
#include "core/event_codec.h"
#include "store/sqlite/search_index.h"

namespace confab::store {
namespace {

constexpr Upos kEnd = static_cast<Upos>(std::numeric_limits<std::int64_t>::max());

// Of the tokens nothing but letters, marks and digits is left: no quote can end a string early.
std::string expression_of(const words::Query& query, Uid uid) {
  std::string words;
  for (const words::Part& part : query.parts) {
    // What begins so much that the index would have to be read from end to end is looked for in the messages alone.
    if (part.too_short) continue;
    words += words.empty() ? "\"" : " AND \"";
    for (std::size_t i = 0; i < part.tokens.size(); ++i) words.append(i == 0 ? "" : " ").append(part.tokens[i]);
    words += part.prefix ? "\" *" : "\"";
  }
  std::string expression = "who : \"" + account_token(uid) + "\"";
  if (!words.empty()) expression += " AND words : (" + words + ")";
  return expression;
}

}  // namespace

Result<> SearchReader::prepare(const Database& db) {
  db_ = &db;
  const std::pair<Statement*, const char*> all[] = {
      {&account_, "SELECT local, domain FROM account WHERE uid = ?"},
      {&done_, "SELECT done FROM search_state"},
      {&rows_,
       "SELECT upos, ref, body FROM uarch LEFT JOIN msg ON msg.n = uarch.ref WHERE uid = ? AND upos < ?"
       " ORDER BY upos DESC"},
      {&last_before_, "SELECT ref FROM uarch WHERE uid = ? AND upos < ? ORDER BY upos DESC LIMIT 1"},
      {&hits_,
       "SELECT r.upos, m.body FROM search f CROSS JOIN search_row r ON r.n = f.rowid AND r.uid = ?1"
       " CROSS JOIN msg m ON m.n = f.rowid WHERE f.search MATCH ?2 AND f.rowid <= ?3 ORDER BY f.rowid DESC"},
  };
  for (const auto& [statement, text] : all) {
    if (auto ready = statement->prepare(db, text); !ready) return ready;
  }
  return {};
}

Result<core::FoundEvents> SearchReader::search_log(Uid uid, const core::SearchQuery& query) {
  Result<Address> owner = address_of(uid);
  if (!owner) return fail(std::move(owner.error()));
  Result<SearchPage> page = SearchPage::make(query, std::move(*owner));
  if (!page) return fail(std::move(page.error()));
  if (done_.bind().step() != Statement::Step::row) return fail(db_->error("search"));
  const std::uint64_t done = done_.number(0);
  done_.reset();
  const Upos before = query.before == 0 ? kEnd : std::min(query.before, kEnd);
  const Result<bool> reached = look_behind_index(uid, before, done, *page);
  if (!reached) return fail(reached.error());
  if (*reached) {
    if (auto looked = look_in_index(uid, before, done, *page); !looked) return fail(std::move(looked.error()));
  }
  return page->take();
}

Result<Address> SearchReader::address_of(Uid uid) {
  const Statement::Step step = account_.bind(uid).step();
  if (step == Statement::Step::failed) return fail(db_->error("search"));
  Address address;
  if (step == Statement::Step::row) address = {account_.text(0), account_.text(1), {}};
  account_.reset();
  if (address.empty()) return fail(Errc::not_found, "no such account");
  return address;
}

Result<> SearchReader::look(Uid uid, Upos upos, std::string_view body, SearchPage& page) {
  Result<core::Event> event = core::decode_event(body);
  if (event) {
    page.look(upos, std::make_shared<const core::Event>(std::move(*event)), body.size());
    return {};
  }
  const std::string text =
      "damaged log at upos " + std::to_string(upos) + " of uid " + std::to_string(uid) + ": " + event.error().text;
  log::error("store", "damaged", {{"row", text}});
  return fail(Errc::unavailable, text);
}

// The newest rows, that the index does not have yet. true: all of them were looked at.
Result<bool> SearchReader::look_behind_index(Uid uid, Upos before, std::uint64_t done, SearchPage& page) {
  rows_.bind(uid, before);
  Statement::Step step = rows_.step();
  Result<> looked;
  bool reached = false;
  while (step == Statement::Step::row && looked && !page.is_full()) {
    // Messages stand in a log in the order in which they came: whatever is older is in the index.
    reached = rows_.number(1) <= done;
    if (reached) break;
    looked = look(uid, rows_.number(0), rows_.bytes(2), page);
    step = rows_.step();
  }
  if (looked && step == Statement::Step::failed) looked = fail(db_->error("search"));
  if (looked && step == Statement::Step::done) page.end();
  rows_.reset();
  if (!looked) return fail(looked.error());
  return reached;
}

Result<> SearchReader::look_in_index(Uid uid, Upos before, std::uint64_t done, SearchPage& page) {
  const Statement::Step last = last_before_.bind(uid, before).step();
  if (last == Statement::Step::failed) return fail(db_->error("search"));
  const std::uint64_t newest = last == Statement::Step::row ? std::min(done, last_before_.number(0)) : 0;
  last_before_.reset();
  const std::string expression = expression_of(page.words(), uid);
  hits_.bind(uid, std::string_view(expression), newest);
  Statement::Step step = hits_.step();
  Result<> looked;
  while (step == Statement::Step::row && looked && !page.is_full()) {
    looked = look(uid, hits_.number(0), hits_.bytes(1), page);
    step = hits_.step();
  }
  if (looked && step == Statement::Step::failed) looked = fail(db_->error("search"));
  if (looked && step == Statement::Step::done) page.end();
  hits_.reset();
  return looked;
}

}  // namespace confab::store
