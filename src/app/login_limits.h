// Counts failed logins per address and per account, and says how long the next answer must wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "session/login_limits.h"

namespace confab::app {

// Failures count for five minutes. From the limit on, each one more doubles the wait: 1 s, 2 s, 4 s, up to 30 s.
// Bounded: beyond `capacity` names the one that failed longest ago is forgotten. Lives on: anywhere; one mutex.
class FailedLogins final : public session::LoginLimits {
 public:
  using Clock = std::function<MonoMs()>;

  // `failures` 0 lifts the limit.
  FailedLogins(std::int64_t failures, Clock clock, std::size_t capacity = 100000);

  // From now on; what was counted stays. From anywhere.
  void set_limit(std::int64_t failures) { limit_ = failures; }

  milliseconds delay(std::string_view peer_address, std::string_view account) override;
  void failed(std::string_view peer_address, std::string_view account) override;
  // Clears the account's count, not the address's: or a guesser could clear it with an account of his own.
  void succeeded(std::string_view peer_address, std::string_view account) override;

  std::size_t size() const;        // for metrics
  std::uint64_t failures() const;  // since the start, for metrics

 private:
  struct Count {
    std::string key;
    MonoMs since;  // of the first failure of the five minutes
    MonoMs last;
    std::int64_t failures = 0;
  };

  void count(std::string key, MonoMs now);
  milliseconds delay_of(const std::string& key, MonoMs now);

  std::atomic<std::int64_t> limit_;
  const Clock clock_;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::list<Count> counts_;  // latest failure first
  std::unordered_map<std::string, std::list<Count>::iterator> by_key_;
  std::uint64_t failures_ = 0;
};

}  // namespace confab::app
