// logins: how often a server can be logged in to.
#include "run.h"
#include "visitors.h"

namespace confab::load {

int run_logins(Options& options) {
  Site site = read_site(options);
  site.log_in_only = !options.flag("whole");
  site.roster = !site.log_in_only;
  const Processes server = read_processes(options);
  const long count = options.number("count", 2000);
  const long users = std::max(1L, options.number("users", 100));
  const long parallel = std::max(1L, options.number("parallel", 20));
  const Clock::time_point limit = Clock::now() + std::chrono::seconds(options.number("seconds", 60));
  const bool json = options.flag("json");
  if (const int refused = refuse_unknown(options); refused != 0) return refused;

  Poller poller;
  Visitors<Client> visitors(poller, site, users, parallel);
  // Once by every user, so that no PBKDF2 is computed while it counts.
  if (const std::string why = visitors.run(users, limit); !why.empty()) return fail_run(why);
  visitors.forget_latencies();
  const Meter meter(server);
  const Clock::time_point began = Clock::now();
  if (const std::string why = visitors.run(count, limit); !why.empty()) return fail_run(why);

  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  Report report;
  report.add("command", "logins");
  visitors.report(report, seconds);
  meter.report(report, visitors.logged_in(), seconds);
  return print(report, json);
}

}  // namespace confab::load
