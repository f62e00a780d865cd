// A Loop on a thread of its own, in real time: for what shards do to each other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/loop.h"

namespace confab::testing {

// Runs from start() until stop(), which lets nothing wait that was posted before. Lives on: post from anywhere; after
// and now on its thread.
class ThreadLoop final : public Loop {
 public:
  ~ThreadLoop() override { stop(); }

  void post(Task task) override {
    const std::lock_guard hold(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
  void after(milliseconds delay, Task task) override {
    timers_.emplace(now().mono.ms + delay.count(), std::move(task));
  }
  Now now() const override {
    const auto span = std::chrono::steady_clock::now().time_since_epoch();
    const std::int64_t ms = std::chrono::duration_cast<milliseconds>(span).count();
    return {{ms}, {ms}};
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop() {
    {
      const std::lock_guard hold(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    while (true) {
      std::vector<Task> batch;
      {
        std::unique_lock hold(mutex_);
        wake_.wait_for(hold, milliseconds(20), [this] { return stopping_ || !tasks_.empty(); });
        if (stopping_ && tasks_.empty()) return;
        batch.swap(tasks_);
      }
      for (Task& task : batch) task();
      while (!timers_.empty() && timers_.begin()->first <= now().mono.ms) {
        auto due = timers_.extract(timers_.begin());
        due.mapped()();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> tasks_;
  bool stopping_ = false;
  std::multimap<std::int64_t, Task> timers_;
  std::thread thread_;
};

}  // namespace confab::testing
