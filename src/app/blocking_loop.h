// A loop for a thread that wants its answers one after the other: the control socket's, and confabctl's own.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/loop.h"
#include "base/result.h"

namespace confab::app {

// post() from anywhere; wait() and what it runs on the one thread that owns the loop. It must outlive whoever was
// given it: answers may come after their wait() gave up. Lives on: one thread.
class BlockingLoop final : public Loop {
 public:
  void post(Task task) override;
  void after(milliseconds delay, Task task) override;
  Now now() const override;

  // Calls start(done) and runs the loop until done(Result<T>) was called. unavailable after `limit`.
  template <class T, class Start>
  Result<T> wait(milliseconds limit, Start start) {
    auto answer = std::make_shared<std::optional<Result<T>>>();
    start([answer](Result<T> result) { *answer = std::move(result); });
    run_until(limit, [&answer] { return answer->has_value(); });
    if (!answer->has_value()) return fail(Errc::unavailable, "no answer in time");
    return std::move(**answer);
  }

 private:
  struct Timer {
    MonoMs at;
    Task task;
  };

  void run_until(milliseconds limit, UniqueFunction<bool()> reached);
  bool run_one(MonoMs deadline);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;     // guarded by mutex_
  std::vector<Timer> timers_;  // the owner's thread only
};

// Both clocks, read now. The one place below main where they are asked.
Now read_clocks();

}  // namespace confab::app
