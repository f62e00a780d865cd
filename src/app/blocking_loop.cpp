#include "app/blocking_loop.h"

#include <algorithm>
#include <chrono>

namespace confab::app {

Now read_clocks() {
  using namespace std::chrono;
  const auto wall = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  const auto mono = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
  return {WallMs{wall}, MonoMs{mono}};
}

void BlockingLoop::post(Task task) {
  // Notified under the lock: once it is released the waiting thread may end, and the loop with it.
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  changed_.notify_one();
}

void BlockingLoop::after(milliseconds delay, Task task) {
  timers_.push_back({now().mono + delay, std::move(task)});
}

Now BlockingLoop::now() const {
  return read_clocks();
}

void BlockingLoop::run_until(milliseconds limit, UniqueFunction<bool()> reached) {
  const MonoMs deadline = now().mono + limit;
  while (!reached()) {
    if (!run_one(deadline)) return;
  }
}

// Runs a task or a timer that is due, waiting for one. false: the deadline has passed first.
bool BlockingLoop::run_one(MonoMs deadline) {
  const MonoMs at = now().mono;
  const auto due =
      std::min_element(timers_.begin(), timers_.end(), [](const Timer& a, const Timer& b) { return a.at < b.at; });
  if (due != timers_.end() && due->at <= at) {
    Task task = std::move(due->task);
    timers_.erase(due);
    task();
    return true;
  }
  const MonoMs until = due == timers_.end() ? deadline : std::min(deadline, due->at);
  Task task;
  {
    std::unique_lock lock(mutex_);
    const auto arrived = [this] { return !tasks_.empty(); };
    if (!changed_.wait_for(lock, milliseconds(std::max<std::int64_t>(0, until.ms - at.ms)), arrived)) {
      return now().mono < deadline;
    }
    task = std::move(tasks_.front());
    tasks_.pop_front();
  }
  task();
  return true;
}

}  // namespace confab::app
