// One thread with its event loop, its connections and its timers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/loop.h"
#include "base/timer_wheel.h"
#include "net/pumps.h"

namespace boost::asio {
class io_context;
}

namespace confab::net {

class Lingering;

// A turn: what became ready, what was posted, timers that are due; then every connection's output, once each.
// Lives on: the object anywhere; what it runs, on its thread. Outlives everybody who posts to it.
class Shard final : public Loop {
 public:
  Shard(std::uint32_t number, PumpLimits limits);
  ~Shard() override;

  void post(Task task) override;
  // From the thread of another shard it is that shard's timer: for sessions that moved.
  void after(milliseconds delay, Task task) override;
  // On no shard's thread: the clock itself.
  Now now() const override;

  void start();
  // Ends every session with CloseReason::shutdown; closes what is left after `deadline`. Then the thread ends.
  void stop(milliseconds deadline);
  void join();

  std::uint32_t number() const { return pumps_.shard(); }
  Pumps& pumps() { return pumps_; }  // on the shard's thread; serve() before start()
  const Counters& counters() const { return pumps_.counters(); }

  // ---- For the streams and listeners of this shard, on its thread. ----
  boost::asio::io_context& io();
  TimerWheel& wheel() { return wheel_; }
  std::span<std::byte> read_buffer() { return read_buffer_; }
  void linger(std::unique_ptr<Lingering> socket);
  bool stopping() const { return stopping_; }
  void sweep_soon() { sweep_due_ = true; }  // a Lingering is done

 private:
  struct Reactor;
  struct Delayed;

  void run();
  void turn();
  void run_posted();
  void arm_alarm();
  void begin_stop(milliseconds deadline);
  void sweep_lingering();

  std::unique_ptr<Reactor> reactor_;
  TimerWheel wheel_;
  Pumps pumps_;
  std::array<std::byte, 65536> read_buffer_;
  mutable Now now_;
  mutable bool now_is_old_ = true;
  bool stopping_ = false;
  bool aborted_ = false;
  bool sweep_due_ = false;
  MonoMs stop_at_;
  std::vector<std::unique_ptr<Lingering>> lingering_;
  std::list<std::unique_ptr<Delayed>> delayed_;
  std::vector<Task> running_;

  std::mutex mutex_;
  std::vector<Task> posted_;  // under mutex_
  bool sleeping_ = true;      // under mutex_: whoever posts first wakes the loop
  std::thread thread_;
};

// The loop of whichever shard's thread calls it: what a session keeps, since it may move. Lives on: shards' threads.
Loop& local_loop();

}  // namespace confab::net
