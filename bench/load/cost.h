// What a server's processes cost, as /proc tells.
#pragma once

#include <optional>
#include <vector>

namespace confab::load {

// Processes whose cost is counted together; with `tree`, their descendants as they are at each reading.
struct Processes {
  std::vector<int> ids;
  bool tree = false;

  bool empty() const { return ids.empty(); }
};

// User and system time so far, seconds; a process that is gone counts nothing.
double cpu_seconds(const Processes& processes);

struct Memory {
  long rss_kb = 0;
  long pss_kb = 0;  // 0 where smaps_rollup may not be read
};
Memory memory(const Processes& processes);

// This very process's.
double own_cpu_seconds();

}  // namespace confab::load
