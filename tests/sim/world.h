// The simulator's time and chance: one thread, one queue of what happens next, everything drawn from one seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

#include "base/loop.h"

namespace confab::sim {

// xorshift64*: small, and the same on every machine.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed * 2654435769U + 88172645463325252ULL) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t end) { return next() % end; }
  bool percent(unsigned p) { return below(100) < p; }

 private:
  std::uint64_t state_;
};

// Virtual time in microseconds. The wall clock jumps and drifts against it when a fault says so.
class World {
 public:
  explicit World(std::uint64_t seed) : chance(seed) {}

  Chance chance;
  std::int64_t now_us = 0;
  std::int64_t wall_offset_ms = 1'795'000'000'000;
  std::uint64_t trace = 1469598103934665603ULL;  // of everything that happened: equal seeds, equal traces

  Now now() const { return {{wall_offset_ms + now_us / 1000}, {now_us / 1000}}; }
  void at(std::int64_t due_us, Task task) {
    queue_.emplace(std::pair(std::max(due_us, now_us), ++order_), std::move(task));
  }
  void run_until(std::int64_t until_us);
  void note(std::string_view what);

 private:
  std::map<std::pair<std::int64_t, std::uint64_t>, Task> queue_;
  std::uint64_t order_ = 0;
};

// A loop in virtual time. What it was given is dropped when it dies, as a process's work is by kill -9.
class SimLoop final : public Loop {
 public:
  explicit SimLoop(World& world) : world_(world) {}
  ~SimLoop() override { *alive_ = false; }

  void post(Task task) override;
  void after(milliseconds delay, Task task) override;
  Now now() const override { return world_.now(); }

  // Called after each task: the end of a loop's turn.
  std::function<void()> on_turn_end;

 private:
  void schedule(std::int64_t due_us, Task task);

  World& world_;
  std::int64_t last_post_us_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace confab::sim
