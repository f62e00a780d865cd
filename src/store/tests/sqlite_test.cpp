// What only the SQLite store does: opening, migrations, damage, limits, backup.
#include "store/sqlite/sqlite_store.h"

#include <sys/stat.h>

#include "store/siphash.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/sha256.h"
#include "store/tests/sqlite_file.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;

TEST_CASE("siphash: vectors of the paper and its reference") {
  SipKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<unsigned char>(i);
  std::string bytes;
  CHECK(siphash(key, bytes) == 0x726fdb47dd0e0e31ULL);
  for (int i = 0; i < 15; ++i) bytes.push_back(static_cast<char>(i));
  CHECK(siphash(key, bytes) == 0xa129ca6149be45e5ULL);
}

TEST_CASE("sha256: FIPS 180-4 examples") {
  TemporaryFolder folder;
  const auto digest = [&](const std::string& text) {
    std::ofstream(folder.file("f"), std::ios::trunc) << text;
    return *sha256_of_file(folder.file("f"));
  };
  CHECK(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(digest(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sqlite: one process at a time, and only the owner may read") {
  Bench b("sqlite");
  const auto second = SqliteStore::open(b.options);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == Errc::conflict);
  CHECK(second.error().text.find("another process") != std::string::npos);
  struct stat info{};
  for (const char* end : {"", "-wal", "-shm", ".lock"}) {
    REQUIRE(::stat((b.options.path + end).c_str(), &info) == 0);
    CHECK((info.st_mode & 077) == 0);
  }
}

TEST_CASE("sqlite: a database of another site, program or newer version is refused") {
  Bench b("sqlite");
  b.store.reset();
  SqliteOptions other = b.options;
  other.site = 2;
  CHECK(SqliteStore::open(other).error().code == Errc::conflict);
  run_sql(b.options.path, "PRAGMA user_version=999");
  CHECK(SqliteStore::open(b.options).error().code == Errc::conflict);
  other = b.options;
  other.path = b.folder.file("foreign.db");
  run_sql(other.path, "CREATE TABLE t(x)");
  CHECK(SqliteStore::open(other).error().code == Errc::conflict);
  other.path = b.folder.file("text.db");
  std::ofstream(other.path) << std::string(5000, 'x');
  CHECK(SqliteStore::open(other).error().code == Errc::unavailable);
}

TEST_CASE("sqlite: a database of version 1 opens with all it holds") {
  Bench b("sqlite");
  b.store.reset();
  b.options.path = b.folder.file("v1.db");
  run_sql(b.options.path, fixture("v1.sql"));
  b.reopen();
  const auto alice = b.load("alice");
  REQUIRE(alice.has_value());
  CHECK(alice->uid == ((1ULL << 36) | 1));
  CHECK(alice->credentials == std::string("keys\0of alice", 13));
  REQUIRE(alice->roster.size() == 1);
  CHECK(alice->roster.items()[0].name == "Bob");
  CHECK(alice->roster.items()[0].groups == std::vector<std::string>{"Friends", "Work"});
  CHECK(alice->roster.items()[0].request == std::vector<core::Text>{{"en", "hello"}});
  CHECK(alice->roster.items()[0].to);
  CHECK(alice->roster.version == 4);
  CHECK(alice->blocks.peers == std::vector<Address>{{"", "spam.example", ""}});
  CHECK(alice->devices == std::vector<core::Device>{{"phone", 1, {5}}});
  CHECK(alice->delivered == 1);
  CHECK(alice->last.listening == "radio");
  CHECK(b.profile(alice->uid)->annex.size() == 1);
  const auto log = b.log(alice->uid);
  REQUIRE(log->size() == 2);
  CHECK(*(*log)[0].event == *message(1));
  CHECK(*(*log)[1].event == *message(2, "again"));
  CHECK(b.commit_all(append(message(9), {alice->uid}, "key"))->appended[0].id == message_id(1));
  CHECK(b.commit_all(append(message(10), {alice->uid}))->appended[0].positions == std::vector<Upos>{3});
  CHECK(b.archive(alice->uid, {})->events.size() == 3);
  CHECK(ask_sql(b.options.path, "SELECT group_concat(refs) = '2,1,1' FROM (SELECT refs FROM msg ORDER BY n)") == 1);
}

TEST_CASE("sqlite: a row that cannot be understood is told, not skipped and not fatal") {
  Bench b("sqlite");
  const Uid alice = b.create("alice");
  for (std::uint64_t n = 1; n <= 3; ++n) REQUIRE(b.commit_all(append(message(n), {alice})).has_value());
  b.store.reset();
  run_sql(b.options.path, "UPDATE msg SET body = x'0100ff' WHERE n = 2");
  b.reopen();
  const auto log = b.log(alice);
  REQUIRE_FALSE(log.has_value());
  CHECK(log.error().code == Errc::unavailable);
  CHECK(log.error().text.find("upos 2 of uid " + std::to_string(alice)) != std::string::npos);
  CHECK(b.log(alice, 2)->size() == 1);
  CHECK(b.load("alice")->head == 3);
}

TEST_CASE("sqlite: keys whose hashes are equal never swallow a message") {
  Bench b("sqlite", [](SqliteOptions& options) { options.hash = [](std::string_view) { return 1ULL; }; });
  const Uid alice = b.create("alice");
  for (std::uint64_t n = 1; n <= 5; ++n) {
    CHECK_FALSE(b.commit_all(append(message(n), {alice}, "k" + std::to_string(n)))->appended[0].duplicate);
  }
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const auto repeat = b.commit_all(append(message(100 + n), {alice}, "k" + std::to_string(n)));
    CHECK(repeat->appended[0].duplicate);
    CHECK(repeat->appended[0].id == message_id(n));
  }
}

TEST_CASE("sqlite: expired keys go when nobody writes") {
  Bench b("sqlite");
  const Uid alice = b.create("alice");
  REQUIRE(b.commit_all(append(message(1, "a", 1000), {alice}, "old", alice, 2000)).has_value());
  REQUIRE(b.commit_all(append(message(2, "a", 3000), {alice}, "new", alice, 9000)).has_value());
  REQUIRE(wait_until([&] { return ask_sql(b.options.path, "SELECT count(*) FROM ingress") == 1; }));
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM ingress WHERE key = x'6e6577'") == 1);
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM ingress") == 1);
}

TEST_CASE("sqlite: a full queue refuses at once, and the rest is done") {
  Bench b("sqlite", [](SqliteOptions& options) {
    options.write_queue = 4;
    options.read_queue = 4;
  });
  const Uid alice = b.create("alice");
  std::size_t good = 0, refused = 0;
  const auto count = [&](const auto& result) {
    if (result) ++good;
    if (!result && result.error().code == Errc::too_fast) ++refused;
  };
  constexpr std::size_t kMany = 5000;
  for (std::uint64_t n = 1; n <= kMany; ++n) {
    b.store->commit({{append(message(n), {alice})}}, b.loop, [&](Result<engine::Committed> r) { count(r); });
  }
  REQUIRE(b.loop.run_until([&] { return good + refused == kMany; }));
  CHECK(refused > 0);
  CHECK(b.log(alice)->size() == good);
  good = refused = 0;
  for (std::size_t n = 0; n < kMany; ++n) {
    b.store->load_profile(alice, b.loop, [&](Result<core::Profile> r) { count(r); });
  }
  REQUIRE(b.loop.run_until([&] { return good + refused == kMany; }));
  CHECK(refused > 0);
}

TEST_CASE("sqlite: the write-ahead log stays bounded") {
  Bench b("sqlite", [](SqliteOptions& options) { options.wal_bytes = 256U << 10; });
  const Uid alice = b.create("alice");
  for (std::uint64_t n = 1; n <= 400; ++n)
    REQUIRE(b.commit_all(append(message(n, std::string(8000, 'x')), {alice})).has_value());
  CHECK(std::filesystem::file_size(b.options.path + "-wal") < (2U << 20));
  CHECK(b.log(alice)->size() == 400);
}

TEST_CASE("sqlite: backup beside a running store, verification, restore") {
  Bench b("sqlite");
  const Uid alice = b.create("alice");
  for (std::uint64_t n = 1; n <= 200; ++n)
    REQUIRE(b.commit_all(append(message(n, std::string(2000, 'x')), {alice})).has_value());
  const std::string copy = b.folder.file("copy.db");
  BackupOptions options;
  options.pages_at_once = 4;
  std::uint64_t n = 200;
  options.go_on = [&] { return b.commit_all(append(message(++n), {alice})).has_value(); };
  const auto made = backup_database(b.options.path, copy, options);
  REQUIRE_MESSAGE(made.has_value(), made.error().text);
  CHECK(n > 201);
  CHECK(made->messages == 200);  // of the moment it began
  CHECK(verify_backup(copy)->sha256 == made->sha256);
  CHECK(restore_database(copy, b.options.path).error().code == Errc::conflict);  // it runs
  b.store.reset();
  REQUIRE(restore_database(copy, b.options.path).has_value());
  CHECK(std::filesystem::exists(b.options.path + ".before-restore"));
  b.reopen();
  CHECK(b.log(alice)->size() == 200);
  CHECK(b.commit_all(append(message(999), {alice}))->appended[0].positions == std::vector<Upos>{201});
}

TEST_CASE("sqlite: a backup that is damaged or was stopped is not one") {
  Bench b("sqlite");
  b.create("alice");
  const std::string copy = b.folder.file("copy.db");
  BackupOptions stopping;
  stopping.pages_at_once = 1;
  stopping.go_on = [] { return false; };
  CHECK(backup_database(b.options.path, copy, stopping).error().code == Errc::closed);
  CHECK_FALSE(std::filesystem::exists(copy));
  CHECK(backup_database(b.folder.file("none.db"), copy).error().code == Errc::not_found);
  REQUIRE(backup_database(b.options.path, copy).has_value());
  {
    std::fstream file(copy, std::ios::in | std::ios::out);
    file.seekp(9000);
    file << "damage";
  }
  CHECK(verify_backup(copy).error().code == Errc::conflict);
  b.store.reset();
  CHECK(restore_database(copy, b.options.path).error().code == Errc::conflict);
  b.reopen();
  CHECK(b.load("alice").has_value());
}
