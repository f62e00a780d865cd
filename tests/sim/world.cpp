#include "sim/world.h"

#include <algorithm>

namespace confab::sim {

std::uint64_t Chance::next() {
  state_ ^= state_ >> 12U;
  state_ ^= state_ << 25U;
  state_ ^= state_ >> 27U;
  return state_ * 2685821657736338717ULL;
}

void World::run_until(std::int64_t until_us) {
  while (!queue_.empty() && queue_.begin()->first.first <= until_us) {
    auto next = queue_.extract(queue_.begin());
    now_us = std::max(now_us, next.key().first);
    next.mapped()();
  }
  now_us = std::max(now_us, until_us);
}

void World::note(std::string_view what) {
  for (const char c : what) trace = (trace ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  trace = (trace ^ static_cast<std::uint64_t>(now_us)) * 1099511628211ULL;
}

// Posted tasks keep their order on one loop; how the loops interleave is chance.
void SimLoop::post(Task task) {
  last_post_us_ = std::max(last_post_us_, world_.now_us + static_cast<std::int64_t>(world_.chance.below(50)));
  schedule(last_post_us_, std::move(task));
}

void SimLoop::after(milliseconds delay, Task task) {
  schedule(world_.now_us + delay.count() * 1000, std::move(task));
}

void SimLoop::schedule(std::int64_t due_us, Task task) {
  world_.at(due_us, [this, alive = alive_, task = std::move(task)]() mutable {
    if (!*alive) return;
    task();
    if (*alive && on_turn_end) on_turn_end();
  });
}

}  // namespace confab::sim
