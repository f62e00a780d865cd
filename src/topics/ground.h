// What a topic space needs of where it lives: its connections, the other shards' spaces, the store, the clock.
#pragma once

#include <cstdint>
#include <vector>

#include "base/function.h"
#include "base/time.h"
#include "core/change.h"
#include "core/command.h"

namespace confab::topics {

class Space;

using Link = std::uint64_t;  // a connection of this shard; 0: none
using RequestId = std::uint32_t;

// Sums over all shards, for $SYS.
struct Totals {
  std::uint64_t sessions = 0, connected = 0, subscriptions = 0;
  std::uint64_t received = 0, sent = 0, bytes_received = 0, bytes_sent = 0;
};

// Lives on: the space's shard, and so does every call of it.
class Ground {
 public:
  virtual ~Ground() = default;

  // Nothing of the space is called before they have returned.
  virtual void deliver(Link to, const core::TopicDelivery& delivery) = 0;
  virtual void reply(Link to, RequestId request, const core::Reply& reply) = 0;
  // Another connection takes the session over. CloseTopicSession of this one follows, or closed().
  virtual void end(Link connection) = 0;

  // Whether the session of that client belongs on this shard.
  virtual bool owns(const std::string& client) const = 0;
  // Runs `task` with the space of that shard, on its thread, in the order of posting; on the own one in a later turn.
  virtual void post(std::uint32_t shard, UniqueFunction<void(Space&)> task) = 0;
  virtual void after(milliseconds delay, Task task) = 0;
  virtual Now now() const = 0;
  virtual std::uint64_t next_stamp() = 0;  // over all shards, rising
  virtual Totals totals() const = 0;

  // All of `changes`, or none. Commits are done in the order of the calls; rows are told by Space::on_rows before.
  virtual void commit(std::vector<core::Change> changes, UniqueFunction<void(Result<>)> done) = 0;
  // Rows of the log after `after`, oldest first, and at least one if there is one.
  virtual void read_log(core::TopicSeq after, std::size_t rows, std::size_t bytes,
                        UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) = 0;
};

}  // namespace confab::topics
