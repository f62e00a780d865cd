// What goes out of a SQLite store by itself: by age, by size, once delivered, with its account.
#include "store/tests/sqlite_file.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;

TEST_CASE("sqlite: what is too old goes, from every log, and the place it had is not given again") {
  std::int64_t day = 0;
  Bench b("sqlite", [&](SqliteOptions& options) {
    options.message_days = 30;
    options.now = [&day] { return WallMs{day * 86'400'000}; };
  });
  const Uid alice = b.create("alice");
  const Uid bob = b.create("bob");
  for (std::uint64_t n = 1; n <= 40; ++n) {
    const auto at = static_cast<std::int64_t>(n) * 86'400'000 + 1;
    REQUIRE(b.commit_all(append(message(n, "old", at), {alice, bob})).has_value());
  }
  day = 60;
  b.reopen();  // a round begins with the store
  REQUIRE(b.commit_all(append(message(99, "new", 60LL * 86'400'000), {alice})).has_value());
  REQUIRE(wait_until([&] { return ask_sql(b.options.path, "SELECT count(*) FROM msg") == 12; }));
  const auto log = b.log(alice);
  REQUIRE(log->size() == 12);
  CHECK(log->front().upos == 30);
  CHECK(b.log(bob)->size() == 11);
  CHECK(b.load("bob")->head == 40);
  day = 600;
  b.reopen();
  REQUIRE(b.commit_all(core::PutDelivered{alice, 1}).has_value());
  REQUIRE(wait_until([&] { return ask_sql(b.options.path, "SELECT count(*) FROM msg") == 0; }));
  CHECK(b.commit_all(append(message(100, "again", 600LL * 86'400'000), {alice, bob}))->appended[0].positions ==
        std::vector<Upos>{42, 41});
}

TEST_CASE("sqlite: an archive keeps to its size, the newest stay") {
  Bench b("sqlite", [](SqliteOptions& options) { options.archive_bytes = 20'000; });
  const Uid alice = b.create("alice");
  for (std::uint64_t n = 1; n <= 100; ++n) {
    REQUIRE(b.commit_all(append(message(n, std::string(900, 'x')), {alice})).has_value());
  }
  b.reopen();
  REQUIRE(b.commit_all(core::PutDelivered{alice, 1}).has_value());
  REQUIRE(wait_until([&] { return ask_sql(b.options.path, "SELECT count(*) FROM uarch") < 25; }));
  const auto log = b.log(alice);
  CHECK(log->size() > 15);
  CHECK(log->back().upos == 100);
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM msg") == static_cast<std::int64_t>(log->size()));
}

TEST_CASE("sqlite: a row that is only for the devices goes once each has it") {
  Bench b("sqlite");
  const Uid alice = b.create("alice");
  REQUIRE(
      b.commit_all(core::PutDevice{alice, {"phone", 0, {5}}}, core::PutDevice{alice, {"desk", 0, {5}}}).has_value());
  for (std::uint64_t n = 1; n <= 3; ++n) {
    core::Append change = append(message(n), {alice});
    change.logs[0].archived = n == 2;
    REQUIRE(b.commit_all(change).has_value());
  }
  REQUIRE(
      b.commit_all(core::PutDevice{alice, {"phone", 3, {5}}}, core::PutDevice{alice, {"desk", 1, {5}}}).has_value());
  b.options.now = [] { return WallMs{1000}; };
  b.reopen();
  REQUIRE(b.commit_all(core::PutDelivered{alice, 1}).has_value());
  REQUIRE(wait_until([&] { return ask_sql(b.options.path, "SELECT count(*) FROM msg") == 2; }));
  CHECK(b.log(alice)->front().upos == 2);
  CHECK(b.log(alice)->size() == 2);
}

TEST_CASE("sqlite: an account that is dropped takes along what was in its log alone") {
  Bench b("sqlite");
  const Uid alice = b.create("alice");
  const Uid bob = b.create("bob");
  REQUIRE(b.commit_all(append(message(1), {alice}), append(message(2), {alice, bob})).has_value());
  REQUIRE(b.commit_all(core::DropAccount{alice}).has_value());
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM msg") == 1);
  CHECK(b.log(bob)->size() == 1);
  REQUIRE(b.commit_all(core::DropAccount{bob}).has_value());
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM msg") == 0);
}

TEST_CASE("sqlite: a device whose own time is over holds no row back; one with a long one does") {
  for (const std::uint32_t expiry : {60U, 7200U}) {
    CAPTURE(expiry);
    Bench b("sqlite");
    const Uid alice = b.create("alice");
    const auto put = [alice](const char* name, Upos cursor, std::int64_t seen, std::uint32_t kept) {
      core::Device device{name, cursor, {seen}};
      device.expiry = kept;
      return core::PutDevice{alice, device};
    };
    REQUIRE(b.commit_all(put("phone", 0, 0, expiry), put("desk", 0, 3'600'000, 0)).has_value());
    core::Append change = append(message(1), {alice});
    change.logs[0].archived = false;
    REQUIRE(b.commit_all(change).has_value());
    REQUIRE(b.commit_all(put("desk", 1, 3'600'000, 0)).has_value());
    b.options.now = [] { return WallMs{3'600'000}; };
    b.reopen();
    REQUIRE(b.commit_all(core::PutDelivered{alice, 1}).has_value());
    // Behind an account without devices, whose row goes in any case, the round has been at both.
    const Uid bob = b.create("bob");
    core::Append other = append(message(2), {bob});
    other.logs[0].archived = false;
    REQUIRE(b.commit_all(other).has_value());
    REQUIRE(b.commit_all(core::PutDelivered{bob, 1}).has_value());
    b.reopen();
    REQUIRE(b.commit_all(core::PutDelivered{bob, 1}).has_value());
    REQUIRE(wait_until([&] { return b.log(bob)->empty(); }));
    CHECK(b.log(alice)->empty() == (expiry == 60));
  }
}
