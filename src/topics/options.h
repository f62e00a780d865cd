// What a site says to its topic spaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/time.h"

namespace confab::topics {

// As `[limits]` has them, and what the pace of things is.
struct Options {
  std::uint32_t shard = 0;
  std::uint32_t shards = 1;
  std::uint64_t seed = 0;  // of hashes over what clients choose
  std::string version;

  std::size_t sessions = 100'000;  // of all shards together
  std::size_t subscriptions_per_session = 1'000;
  std::size_t levels = 128;                   // of a name or filter
  std::size_t retained_messages = 100'000;    // of the site
  std::size_t retained_bytes = 64ULL << 20U;  // likewise
  std::size_t queue_messages = 10'000;        // that wait for one session

  std::size_t page_rows = 100;  // of the log, read at once
  std::size_t page_bytes = 256 * 1024;
  std::size_t recent_rows = 2'000;  // of the log, that each shard still has
  std::size_t recent_bytes = 1ULL << 20U;
  std::size_t walk_names = 500;         // that are looked at for what is retained before others get their turn
  milliseconds write_delay{1'000};      // places in the log and the like are written this much later at most
  milliseconds retry_delay{1'000};      // between two tries to read the log
  milliseconds forget_removed{60'000};  // after that no shard can bring back what is no longer retained
  milliseconds sys_interval{10'000};
};

}  // namespace confab::topics
