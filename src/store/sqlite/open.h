// Opening a database: one process at a time, the right pragmas, the newest schema.
#pragma once

#include <memory>
#include <string>

#include "store/siphash.h"
#include "store/sqlite/database.h"
#include "store/sqlite/options.h"

namespace confab::store {

// An exclusive lock on a file, held while it lives; the system lets go of it when the process dies.
// Lives on: anywhere.
class FileLock {
 public:
  // Errors: conflict if another process holds it; unavailable.
  static Result<FileLock> take(const std::string& path);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

// Opens for writing, creating the database (readable by its owner only) or bringing its schema up to date.
Result<Database> open_for_writing(const SqliteOptions& options);
Result<Database> open_for_reading(const SqliteOptions& options);

// The schema's number that this program writes.
int newest_schema();

// What the database says of the site: the key of the hash over duplicate keys.
Result<SipKey> read_hash_key(const Database& db);

}  // namespace confab::store
