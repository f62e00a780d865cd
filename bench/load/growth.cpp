#include "growth.h"

#include <cstdlib>

namespace confab::load {

Memory settled_memory(Poller& poller, const Processes& server, Clock::time_point limit) {
  Memory last = memory(server);
  int still = 0;
  while (still < 4 && Clock::now() < limit) {
    poller.run_until([] { return false; }, Clock::now() + std::chrono::milliseconds(500));
    const Memory now = memory(server);
    still = std::labs(now.rss_kb - last.rss_kb) * 500 <= last.rss_kb ? still + 1 : 0;
    last = now;
  }
  return last;
}

void report_growth(Report& report, const Memory& before, const Memory& after, long sessions) {
  const auto each = [&](long from, long to) { return static_cast<double>(to - from) / static_cast<double>(sessions); };
  report.add("rss_before_kb", before.rss_kb);
  report.add("rss_after_kb", after.rss_kb);
  report.add("rss_kb_per_session", each(before.rss_kb, after.rss_kb));
  if (after.pss_kb > 0) report.add("pss_kb_per_session", each(before.pss_kb, after.pss_kb));
}

}  // namespace confab::load
