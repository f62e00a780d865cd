#include "base/timer_wheel.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <vector>

using namespace confab;

namespace {

struct Probe : Timer {
  Probe() : Timer([](Timer& t) { static_cast<Probe&>(t).fired(); }) {}
  void fired() {
    ++count;
    at = clock->ms;
    if (kills != nullptr) kills->disarm();
    if (again.count() > 0) wheel->arm(*this, *clock + again);
  }
  TimerWheel* wheel = nullptr;
  const MonoMs* clock = nullptr;
  Probe* kills = nullptr;
  milliseconds again{0};
  int count = 0;
  std::int64_t at = -1;
};

struct Fixture {
  MonoMs now{1'000'003};
  TimerWheel wheel{now};
  Probe& make(std::int64_t delay) {
    auto& probe = *probes.emplace_back(std::make_unique<Probe>());
    probe.wheel = &wheel;
    probe.clock = &now;
    wheel.arm(probe, now + milliseconds(delay));
    return probe;
  }
  // As a loop does it: sleeps until next() and no longer.
  void run_until(std::int64_t end) {
    for (auto next = wheel.next(); next && next->ms <= end; next = wheel.next()) {
      if (next->ms > now.ms) now = *next;
      wheel.advance(now);
    }
    now.ms = end;
    wheel.advance(now);
  }
  std::vector<std::unique_ptr<Probe>> probes;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a timer fires once, never early, less than a tick late, at any distance") {
  const std::int64_t start = now.ms;
  std::vector<std::int64_t> delays;
  std::uint64_t seed = 42;
  for (int i = 0; i < 4000; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t span = std::uint64_t{1} << (4 + i % 28);
    delays.push_back(static_cast<std::int64_t>((seed >> 20) % span));
    make(delays.back());
  }
  run_until(start + (std::int64_t{1} << 32));
  for (std::size_t i = 0; i < delays.size(); ++i) {
    REQUIRE(probes[i]->count == 1);
    REQUIRE(probes[i]->at >= start + delays[i]);
    REQUIRE(probes[i]->at <= start + delays[i] + 2 * TimerWheel::kTick.count());
  }
  CHECK_FALSE(wheel.next().has_value());
}

TEST_CASE_FIXTURE(Fixture, "a clock that jumps fires everything it passed, in one call") {
  make(10), make(5'000), make(300'000), make(20'000'000), make(2'000'000'000);
  now.ms += 3'000'000'000;
  wheel.advance(now);
  for (const auto& probe : probes) CHECK(probe->count == 1);
}

TEST_CASE_FIXTURE(Fixture, "disarmed and destroyed timers do not fire, and an armed one can be moved") {
  Probe& off = make(500);
  make(500);
  Probe& moved = make(500);
  off.disarm();
  probes[1].reset();
  wheel.arm(moved, now + milliseconds(100'000));
  run_until(now.ms + 50'000);
  CHECK(off.count == 0);
  CHECK(moved.count == 0);
  run_until(now.ms + 60'000);
  CHECK(moved.count == 1);
}

TEST_CASE_FIXTURE(Fixture, "what fires may disarm its neighbour and arm itself again") {
  Probe& first = make(100);
  Probe& second = make(100);
  first.kills = &second;
  first.again = milliseconds(1000);
  run_until(now.ms + 10'500);
  CHECK(second.count == 0);
  CHECK(first.count >= 10);
  CHECK(first.count <= 11);
}

TEST_CASE_FIXTURE(Fixture, "nothing to wake up for while nothing is armed, and a far timer costs few wakings") {
  CHECK_FALSE(wheel.next().has_value());
  Probe& far = make(24 * 3600 * 1000);
  int wakings = 0;
  while (far.count == 0) {
    now = *wheel.next();
    wheel.advance(now);
    ++wakings;
  }
  CHECK(wakings <= 4);
}
