#include "store/sqlite/open.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "core/event_codec.h"
#include "store/columns.h"
#include "store/schema/migrations.h"
#include "store/siphash.h"

namespace confab::store {
namespace {

constexpr std::int64_t kApplicationId = 0x436e6662;  // "Cnfb", so that file(1) and we know our own

Result<> set_pragmas(Database& db, const SqliteOptions& options) {
  const bool power = options.durability == Durability::power;
  const std::string limit = "PRAGMA journal_size_limit=" + std::to_string(options.wal_bytes * 4);
  for (const char* sql : {"PRAGMA journal_mode=WAL", power ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
                          "PRAGMA wal_autocheckpoint=0", "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-32768",
                          "PRAGMA trusted_schema=OFF", "PRAGMA secure_delete=ON", limit.c_str()}) {
    if (auto done = db.run(sql); !done) return done;
  }
  return {};
}

void fill_random(const SqliteOptions& options, unsigned char* out, std::size_t size) {
  if (options.random) return options.random(out, size);
  sqlite3_randomness(static_cast<int>(size), out);
}

Result<> write_site(Database& db, const SqliteOptions& options) {
  unsigned char random[32];
  fill_random(options, random, sizeof random);
  const std::string_view bytes(reinterpret_cast<const char*>(random), sizeof random);
  Statement insert;
  const char* sql = "INSERT INTO site(site_id, incarnation, hash_key, next_account) VALUES(?, ?, ?, 1)";
  if (auto ready = insert.prepare(db, sql); !ready) return ready;
  insert.bind(options.site, Statement::blob(bytes.substr(0, 16)), Statement::blob(bytes.substr(16)));
  if (!insert.run()) return fail(db.error("site"));
  return {};
}

// Step 3 gives messages names: those that are there already get theirs.
Result<> name_messages(Database& db) {
  const Result<SipKey> key = read_hash_key(db);
  if (!key) return fail(key.error());
  Statement find, put;
  constexpr const char* kFind =
      "SELECT n, uid, body FROM msg JOIN account ON account.local || '@' || account.domain = msg.sender";
  if (auto ready = find.prepare(db, kFind); !ready) return ready;
  if (auto ready = put.prepare(db, "UPDATE msg SET name = ?2 WHERE n = ?1"); !ready) return ready;
  Statement::Step step = find.step();
  for (; step == Statement::Step::row; step = find.step()) {
    const Result<core::Event> event = core::decode_event(find.bytes(2));
    if (!event || event->cid.empty()) continue;
    put.bind(find.number(0), siphash(*key, name_key(find.number(1), event->cid)));
    if (!put.run()) return fail(db.error("name"));
  }
  if (step == Statement::Step::failed) return fail(db.error("names"));
  return {};
}

// One step of the schema: all of it, or nothing.
Result<> migrate_once(Database& db, const SqliteOptions& options, int step) {
  if (auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun;
  Result<> done = db.run(kMigrations[static_cast<std::size_t>(step)]);
  if (done && step == 0) done = write_site(db, options);
  if (done && step == 2) done = name_messages(db);
  if (done) done = db.run(("PRAGMA user_version=" + std::to_string(step + 1)).c_str());
  if (done && step == 0) done = db.run(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str());
  if (done) done = db.run("COMMIT");
  if (!done && db.in_transaction()) sqlite3_exec(db.raw(), "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

Result<> migrate(Database& db, const SqliteOptions& options) {
  const auto version = db.number("PRAGMA user_version");
  if (!version) return fail(version.error());
  if (*version > newest_schema()) {
    return fail(Errc::conflict, "the database's schema " + std::to_string(*version) + " is newer than this program's " +
                                    std::to_string(newest_schema()));
  }
  const auto tables = db.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return fail(tables.error());
  if (*version == 0 && *tables != 0) return fail(Errc::conflict, options.path + " is not a database of Confab");
  const int from = static_cast<int>(*version);
  if (from > 0 && from < newest_schema() && options.before_migration) {
    if (auto ready = options.before_migration(from, newest_schema()); !ready) return ready;
  }
  for (int step = from; step < newest_schema(); ++step) {
    if (auto done = migrate_once(db, options, step); !done) return done;
    log::info("store", "schema", {{"version", step + 1}});
  }
  return {};
}

// The site's number is in every uid: opened under another one, old and new accounts would not belong together.
Result<> check_site(Database& db, const SqliteOptions& options) {
  const auto site = db.number("SELECT site_id FROM site");
  if (!site) return fail(site.error());
  if (static_cast<std::uint64_t>(*site) == options.site) return {};
  return fail(Errc::conflict, "the database belongs to site " + std::to_string(*site));
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(Errc::unavailable, path + ": " + std::strerror(errno));
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return fail(Errc::conflict, path + ": another process has this database open");
  return fail(Errc::unavailable, path + ": " + std::strerror(errno));
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int newest_schema() {
  return static_cast<int>(kMigrations.size());
}

Result<Database> open_for_writing(const SqliteOptions& options) {
  // It holds credentials: made here, because SQLite would let everybody read it; -wal and -shm take over its mode.
  const int created = ::open(options.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (created < 0) return fail(Errc::unavailable, options.path + ": " + std::strerror(errno));
  ::close(created);
  Result<Database> db = Database::open(options.path, Database::Mode::create, options.vfs);
  if (!db) return db;
  // The first to look inside: a file that is no database is found out here.
  if (auto done = set_pragmas(*db, options); !done) {
    return fail(done.error().code, options.path + ": " + done.error().text);
  }
  if (auto done = migrate(*db, options); !done) return fail(std::move(done.error()));
  if (auto done = check_site(*db, options); !done) return fail(std::move(done.error()));
  return db;
}

Result<Database> open_for_reading(const SqliteOptions& options) {
  Result<Database> db = Database::open(options.path, Database::Mode::read, options.vfs);
  if (!db) return db;
  for (const char* sql : {"PRAGMA cache_size=-8192", "PRAGMA temp_store=MEMORY", "PRAGMA trusted_schema=OFF"}) {
    if (auto done = db->run(sql); !done) return fail(std::move(done.error()));
  }
  return db;
}

Result<SipKey> read_hash_key(const Database& db) {
  Statement select;
  if (auto ready = select.prepare(db, "SELECT hash_key FROM site"); !ready) return fail(std::move(ready.error()));
  SipKey key{};
  if (select.step() != Statement::Step::row || select.bytes(0).size() != key.size()) {
    return fail(db.error("the site's hash key"));
  }
  std::memcpy(key.data(), select.bytes(0).data(), key.size());
  return key;
}

}  // namespace confab::store
