#include "store/sqlite/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "store/sqlite/open.h"
#include "store/sqlite/sha256.h"

namespace confab::store {
namespace {

namespace fs = std::filesystem;

Error from_system(const std::string& what) {
  return {errno == ENOSPC || errno == EDQUOT ? Errc::no_space : Errc::unavailable, what + ": " + std::strerror(errno)};
}

// Makes a file, or a folder's list of files, durable.
Result<> sync(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(from_system(path));
  const int code = ::fsync(descriptor);
  const Error error = code == 0 ? Error{} : from_system(path);
  ::close(descriptor);
  if (code != 0) return fail(error);
  return {};
}

std::string folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

Result<> rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return fail(from_system(to));
  return sync(folder_of(to));
}

void remove_database(const std::string& path) {
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm", "-journal"}) fs::remove(path + end, ignored);
}

Result<> copy_pages(Database& source, Database& target, const BackupOptions& options) {
  // One read transaction around all steps: the copy is of one moment, and writers do not make it start again.
  if (auto begun = source.run("BEGIN; SELECT count(*) FROM sqlite_schema"); !begun) return begun;
  sqlite3_backup* backup = sqlite3_backup_init(target.raw(), "main", source.raw(), "main");
  if (backup == nullptr) return fail(target.error("backup"));
  int code = SQLITE_OK;
  bool stopped = false;
  while (code == SQLITE_OK && !stopped) {
    code = sqlite3_backup_step(backup, options.pages_at_once);
    stopped = code == SQLITE_OK && options.go_on && !options.go_on();
  }
  const int finished = sqlite3_backup_finish(backup);
  if (stopped) return fail(Errc::closed, "the backup was stopped");
  if (code != SQLITE_DONE || finished != SQLITE_OK) return fail(target.error("backup"));
  // A backup is one file: without a write-ahead log beside it.
  return target.run("PRAGMA journal_mode=DELETE");
}

Result<> copy_to(const std::string& from, const std::string& part, const BackupOptions& options) {
  const int created = ::open(part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (created < 0) return fail(from_system(part));
  ::close(created);
  Result<Database> source = Database::open(from, Database::Mode::read, {});
  if (!source) return fail(std::move(source.error()));
  Result<Database> target = Database::open(part, Database::Mode::write, {});
  if (!target) return fail(std::move(target.error()));
  return copy_pages(*source, *target, options);
}

Result<> write_checksum(const std::string& path, const std::string& sha256) {
  const std::string name = path + ".sha256";
  std::ofstream out(name + ".part", std::ios::trunc);
  out << sha256 << "  " << fs::path(path).filename().string() << "\n";
  out.close();
  if (!out) return fail(from_system(name));
  if (auto done = sync(name + ".part"); !done) return done;
  return rename_durably(name + ".part", name);
}

Result<> check_checksum(const std::string& path, const std::string& sha256) {
  std::ifstream in(path + ".sha256");
  std::string expected;
  if (!in || !(in >> expected)) return {};
  if (expected == sha256) return {};
  return fail(Errc::conflict, path + ": does not match its checksum");
}

Result<> check_pages(Database& db, const std::string& path) {
  Statement check;
  if (auto ready = check.prepare(db, "PRAGMA integrity_check(1)"); !ready) {
    return fail(Errc::conflict, path + ": " + ready.error().text);
  }
  if (check.step() != Statement::Step::row) return fail(Errc::conflict, db.error(path).text);
  if (check.bytes(0) != "ok") return fail(Errc::conflict, path + ": " + check.text(0));
  return {};
}

Result<BackupSummary> inspect(const std::string& path) {
  Result<Database> db = Database::open(path, Database::Mode::read, {});
  if (!db) return fail(Errc::conflict, db.error().text);
  if (auto sound = check_pages(*db, path); !sound) return fail(std::move(sound.error()));
  BackupSummary found;
  const auto schema = db->number("PRAGMA user_version");
  if (!schema || *schema < 1) return fail(Errc::conflict, path + ": not a database of Confab");
  if (*schema > newest_schema()) return fail(Errc::conflict, path + ": of a newer version");
  const auto accounts = db->number("SELECT count(*) FROM account");
  const auto messages = db->number("SELECT count(*) FROM msg");
  if (!accounts || !messages) return fail(Errc::conflict, path + ": not a database of Confab");
  found.schema = static_cast<int>(*schema);
  found.accounts = static_cast<std::uint64_t>(*accounts);
  found.messages = static_cast<std::uint64_t>(*messages);
  return found;
}

Result<BackupSummary> finish_backup(const std::string& part, const std::string& to, const BackupOptions& options) {
  Result<BackupSummary> found = verify_backup(part);
  if (!found) return found;
  if (auto done = sync(part); !done) return fail(std::move(done.error()));
  // The old checksum would not fit the new file, should the power go between the two.
  std::error_code ignored;
  fs::remove(to + ".sha256", ignored);
  if (auto done = rename_durably(part, to); !done) return fail(std::move(done.error()));
  if (!options.checksum_file) return found;
  if (auto done = write_checksum(to, found->sha256); !done) return fail(std::move(done.error()));
  return found;
}

// Keeps what was there, with its write-ahead log: it may hold commits that the database does not have yet.
Result<> set_aside(const std::string& path) {
  const std::string kept = path + ".before-restore";
  remove_database(kept);
  std::error_code ignored;
  for (const char* end : {"-wal", ""}) {
    if (!fs::exists(path + end, ignored)) continue;
    if (auto done = rename_durably(path + end, kept + end); !done) return done;
  }
  fs::remove(path + "-shm", ignored);
  return {};
}

}  // namespace

Result<BackupSummary> backup_database(const std::string& from, const std::string& to, const BackupOptions& options) {
  std::error_code ignored;
  if (!fs::exists(from, ignored)) return fail(Errc::not_found, from + ": no such database");
  const std::string part = to + ".part";
  remove_database(part);
  Result<BackupSummary> found = fail(Errc::unavailable);
  if (auto copied = copy_to(from, part, options); !copied) {
    found = fail(std::move(copied.error()));
  } else {
    found = finish_backup(part, to, options);
  }
  if (!found) remove_database(part);
  return found;
}

Result<BackupSummary> verify_backup(const std::string& path) {
  Result<std::string> sha256 = sha256_of_file(path);
  if (!sha256) return fail(std::move(sha256.error()));
  if (auto same = check_checksum(path, *sha256); !same) return fail(std::move(same.error()));
  Result<BackupSummary> found = inspect(path);
  if (!found) return found;
  std::error_code ignored;
  found->bytes = fs::file_size(path, ignored);
  found->sha256 = std::move(*sha256);
  return found;
}

Result<BackupSummary> restore_database(const std::string& from, const std::string& to) {
  Result<BackupSummary> found = verify_backup(from);
  if (!found) return found;
  Result<FileLock> lock = FileLock::take(to + ".lock");
  if (!lock) return fail(std::move(lock.error()));
  const std::string part = to + ".part";
  remove_database(part);
  std::error_code error;
  if (!fs::copy_file(from, part, error))
    return fail(error == std::errc::no_space_on_device ? Errc::no_space : Errc::unavailable,
                part + ": " + error.message());
  fs::permissions(part, fs::perms::owner_read | fs::perms::owner_write, error);
  // What is put in place is what was verified.
  const Result<std::string> copied = sha256_of_file(part);
  if (!copied || *copied != found->sha256) return fail(Errc::unavailable, part + ": the copy differs");
  if (auto done = sync(part); !done) return fail(std::move(done.error()));
  if (auto done = set_aside(to); !done) return fail(std::move(done.error()));
  if (auto done = rename_durably(part, to); !done) return fail(std::move(done.error()));
  return found;
}

}  // namespace confab::store
