// A SQLite store's file as others see it: for what the port does not show.
#pragma once

#include <fstream>
#include <sstream>
#include <thread>

#include "store/tests/contract.h"

namespace confab::store::testing {

inline void run_sql(const std::string& path, const std::string& sql) {
  auto db = Database::open(path, Database::Mode::create, {});
  REQUIRE(db.has_value());
  const auto done = db->run(sql.c_str());
  REQUIRE_MESSAGE(done.has_value(), done.error().text);
}

inline std::int64_t ask_sql(const std::string& path, const char* sql) {
  auto db = Database::open(path, Database::Mode::read, {});
  REQUIRE(db.has_value());
  const auto number = db->number(sql);
  REQUIRE(number.has_value());
  return *number;
}

// What the store does when nobody writes comes soon; nothing is said about when.
inline bool wait_until(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(milliseconds(50));
  return done();
}

inline std::string fixture(const std::string& name) {
  std::ifstream in(std::string(CONFAB_SOURCE_DIR) + "/src/store/tests/fixtures/" + name);
  std::stringstream text;
  text << in.rdbuf();
  REQUIRE(text.str().size() > 0);
  return text.str();
}

}  // namespace confab::store::testing
