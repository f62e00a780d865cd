// The one epoll loop of a run. What is sent during a turn leaves at its end, one write per connection: a load generator
// that writes each stanza alone would mostly measure itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace confab::load {

using Clock = std::chrono::steady_clock;

// Something with a descriptor. Lives until the turn of the loop in which it was removed has ended.
class Watched {
 public:
  virtual ~Watched() = default;
  virtual void on_ready(std::uint32_t events) = 0;
  virtual void on_turn_end() {}
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int descriptor, std::uint32_t events, Watched& watched) const;
  void change(int descriptor, std::uint32_t events, Watched& watched) const;
  void remove(int descriptor) const;

  // `watched.on_turn_end` is called once when this turn ends.
  void at_turn_end(Watched& watched) { ending_.push_back(&watched); }
  void forget(Watched& watched);

  // One turn: waits at most so long for something to happen.
  void turn(std::chrono::milliseconds wait);

  // Turns until `done()`, or until `limit`. Whether it was done.
  template <class Done>
  bool run_until(Done done, Clock::time_point limit) {
    while (!done()) {
      if (Clock::now() >= limit) return false;
      turn(std::chrono::milliseconds(50));
    }
    return true;
  }

 private:
  void end_turn();

  int descriptor_ = -1;
  std::vector<Watched*> ending_;
};

}  // namespace confab::load
