// Copies of a database: made beside a running server, verified, put back on a stopped one.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace confab::store {

// What backup and verification found.
struct BackupSummary {
  std::uint64_t bytes = 0;
  std::string sha256;  // of the file, lower-case hex
  int schema = 0;      // its number
  std::uint64_t accounts = 0;
  std::uint64_t messages = 0;
};

struct BackupOptions {
  int pages_at_once = 256;      // between two looks at `go_on`
  bool checksum_file = true;    // writes `<to>.sha256`, as sha256sum reads it
  std::function<bool()> go_on;  // called between steps, on the caller's thread; false ends it (closed)
};

// A consistent copy of the database at `from`, as of now, while others read and write it: written beside `to`, checked,
// made durable, then renamed. `to` is untouched on an error: not_found (no such database), no_space, unavailable,
// closed. Blocks for as long as it takes; not on a shard.
Result<BackupSummary> backup_database(const std::string& from, const std::string& to,
                                      const BackupOptions& options = {});

// Whether `path` is a whole and sound database of a schema that this program knows, and equals its checksum file if
// there is one. Errors: conflict with words that tell what is wrong; not_found.
Result<BackupSummary> verify_backup(const std::string& path);

// Verifies `from` and puts it in the place of the database at `to`, whose site must be stopped: conflict if it is not.
// The one that was there is kept as `<to>.before-restore`.
Result<BackupSummary> restore_database(const std::string& from, const std::string& to);

}  // namespace confab::store
