// How a SQLite store is opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace confab::store {

// What a stored event survives: the loss of power, or only the end of the process (kill -9).
enum class Durability : std::uint8_t { power, process };

struct SqliteOptions {
  std::string path;  // of the database; beside it lie -wal, -shm and .lock
  Durability durability = Durability::power;
  std::uint64_t site = 1;                     // the number of this site: part of each new uid
  unsigned readers = 2;                       // threads that read
  std::size_t write_queue = 8192;             // transactions that may wait; beyond: too_fast
  std::size_t write_queue_bytes = 64U << 20;  // likewise, about
  std::size_t read_queue = 4096;              // reads that may wait; beyond: too_fast
  std::size_t group = 512;                    // transactions committed together, at most
  std::size_t group_bytes = 4U << 20;         // likewise, about
  std::size_t wal_bytes = 16U << 20;          // the write-ahead log is copied back when it is longer
  std::size_t cached_heads = 100'000;         // accounts whose last position the writer remembers
  std::int64_t message_days = 0;              // events older than that go; 0: none
  std::uint64_t archive_bytes = 0;            // of one account's events, about: the oldest beyond it go; 0: none
  std::int64_t device_days = 90;              // devices that were not seen for so long count for nothing
  std::function<WallMs()> now;                // what ages are reckoned from; empty: the system's clock
  // Called before the schema of an existing database changes: the place for a backup. An error stops the opening.
  std::function<Result<>(int from, int to)> before_migration;
  RandomBytes random;                                   // empty: SQLite's own, seeded by the system
  std::string vfs;                                      // tests: the name of another VFS
  std::function<std::uint64_t(std::string_view)> hash;  // tests: instead of SipHash over duplicate keys
};

}  // namespace confab::store
