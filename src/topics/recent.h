// The last rows of the log, as this shard was told of them: who is a little behind needs no store.
#pragma once

#include <cstddef>
#include <deque>

#include "core/topic_change.h"

namespace confab::topics {

// Lives on: its shard.
class Recent {
 public:
  Recent(std::size_t rows, std::size_t bytes) : most_rows_(rows), most_bytes_(bytes) {}

  void add(const core::TopicRow& row);
  core::TopicSeq seen() const { return seen_; }  // the last row that was told of
  void start_at(core::TopicSeq seen) { seen_ = seen; }

  // Whether everything from `seq` on is here.
  bool reaches(core::TopicSeq seq) const { return seq > seen_ || (!rows_.empty() && rows_.front().seq <= seq); }
  // The first row from `seq` on; null: there is none.
  const core::TopicRow* find(core::TopicSeq seq) const;

 private:
  static std::size_t size_of(const core::TopicRow& row);

  std::size_t most_rows_;
  std::size_t most_bytes_;
  std::deque<core::TopicRow> rows_;
  std::size_t bytes_ = 0;
  core::TopicSeq seen_ = 0;
};

}  // namespace confab::topics
