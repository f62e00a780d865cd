#include "app/login_limits.h"

#include <algorithm>

#include "base/log.h"

namespace confab::app {
namespace {

constexpr milliseconds kWindow = std::chrono::minutes(5);
constexpr milliseconds kFirstDelay = seconds(1);
constexpr milliseconds kLongestDelay = seconds(30);

// One table holds both kinds; no address begins with the other's letter.
std::string address_key(std::string_view address) {
  return "a" + std::string(address);
}
std::string account_key(std::string_view account) {
  return "n" + std::string(account.substr(0, 1023));
}

}  // namespace

FailedLogins::FailedLogins(std::int64_t failures, Clock clock, std::size_t capacity)
    : limit_(failures), clock_(std::move(clock)), capacity_(std::max<std::size_t>(2, capacity)) {}

milliseconds FailedLogins::delay(std::string_view peer_address, std::string_view account) {
  if (limit_ == 0) return milliseconds(0);
  const MonoMs now = clock_();
  const std::lock_guard lock(mutex_);
  return std::max(delay_of(address_key(peer_address), now), delay_of(account_key(account), now));
}

void FailedLogins::failed(std::string_view peer_address, std::string_view account) {
  const MonoMs now = clock_();
  log::info("app", "login_failed", {{"peer", peer_address}, {"user", account}});
  const std::lock_guard lock(mutex_);
  ++failures_;
  if (limit_ == 0) return;
  count(address_key(peer_address), now);
  if (!account.empty()) count(account_key(account), now);
}

void FailedLogins::succeeded(std::string_view, std::string_view account) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(account_key(account));
  if (found == by_key_.end()) return;
  counts_.erase(found->second);
  by_key_.erase(found);
}

void FailedLogins::count(std::string key, MonoMs now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    Count& known = *found->second;
    if (known.since + kWindow <= now) {
      // Whoever went on beyond the limit starts the next five minutes just below it, not with a clean slate.
      known.failures = known.last + kWindow <= now ? 0 : std::min<std::int64_t>(known.failures, limit_ - 1);
      known.since = now;
    }
    ++known.failures;
    known.last = now;
    counts_.splice(counts_.begin(), counts_, found->second);
    return;
  }
  if (counts_.size() >= capacity_) {
    by_key_.erase(counts_.back().key);
    counts_.pop_back();
  }
  counts_.push_front({key, now, now, 1});
  by_key_.emplace(std::move(key), counts_.begin());
}

milliseconds FailedLogins::delay_of(const std::string& key, MonoMs now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return milliseconds(0);
  const Count& known = *found->second;
  if (known.last + kWindow <= now) {
    counts_.erase(found->second);
    by_key_.erase(found);
    return milliseconds(0);
  }
  if (known.failures < limit_) return milliseconds(0);
  const std::int64_t doublings = std::min<std::int64_t>(known.failures - limit_, 5);
  return std::min(kLongestDelay, kFirstDelay * (std::int64_t{1} << doublings));
}

std::size_t FailedLogins::size() const {
  const std::lock_guard lock(mutex_);
  return counts_.size();
}
std::uint64_t FailedLogins::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

}  // namespace confab::app
