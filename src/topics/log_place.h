// Where a session, or a group that shares a subscription, stands in the log of what was published.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/topic.h"

namespace confab::topics {

// Rows are handed over in order and acknowledged in any. Who is not behind has been handed every row that is for him,
// and spends nothing on the others. Lives on: its owner's shard.
class LogPlace {
 public:
  using Seq = core::TopicSeq;

  LogPlace() = default;
  explicit LogPlace(Seq done) : next_(done + 1) {}

  bool is_behind() const { return waiting_ > 0; }
  std::uint32_t waiting() const { return waiting_; }  // rows that are for him and were not handed over
  Seq next() const { return next_; }                  // of one who is behind: nothing before it is for him any more

  // A new row is for him, and cannot be handed over at once.
  void wait_for(Seq seq);
  // Whether the row was told of before he began, or was handed over by then.
  bool is_past(Seq seq) const { return seq < next_; }
  // Whether a row that lies before him is to be looked at: between those that come again some were acknowledged.
  bool wants(Seq seq) const;
  // It is handed over for the second time, whatever became of the subscription or of its expiry.
  bool comes_again(Seq seq) const;

  void hand_over(Seq seq);
  void pass(Seq seq, bool was_for_him);  // it is not for him, or is worth nothing any more
  void catch_up(Seq seen);               // there is nothing up to `seen` that was not looked at

  // false: it was not waiting to be.
  bool acknowledge(Seq seq);
  // What was handed over and not acknowledged comes again. `seen`: the last row that there is.
  void rewind(Seq seen);
  void put_back(Seq seq, Seq seen);
  std::size_t unacknowledged() const { return unacked_.size(); }

  // Up to here everything is done with; none: he is not behind, and nothing is unacknowledged.
  std::optional<Seq> done() const;

  // What the store knows of it.
  std::optional<Seq> written;

 private:
  Seq next_ = 1;
  Seq again_upto_ = 0;         // rows before this one were handed over once: only those in again_ are looked at
  std::vector<Seq> unacked_;   // sorted
  std::vector<Seq> again_;     // sorted
  std::uint32_t waiting_ = 0;  // those in again_ too
};

}  // namespace confab::topics
