// What a topic space counts. Written on its shard, read anywhere.
#pragma once

#include "base/metrics.h"

namespace confab::topics {

struct Counters {
  Counter sessions;        // now, with and without a connection
  Counter connected;       // of them, those with one
  Counter subscriptions;   // now
  Counter received;        // messages published here
  Counter sent;            // messages handed to sessions
  Counter bytes_received;  // of names and payloads
  Counter bytes_sent;
  Counter logged;          // messages that had to be kept for somebody
  Counter refused;         // messages over a limit
  Counter expired;         // messages that were not sent because their time was over
  Counter unstored;        // messages that the store did not take
  Counter retained;        // messages, now; the same on every shard
  Counter retained_bytes;  // likewise
};

}  // namespace confab::topics
