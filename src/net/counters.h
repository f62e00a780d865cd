// What a shard counts. Written on the shard, read anywhere.
#pragma once

#include <array>
#include <cstddef>

#include "base/metrics.h"
#include "session/session.h"

namespace confab::net {

constexpr std::size_t kCloseReasons = static_cast<std::size_t>(session::CloseReason::violation) + 1;

// The word of `reason` in metrics and logs.
const char* name_of(session::CloseReason reason);

struct Counters {
  Counter accepted;      // connections that were taken in (counted on the accepting shard)
  Counter refused;       // closed at accept: over a limit (likewise)
  Counter accept_waits;  // times that accepting paused for want of descriptors or memory (likewise)
  Counter opened;        // connections that began on this shard
  Counter open;          // connections now
  Counter kept;          // sessions without a connection now
  Counter taken_over;    // sessions that continued on another connection
  Counter moved_in;      // connections that came from another shard
  Counter handshakes;    // TLS handshakes done
  Counter bytes_in;      // as sessions see them: inside TLS
  Counter bytes_out;
  Counter turns;  // of the loop
  std::array<Counter, kCloseReasons> closed;
};

}  // namespace confab::net
