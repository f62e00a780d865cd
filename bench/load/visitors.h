// Clients that log in and leave again, a number of them at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client.h"
#include "report.h"

namespace confab::load {

// Keeps `parallel` clients logging in; each leaves as soon as it is ready. `AnyClient`: Client or MqttClient.
template <class AnyClient>
class Visitors {
 public:
  using Site = typename AnyClient::SiteType;

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
    std::unique_ptr<AnyClient> client;
    Clock::time_point began;
  };

  bool go_on(long count) {
    std::erase_if(visits_, [&](Visit& visit) { return is_over(visit); });
    while (started_ < count && failure_.empty() && static_cast<long>(visits_.size()) < parallel_) {
      const Account account = site_.account(started_ % users_, "l" + std::to_string(started_ % parallel_));
      visits_.push_back({std::make_unique<AnyClient>(poller_, site_, account), Clock::now()});
      ++started_;
      visits_.back().client->open();
    }
    return !failure_.empty() || (started_ == count && visits_.empty());
  }

  bool is_over(Visit& visit) {
    AnyClient& client = *visit.client;
    if (client.state() == ClientState::ready) {
      ++logged_in_;
      const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - visit.began);
      latencies_.add(static_cast<std::uint32_t>(taken.count()));
      client.end();
    }
    if (client.state() == ClientState::failed && failure_.empty()) failure_ = client.failure();
    return client.state() == ClientState::failed || client.state() == ClientState::closed;
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

}  // namespace confab::load
