// A pool that works at once, on "record of PASSWORD".
#pragma once

#include <string>
#include <vector>

#include "engine/ports.h"

namespace confab::testing {

// Lives on: one thread.
class FakePasswords final : public engine::Passwords {
 public:
  bool crowded = false;  // too many wait
  bool held = false;     // new passwords wait for release()
  std::vector<Uid> verified, forgotten;

  static std::string record_of(const std::string& password) { return "record of " + password; }

  void verify(Uid uid, std::string credentials, std::string password, Loop& loop,
              UniqueFunction<void(Result<bool>)> done) override {
    verified.push_back(uid);
    Result<bool> right = uid != 0 && credentials == record_of(password);
    if (crowded) right = fail(Errc::too_fast, "too many logins wait");
    loop.post([done = std::move(done), right]() mutable { done(right); });
  }
  void derive(std::string, std::string password, Loop& loop, UniqueFunction<void(Result<std::string>)> done) override {
    if (held) {
      waiting_.push_back(
          [this, password, &loop, done = std::move(done)]() mutable { derive({}, password, loop, std::move(done)); });
      return;
    }
    Result<std::string> record = record_of(password);
    if (crowded) record = fail(Errc::too_fast, "too many passwords wait");
    loop.post([done = std::move(done), record = std::move(record)]() mutable { done(std::move(record)); });
  }
  void release() {
    held = false;
    for (Task& work : std::exchange(waiting_, {})) work();
  }
  std::string decoy(const std::string& name) override { return "decoy of " + name; }
  void forget(Uid uid) override { forgotten.push_back(uid); }

 private:
  std::vector<Task> waiting_;
};

}  // namespace confab::testing
