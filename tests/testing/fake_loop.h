// A loop in virtual time: nothing happens until the test says so.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "base/loop.h"
#include "base/timer_wheel.h"

namespace confab::testing {

class FakeLoop final : public Loop {
 public:
  void post(Task task) override { posted_.push_back(std::move(task)); }
  void after(milliseconds delay, Task task) override { later_.emplace(now_.mono.ms + delay.count(), std::move(task)); }
  Now now() const override { return now_; }

  // Runs what was posted until nothing is left.
  void run() {
    while (!posted_.empty()) {
      Task task = std::move(posted_.front());
      posted_.pop_front();
      task();
    }
  }
  // Moves both clocks on, and fires what is due on the way.
  void advance(milliseconds span, TimerWheel* wheel = nullptr) {
    now_.mono = now_.mono + span;
    now_.wall = now_.wall + span;
    while (!later_.empty() && later_.begin()->first <= now_.mono.ms) {
      Task task = std::move(later_.begin()->second);
      later_.erase(later_.begin());
      task();
    }
    if (wheel != nullptr) wheel->advance(now_.mono);
  }

 private:
  Now now_{{1'795'166'336'000}, {1'000'000}};
  std::deque<Task> posted_;
  std::multimap<std::int64_t, Task> later_;
};

}  // namespace confab::testing
