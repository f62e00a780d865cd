// A Loop whose tasks run when the test says so, in virtual time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "base/loop.h"

namespace confab::testing {

// Lives on: post from anywhere; the rest on the one thread that runs the test.
class ManualLoop final : public Loop {
 public:
  void post(Task task) override {
    const std::lock_guard hold(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
  void after(milliseconds delay, Task task) override { timers_.emplace(now_.mono.ms + delay.count(), std::move(task)); }
  Now now() const override { return now_; }

  // Runs everything that was posted, and what that posts. How many tasks.
  std::size_t run() {
    std::size_t count = 0;
    while (run_one()) ++count;
    return count;
  }

  // Runs tasks until `ready`; waits for those that other threads post. false: not within `limit` of real time.
  template <class Ready>
  bool run_until(Ready ready, std::chrono::seconds limit = std::chrono::seconds(30)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!ready()) {
      if (run_one()) continue;
      std::unique_lock hold(mutex_);
      if (!wake_.wait_until(hold, end, [this] { return !tasks_.empty(); })) return false;
    }
    return true;
  }

  // Moves the clocks on, and runs the timers that are due, in order.
  void advance(milliseconds span) {
    const std::int64_t end = now_.mono.ms + span.count();
    run();
    while (!timers_.empty() && timers_.begin()->first <= end) {
      auto due = timers_.extract(timers_.begin());
      move_to(std::max(due.key(), now_.mono.ms));
      due.mapped()();
      run();
    }
    move_to(end);
  }

 private:
  bool run_one() {
    Task task;
    {
      const std::lock_guard hold(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  void move_to(std::int64_t mono) {
    now_.wall.ms += mono - now_.mono.ms;
    now_.mono.ms = mono;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  std::multimap<std::int64_t, Task> timers_;
  Now now_{{1'795'166'336'000}, {0}};
};

}  // namespace confab::testing
