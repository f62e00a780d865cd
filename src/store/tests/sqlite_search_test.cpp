// What only SQLite's search index does: being filled in the background, taking messages out, being made anew.
#include <fstream>
#include <sstream>
#include <thread>

#include "store/sqlite/search_index.h"
#include "store/tests/search_bench.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;
using Chore = engine::Store::Chore;

namespace {

std::int64_t ask_sql(const std::string& path, const char* sql) {
  auto db = Database::open(path, Database::Mode::read, {});
  REQUIRE(db.has_value());
  const auto number = db->number(sql);
  REQUIRE(number.has_value());
  return *number;
}

// The terms of the index with the number of entries that have them: "u1=2 word=2 ".
std::string terms_of(const std::string& path) {
  auto db = Database::open(path, Database::Mode::create, {});
  REQUIRE(db.has_value());
  REQUIRE(db->run("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, search, 'row')"));
  Statement read;
  REQUIRE(read.prepare(*db, "SELECT term, doc FROM v ORDER BY term"));
  std::string terms;
  while (read.step() == Statement::Step::row) terms += read.text(0) + "=" + std::to_string(read.number(1)) + " ";
  return terms;
}

const SqliteStore& sqlite(const Bench& bench) {
  return static_cast<const SqliteStore&>(*bench.store);
}

}  // namespace

TEST_CASE("sqlite search: the index is filled by itself, while nobody writes and while somebody does") {
  Bench b("sqlite");
  Talk t(b, false);
  t.add("ann");
  t.say("ann", "ann", text("word"));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (ask_sql(b.options.path, "SELECT done FROM search_state") == 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(50));
  }
  CHECK(ask_sql(b.options.path, "SELECT done FROM search_state") == 1);
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM search_row") == 1);
  while (ask_sql(b.options.path, "SELECT done FROM search_state") == 1 && std::chrono::steady_clock::now() < end) {
    t.say("ann", "ann", text("word"));
  }
  CHECK(ask_sql(b.options.path, "SELECT done FROM search_state") > 1);
  t.fill();
  CHECK(sqlite(b).counters().search_behind == 0);
  CHECK(t.find("ann", "word").size() == t.last);
}

TEST_CASE("sqlite search: after opening again it goes on where it was") {
  Bench b("sqlite");
  Talk t(b, false);
  t.add("ann");
  t.add("bo");
  t.say("ann", "bo", text("word one"));
  t.fill();
  t.say("ann", "bo", text("word two"));
  b.reopen();
  CHECK(t.find("bo", "word") == Numbers{2, 1});
  t.fill();
  CHECK(t.find("bo", "word") == Numbers{2, 1});
  // Numbers of messages that were looked at are not given again when they are free.
  for (int i = 0; i < 3; ++i) t.say("ann", "ann", text("word alone"));
  t.fill();
  REQUIRE(b.commit_all(core::DropAccount{t.people["ann"]}).has_value());
  b.reopen();
  t.say("bo", "bo", text("word six"));
  t.fill();
  CHECK(t.find("bo", "word") == Numbers{6, 2, 1});
}

TEST_CASE("sqlite search: what went before it was looked at does not leave the index behind for ever") {
  Bench b("sqlite");
  Talk t(b, false);
  t.add("ann");
  t.add("bo");
  t.say("ann", "bo", text("word"));
  t.say("ann", "ann", text("word alone"));
  REQUIRE(b.commit_all(core::DropAccount{t.people["ann"]}).has_value());
  t.fill();
  CHECK(sqlite(b).counters().search_behind == 0);
  t.say("bo", "bo", text("word"));
  t.fill();
  CHECK(sqlite(b).counters().search_behind == 0);
  CHECK(t.find("bo", "word") == Numbers{3, 1});
}

TEST_CASE("sqlite search: who goes takes his words along, and his own token out of those that others have") {
  Bench b("sqlite");
  Talk t(b, false);
  const std::string ann = account_token(t.add("ann"));
  const std::string bo = account_token(t.add("bo"));
  t.say("ann", "bo", text("shared word"));
  t.say("ann", "ann", text("lonely word"));
  t.say("bo", "ann", core::Receipt{core::Receipt::Kind::read, {"m1"}});
  t.fill();
  CHECK(terms_of(b.options.path) == "lonely=1 shared=1 " + ann + "=2 " + bo + "=1 word=2 ");
  REQUIRE(b.commit_all(core::DropAccount{t.people["ann"]}).has_value());
  CHECK(terms_of(b.options.path) == "shared=1 " + bo + "=1 word=1 ");
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM search_row") == 1);
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM msg") == 2);  // the receipt is in bo's log, too
  CHECK(t.find("bo", "word") == Numbers{1});
  REQUIRE(b.commit_all(core::DropAccount{t.people["bo"]}).has_value());
  CHECK(terms_of(b.options.path).empty());
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM msg") == 0);
}

TEST_CASE("sqlite search: a removal that is refused half-way leaves the index as it was") {
  Bench b("sqlite");
  Talk t(b, false);
  const Uid ann = t.add("ann");
  t.add("bo");
  t.say("ann", "bo", text("shared word"));
  t.say("ann", "ann", text("lonely word"));
  t.fill();
  const std::string before = terms_of(b.options.path);
  CHECK(b.commit_all(core::DropAccount{ann}, core::SetDisabled{999, true}).error().code == Errc::not_found);
  CHECK(terms_of(b.options.path) == before);
  CHECK(t.find("ann", "word") == Numbers{2, 1});
  REQUIRE(b.commit_all(core::DropAccount{ann}, core::SetDisabled{t.people["bo"], true}).has_value());
  CHECK(t.find("bo", "word") == Numbers{1});
}

TEST_CASE("sqlite search: scrubbed, the files have none of what went") {
  Bench b("sqlite");
  Talk t(b, false);
  t.add("ann");
  t.add("bo");
  // Enough of both for several pages and segments.
  for (int i = 0; i < 300; ++i) {
    t.say("ann", "ann", text("Lonely" + std::to_string(i) + " thoughts of mine"));
    t.say("ann", "bo", text("Shared" + std::to_string(i) + " with a friend"));
    if (i % 50 == 0) t.fill();
  }
  t.fill();
  CHECK(is_in_files(b.options.path, "Lonely123"));
  REQUIRE(b.commit_all(core::DropAccount{t.people["ann"]}).has_value());
  CHECK(is_in_files(b.options.path, "thoughts"));  // in the index, whose old pages nobody has written anew yet
  const auto scrubbed = t.work(Chore::scrub);
  REQUIRE_MESSAGE(scrubbed.has_value(), scrubbed.error().text);
  for (const char* gone : {"Lonely", "lonely", "thoughts", "mine"}) {
    CAPTURE(gone);
    CHECK_FALSE(is_in_files(b.options.path, gone));
  }
  CHECK(is_in_files(b.options.path, "Shared123"));
  CHECK(t.find("bo", "shared123").size() == 1);
  CHECK(t.find("bo", "friend").size() == 300);
  REQUIRE(t.work(Chore::scrub).has_value());  // with nothing to do
}

TEST_CASE("sqlite search: a message that changes is taken out first") {
  Bench b("sqlite");
  Talk t(b, false);
  const std::string ann = account_token(t.add("ann"));
  const std::string bo = account_token(t.add("bo"));
  t.say("ann", "bo", text("a slip of the tongue"));
  t.say("ann", "bo", text("a word"));
  t.fill();
  b.store.reset();
  auto db = open_for_writing(b.options);
  REQUIRE(db.has_value());
  {
    SearchIndex index;
    REQUIRE(index.prepare(*db).has_value());
    REQUIRE(db->run("BEGIN").has_value());
    REQUIRE(index.forget(1).has_value());
    REQUIRE(index.forget(1).has_value());  // not twice
    REQUIRE(index.forget(99).has_value());
    REQUIRE(index.forget(2, t.people["bo"]).has_value());
    REQUIRE(db->run("DELETE FROM uarch WHERE ref = 1; DELETE FROM msg WHERE n = 1; COMMIT").has_value());
  }
  CHECK(terms_of(b.options.path) == "a=1 " + ann + "=1 word=1 ");
  b.reopen();
  CHECK(t.find("ann", "a") == Numbers{2});
  CHECK(t.find("ann", "slip") == Numbers{});
  CHECK(t.find("bo", "word") == Numbers{});
}

TEST_CASE("sqlite search: made anew, whatever was in it") {
  Bench b("sqlite");
  Talk t(b, false);
  t.add("ann");
  for (int i = 0; i < 20; ++i) t.say("ann", "ann", text("word " + std::to_string(i)));
  t.fill();
  const std::string before = terms_of(b.options.path);
  b.store.reset();
  auto db = Database::open(b.options.path, Database::Mode::write, {});
  REQUIRE(db->run("DELETE FROM search_row WHERE n > 5; INSERT INTO search(rowid, who, words) VALUES(7, 'x', 'y')"));
  db = Database();
  b.reopen();
  CHECK(t.find("ann", "word").size() < 20);
  REQUIRE(t.work(Chore::clear_search).has_value());
  CHECK(t.find("ann", "word").size() == 20);
  t.fill();
  CHECK(terms_of(b.options.path) == before);
  CHECK(t.find("ann", "word").size() == 20);
}

TEST_CASE("sqlite search: a row that cannot be understood keeps nobody else's from being found") {
  Bench b("sqlite");
  Talk t(b, false);
  t.add("ann");
  t.add("bo");
  t.say("ann", "bo", text("word"));
  t.say("bo", "bo", text("word"));
  t.add("cy");
  t.say("cy", "cy", text("word"));
  t.fill();
  b.store.reset();
  auto db = Database::open(b.options.path, Database::Mode::write, {});
  REQUIRE(db->run("UPDATE msg SET body = x'0100ff' WHERE n <> 2"));
  db = Database();
  b.reopen();
  const auto asked = t.ask(t.people["ann"], {.text = "word"});
  REQUIRE_FALSE(asked.has_value());
  CHECK(asked.error().text.find("upos 1 of uid") != std::string::npos);
  CHECK(b.commit_all(core::DropAccount{t.people["cy"]}).has_value());
  REQUIRE(t.work(Chore::clear_search).has_value());
  t.fill();
  CHECK(t.ask(t.people["ann"], {.text = "word"})->found.empty());
  CHECK(t.find("bo", "word") == Numbers{2});
  CHECK(b.commit_all(core::DropAccount{t.people["ann"]}).has_value());
}

TEST_CASE("sqlite search: works that wait are refused beyond a bound, and told when the store closes") {
  Bench b("sqlite");
  Talk t(b, false);
  t.add("ann");
  for (int i = 0; i < 1000; ++i) t.say("ann", "ann", text("word " + std::to_string(i)));
  std::size_t done = 0, refused = 0, closed = 0;
  for (int i = 0; i < 100; ++i) {
    b.store->work_on(i % 2 == 0 ? Chore::clear_search : Chore::fill_search, b.loop, [&](Result<> result) {
      if (result) ++done;
      if (!result && result.error().code == Errc::too_fast) ++refused;
      if (!result && result.error().code == Errc::closed) ++closed;
    });
  }
  b.store.reset();
  REQUIRE(b.loop.run_until([&] { return done + refused + closed == 100; }));
  CHECK(refused > 0);
  CHECK(closed > 0);
}

TEST_CASE("sqlite search: what was written before there was an index is found") {
  Bench b("sqlite");
  b.store.reset();
  b.options.path = b.folder.file("v2.db");
  std::ostringstream sql;
  sql << std::ifstream(std::string(CONFAB_SOURCE_DIR) + "/src/store/tests/fixtures/v2.sql").rdbuf();
  auto db = Database::open(b.options.path, Database::Mode::create, {});
  REQUIRE(db->run(sql.str().c_str()).has_value());
  db = Database();
  b.reopen();
  Talk t(b, false);
  t.people["alice"] = b.load("alice")->uid;
  CHECK(t.find("alice", "again") == Numbers{2});
  t.fill();
  CHECK(t.find("alice", "again") == Numbers{2});
  CHECK(t.find("alice", "hello") == Numbers{1});
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM search_row") == 3);
  CHECK(ask_sql(b.options.path, "SELECT uses FROM invite") == 1);
}
