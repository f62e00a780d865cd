// What a shard's accounts count. Written on the shard, read anywhere.
#pragma once

#include "base/metrics.h"

namespace confab::engine {

struct Counters {
  Counter sessions;    // logged in now, those that linger or wait to be resumed too
  Counter opened;      // sessions ever
  Counter kept;        // events that went into logs
  Counter duplicates;  // repeats that were recognised
  Counter unstored;    // events that the store did not take
  Counter delivered;   // events handed to sessions
};

}  // namespace confab::engine
