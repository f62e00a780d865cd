#include "store/sqlite/database.h"

#include <cerrno>

namespace confab::store {
namespace {

Errc meaning(sqlite3* db) {
  const int code = sqlite3_extended_errcode(db);
  if (code == SQLITE_FULL) return Errc::no_space;
  if ((code & 0xff) != SQLITE_IOERR) return Errc::unavailable;
  const int system = sqlite3_system_errno(db);
  // The shared-memory file is grown without telling errno; it fails to grow only on a full disk.
  const bool full = system == ENOSPC || system == EDQUOT || code == SQLITE_IOERR_SHMSIZE;
  return full ? Errc::no_space : Errc::unavailable;
}

}  // namespace

Result<Database> Database::open(const std::string& path, Mode mode, const std::string& vfs) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == Mode::read) flags |= SQLITE_OPEN_READONLY;
  if (mode == Mode::write) flags |= SQLITE_OPEN_READWRITE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, vfs.empty() ? nullptr : vfs.c_str());
  Database db;
  db.handle_.reset(raw);
  if (raw == nullptr) return fail(Errc::unavailable, "out of memory");
  if (code != SQLITE_OK) return fail(db.error("open " + path));
  sqlite3_busy_timeout(raw, 2000);
  return db;
}

Result<> Database::run(const char* sql) {
  if (sqlite3_exec(raw(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail(error("run"));
  return {};
}

Result<std::int64_t> Database::number(const char* sql) {
  Statement statement;
  if (auto ready = statement.prepare(*this, sql); !ready) return fail(std::move(ready.error()));
  if (statement.step() != Statement::Step::row) return fail(error("read"));
  return statement.signed_number(0);
}

Error Database::error(std::string_view what) const {
  return {meaning(raw()), std::string(what) + ": " + sqlite3_errmsg(raw()) + " (" +
                              std::to_string(sqlite3_extended_errcode(raw())) + ")"};
}

Result<> Statement::prepare(const Database& db, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(db.raw(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  handle_.reset(raw);
  if (code != SQLITE_OK) return fail(db.error("prepare"));
  return {};
}

Statement::Step Statement::step() {
  switch (sqlite3_step(handle_.get())) {
    case SQLITE_ROW:
      return Step::row;
    case SQLITE_DONE:
      return Step::done;
    default:
      return Step::failed;
  }
}

bool Statement::run() {
  Step at = step();
  while (at == Step::row) at = step();
  // The error's code stays readable on the connection: sqlite3_reset reports the same one again.
  reset();
  return at == Step::done;
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Statement::bind_one(int at, std::string_view text) {
  sqlite3_bind_text64(handle_.get(), at, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_one(int at, Blob blob) {
  const void* data = blob.bytes.empty() ? "" : blob.bytes.data();
  sqlite3_bind_blob64(handle_.get(), at, data, blob.bytes.size(), SQLITE_STATIC);
}

}  // namespace confab::store
