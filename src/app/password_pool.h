// The threads that check and derive passwords beside the shards.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "auth/recent_passwords.h"
#include "auth/site_key.h"
#include "engine/ports.h"

namespace confab::app {

struct PasswordPoolOptions {
  std::string domain;  // prepared: the digest's realm, and the domain of the account HA1 is bound to
  int iterations = 10000;
  bool sip_digest = true;
  std::size_t threads = 0;  // 0: half of the cores, at least one
  std::size_t queue = 1000;
  std::size_t recent = 100000;  // accounts whose last verified password is remembered, as a keyed digest
};

// Lives on: called from anywhere; works on its own threads. Destroyed before the loops it was given.
class PasswordPool final : public engine::Passwords {
 public:
  // `random` is called under a lock. The key also makes the decoys' salts, so it is wanted without sip_digest too.
  PasswordPool(PasswordPoolOptions options, auth::SiteKey key, RandomBytes random);
  ~PasswordPool() override;  // works that wait are answered with closed
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  void verify(Uid uid, std::string credentials, std::string password, Loop& loop,
              UniqueFunction<void(Result<bool>)> done) override;
  void derive(std::string name, std::string password, Loop& loop,
              UniqueFunction<void(Result<std::string>)> done) override;
  std::string decoy(const std::string& name) override;
  void forget(Uid uid) override;

  std::size_t waiting() const;        // for metrics
  std::uint64_t refused() const;      // works turned away because too many waited
  std::uint64_t recent_hits() const;  // verified without hashing

 private:
  struct Work {
    Task run;
    Task refuse;
  };

  void submit(Work work);
  void serve();
  bool verify_now(Uid uid, const std::string& credentials, const std::string& password);
  Result<std::string> derive_now(const std::string& name, const std::string& password);

  const PasswordPoolOptions options_;
  const auth::SiteKey key_;

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::deque<Work> works_;
  bool stopping_ = false;
  std::uint64_t refused_ = 0;

  mutable std::mutex recent_mutex_;
  RandomBytes random_;
  auth::RecentPasswords recent_;
  std::uint64_t recent_hits_ = 0;

  std::vector<std::thread> threads_;
};

}  // namespace confab::app
