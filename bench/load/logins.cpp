// logins: how often a server can be logged in to.
#include <memory>
#include <vector>

#include "crowd.h"
#include "run.h"

namespace confab::load {
namespace {

// Keeps `parallel` clients logging in; each closes as soon as its resource is bound.
class Visitors {
 public:
  Visitors(Poller& poller, Site& site, long users, long parallel)
      : poller_(poller), site_(site), users_(users), parallel_(parallel) {}

  // Empty, or the first failure.
  std::string run(long count, Clock::time_point limit) {
    logged_in_ = started_ = 0;
    const bool done = poller_.run_until([&] { return go_on(count); }, limit);
    return !failure_.empty() || done ? failure_ : "too slow: " + std::to_string(logged_in_) + " logins";
  }

  void report(Report& to, double seconds) {
    to.add("logins", logged_in_);
    to.add("run_seconds", seconds);
    to.add("logins_per_second", static_cast<double>(logged_in_) / seconds);
    latencies_.report(to);
  }
  void forget_latencies() { latencies_ = {}; }
  long logged_in() const { return logged_in_; }

 private:
  struct Visit {
    std::unique_ptr<Client> client;
    Clock::time_point began;
  };

  bool go_on(long count) {
    std::erase_if(visits_, [&](Visit& visit) { return is_over(visit); });
    while (started_ < count && failure_.empty() && static_cast<long>(visits_.size()) < parallel_) {
      const Account account = site_.account(started_ % users_, "l" + std::to_string(started_ % parallel_));
      visits_.push_back({std::make_unique<Client>(poller_, site_, account), Clock::now()});
      ++started_;
      visits_.back().client->open();
    }
    return !failure_.empty() || (started_ == count && visits_.empty());
  }

  bool is_over(Visit& visit) {
    Client& client = *visit.client;
    if (client.state() == Client::State::ready) {
      ++logged_in_;
      const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - visit.began);
      latencies_.add(static_cast<std::uint32_t>(taken.count()));
      client.end();
    }
    if (client.state() == Client::State::failed && failure_.empty()) failure_ = client.failure();
    return client.state() == Client::State::failed || client.state() == Client::State::closed;
  }

  Poller& poller_;
  Site& site_;
  long users_ = 0;
  long parallel_ = 0;
  long started_ = 0;
  long logged_in_ = 0;
  std::string failure_;
  std::vector<Visit> visits_;
  Latencies latencies_;
};

}  // namespace

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
  Visitors visitors(poller, site, users, parallel);
  // Once by every user, so that no PBKDF2 is computed while it counts.
  if (const std::string why = visitors.run(users, limit); !why.empty()) return fail_run(why);
  visitors.forget_latencies();
  const double cpu = cpu_seconds(server);
  const double own = own_cpu_seconds();
  const Clock::time_point began = Clock::now();
  if (const std::string why = visitors.run(count, limit); !why.empty()) return fail_run(why);

  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  const double per_100k = 1e5 / static_cast<double>(visitors.logged_in());
  Report report;
  report.add("command", "logins");
  visitors.report(report, seconds);
  if (!server.empty()) report.add("server_cpu_s_per_100k", (cpu_seconds(server) - cpu) * per_100k);
  report.add("load_cpu_s_per_100k", (own_cpu_seconds() - own) * per_100k);
  return print(report, json);
}

}  // namespace confab::load
