// Time as a value. Nobody below `app` asks a clock: `now` always comes as a parameter.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace confab {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Wall time: milliseconds since 1970-01-01 UTC. What people see and what the store keeps.
struct WallMs {
  std::int64_t ms = 0;
  auto operator<=>(const WallMs&) const = default;
};
inline WallMs operator+(WallMs at, milliseconds span) {
  return {at.ms + span.count()};
}
inline WallMs operator-(WallMs at, milliseconds span) {
  return {at.ms - span.count()};
}

// Monotonic time of one process: milliseconds since some start. For timers and rates; never stored.
struct MonoMs {
  std::int64_t ms = 0;
  auto operator<=>(const MonoMs&) const = default;
};
inline MonoMs operator+(MonoMs at, milliseconds span) {
  return {at.ms + span.count()};
}

// Both readings of one moment.
struct Now {
  WallMs wall;
  MonoMs mono;
};

// "2026-11-20T09:15:00.123Z" (RFC 3339, and XEP-0082 §3.2); with `micros`, 1 to 999, six digits of a second.
std::string format_utc(WallMs at, unsigned micros = 0);
// Reads XEP-0082 §3.2's DateTime, with any fraction and any offset. nullopt: it is none.
std::optional<WallMs> parse_utc(std::string_view text);

}  // namespace confab
