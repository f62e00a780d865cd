// Free topics on one shard: what the space there needs of the rest of the engine (src/topics).
#pragma once

#include <optional>
#include <vector>

#include "base/loop.h"
#include "engine/ports.h"
#include "session/domain.h"
#include "topics/space.h"

namespace confab::engine {

class Node;

// Lives on: its loop's thread.
class TopicShard final : public topics::Ground {
 public:
  TopicShard(Node& node, std::uint32_t index, Loop& loop, session::Connections& connections);

  // What connections ask is done in a later task of the loop, never inside the call, in order.
  void submit(session::ConnectionId from, session::RequestId request, core::Command command);
  void closed(session::ConnectionId connection);

  topics::Space& space() { return space_; }
  Loop& loop() { return loop_; }
  // While nothing runs yet: what the spaces tell each other is done at once.
  void set_starting(bool starting) { starting_ = starting; }

  void deliver(topics::Link to, const core::TopicDelivery& delivery) override;
  void reply(topics::Link to, topics::RequestId request, const core::Reply& reply) override;
  void end(topics::Link connection) override;
  bool owns(const std::string& client) const override;
  void post(std::uint32_t shard, UniqueFunction<void(topics::Space&)> task) override;
  void after(milliseconds delay, Task task) override { loop_.after(delay, std::move(task)); }
  Now now() const override { return loop_.now(); }
  std::uint64_t next_stamp() override;
  topics::Totals totals() const override;
  void commit(std::vector<core::Change> changes, UniqueFunction<void(Result<>)> done) override;
  void read_log(core::TopicSeq after, std::size_t rows, std::size_t bytes,
                UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) override;

 private:
  struct Queued {
    topics::Link from = 0;
    session::RequestId request = 0;
    std::optional<core::Command> command;  // none: the connection is gone
  };

  void schedule();
  void drain();

  Node& node_;
  std::uint32_t index_;
  Loop& loop_;
  session::Connections& connections_;
  topics::Space space_;
  bool starting_ = false;
  bool scheduled_ = false;
  std::vector<Queued> queue_, running_;
};

}  // namespace confab::engine
