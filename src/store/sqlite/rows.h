// What every reader of the database does with rows: goes through them, and tells of those that it cannot understand.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/log.h"
#include "store/sqlite/database.h"

namespace confab::store {

inline Error damaged(std::string_view what, Uid uid, const Error& why) {
  std::string text = "damaged " + std::string(what) + " of uid " + std::to_string(uid) + ": " + why.text;
  log::error("store", "damaged", {{"row", text}});
  return {Errc::unavailable, std::move(text)};
}

// The rows that a statement finds, one call each, and then a statement that waits for its next use.
template <class EachRow>
Result<> for_rows(const Database& db, Statement& statement, EachRow each) {
  Statement::Step step = statement.step();
  Result<> done;
  for (; step == Statement::Step::row && done; step = done ? statement.step() : step) done = each(statement);
  if (done && step == Statement::Step::failed) done = fail(db.error("read"));
  statement.reset();
  return done;
}

}  // namespace confab::store
