#include "base/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace confab {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

// The first tick at which `at` has passed: rounded up, so that nothing fires early.
std::uint64_t tick_of(MonoMs at) {
  const auto width = TimerWheel::kTick.count();
  return at.ms <= 0 ? 0 : static_cast<std::uint64_t>((at.ms + width - 1) / width);
}
std::uint64_t passed_ticks(MonoMs now) {
  return now.ms <= 0 ? 0 : static_cast<std::uint64_t>(now.ms / TimerWheel::kTick.count());
}

}  // namespace

void Timer::disarm() {
  if (wheel_ != nullptr) wheel_->unlink(*this);
}

TimerWheel::TimerWheel(MonoMs now) : tick_(passed_ticks(now)) {
  for (TimerLink& slot : slots_) slot.previous = slot.next = &slot;
}

TimerWheel::~TimerWheel() {
  for (TimerLink& slot : slots_) {
    while (slot.next != &slot) unlink(static_cast<Timer&>(*slot.next));
  }
}

void TimerWheel::arm(Timer& timer, MonoMs due) {
  timer.disarm();
  timer.due_ = due;
  link(timer, std::max(tick_of(due), tick_ + 1));
}

// A slot of level n spans 64^n ticks. What is further away than the last level reaches waits at its far end.
void TimerWheel::link(Timer& timer, std::uint64_t tick) {
  constexpr std::uint64_t kReach = std::uint64_t{1} << (kBits * kLevels);
  tick = std::min(tick, tick_ + kReach - 1);
  const std::uint64_t distance = tick - tick_;
  unsigned level = 0;
  while (distance >> (kBits * (level + 1)) != 0) ++level;
  const std::uint64_t slot = (tick >> (kBits * level)) % kSlots;
  used_[level] |= std::uint64_t{1} << slot;
  timer.slot_ = static_cast<std::uint16_t>(level * kSlots + slot);
  timer.wheel_ = this;
  TimerLink& head = slots_[timer.slot_];
  timer.previous = head.previous;
  timer.next = &head;
  head.previous->next = &timer;
  head.previous = &timer;
}

void TimerWheel::unlink(Timer& timer) {
  timer.previous->next = timer.next;
  timer.next->previous = timer.previous;
  timer.wheel_ = nullptr;
  const TimerLink& head = slots_[timer.slot_];
  if (head.next == &head) used_[timer.slot_ / kSlots] &= ~(std::uint64_t{1} << (timer.slot_ % kSlots));
}

std::uint64_t TimerWheel::next_tick() const {
  std::uint64_t earliest = kNever;
  for (unsigned level = 0; level < kLevels; ++level) {
    if (used_[level] == 0) continue;
    // A slot that is the current one again comes up after a whole turn: distances are 1 to 64.
    const std::uint64_t here = tick_ >> (kBits * level);
    const std::uint64_t ahead = std::rotr(used_[level], static_cast<int>((here + 1) % kSlots));
    const std::uint64_t distance = static_cast<std::uint64_t>(std::countr_zero(ahead)) + 1;
    earliest = std::min(earliest, (here + distance) << (kBits * level));
  }
  return earliest;
}

std::optional<MonoMs> TimerWheel::next() const {
  const std::uint64_t tick = next_tick();
  if (tick == kNever) return std::nullopt;
  return MonoMs{static_cast<std::int64_t>(tick) * kTick.count()};
}

void TimerWheel::cascade(int level) {
  const auto l = static_cast<unsigned>(level);
  const std::uint64_t slot = (tick_ >> (kBits * l)) % kSlots;
  TimerLink& head = slots_[l * kSlots + slot];
  TimerLink* at = head.next;
  head.previous = head.next = &head;
  used_[l] &= ~(std::uint64_t{1} << slot);
  while (at != &head) {
    Timer& timer = static_cast<Timer&>(*at);
    at = at->next;
    link(timer, std::max(tick_of(timer.due_), tick_));
  }
}

void TimerWheel::fire_slot() {
  const std::uint64_t slot = tick_ % kSlots;
  TimerLink& head = slots_[slot];
  used_[0] &= ~(std::uint64_t{1} << slot);
  if (head.next == &head) return;
  // Taken out as a list of its own: what fires may disarm its neighbours, and what it arms must wait for its tick.
  TimerLink due{head.previous, head.next};
  due.previous->next = due.next->previous = &due;
  head.previous = head.next = &head;
  while (due.next != &due) {
    Timer& timer = static_cast<Timer&>(*due.next);
    unlink(timer);
    timer.fire_(timer);
  }
}

void TimerWheel::advance(MonoMs now) {
  const std::uint64_t target = passed_ticks(now);
  for (std::uint64_t at = next_tick(); at <= target; at = next_tick()) {
    tick_ = at;
    for (int level = kLevels - 1; level > 0; --level) {
      const std::uint64_t mask = (std::uint64_t{1} << (kBits * static_cast<unsigned>(level))) - 1;
      if ((tick_ & mask) == 0) cascade(level);
    }
    fire_slot();
  }
  tick_ = std::max(tick_, target);
}

}  // namespace confab
