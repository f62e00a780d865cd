// The port to a thread's event loop: net's shard implements it over Asio, the simulator over virtual time.
#pragma once

#include "base/function.h"
#include "base/time.h"

namespace confab {

// One thread's queue of work and its clock. Lives on: the object anywhere; what it runs, on its thread.
class Loop {
 public:
  virtual ~Loop() = default;

  // Runs `task` on the loop's thread, in the order of posting per posting thread. From any thread.
  virtual void post(Task task) = 0;

  // Runs `task` once, not before `delay` has passed. On the loop's thread only. There is no cancelling: a task that may
  // be late checks whether it is still wanted (timers in great numbers belong in a TimerWheel).
  virtual void after(milliseconds delay, Task task) = 0;

  // The time as of this turn of the loop. On the loop's thread only.
  virtual Now now() const = 0;
};

}  // namespace confab
