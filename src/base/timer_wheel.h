// Timers in great numbers: a hierarchical wheel whose entries are members of whoever waits for them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace confab {

class TimerWheel;

struct TimerLink {
  TimerLink* previous = nullptr;
  TimerLink* next = nullptr;
};

// One deadline, a member or base of the object that waits. Disarms itself when destroyed.
// Lives on: the thread of the wheel it is armed in.
class Timer : private TimerLink {
 public:
  using Fire = void (*)(Timer& timer);

  // `fire` gets the timer itself, disarmed already: it may arm it again or destroy it.
  explicit Timer(Fire fire) : fire_(fire) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { disarm(); }

  bool armed() const { return wheel_ != nullptr; }
  MonoMs due() const { return due_; }  // of the last arming
  void disarm();

 private:
  friend class TimerWheel;

  Fire fire_;
  TimerWheel* wheel_ = nullptr;
  MonoMs due_;
  std::uint16_t slot_ = 0;
};

// Fires timers never before their time and less than one tick after it, given that advance() is called. Arming,
// disarming and firing cost the same however many timers there are; nothing is allocated. Lives on: one thread.
class TimerWheel {
 public:
  static constexpr milliseconds kTick{64};

  explicit TimerWheel(MonoMs now);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();

  // Moves a timer that is armed already.
  void arm(Timer& timer, MonoMs due);

  // Fires everything that is due, in order of ticks. What is armed meanwhile fires at a later tick.
  void advance(MonoMs now);

  // When advance() has something to do next (to fire, or to sort what is far away); none: nothing is armed.
  std::optional<MonoMs> next() const;

 private:
  friend class Timer;
  static constexpr int kLevels = 4;
  static constexpr unsigned kBits = 6;
  static constexpr std::uint64_t kSlots = 1U << kBits;

  void link(Timer& timer, std::uint64_t tick);
  void unlink(Timer& timer);
  void cascade(int level);
  void fire_slot();
  std::uint64_t next_tick() const;  // kNever: nothing is armed

  std::uint64_t tick_;  // everything up to this one has fired
  std::array<std::uint64_t, kLevels> used_{};
  std::array<TimerLink, kLevels * kSlots> slots_;
};

}  // namespace confab
