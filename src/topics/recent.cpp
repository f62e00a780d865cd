#include "topics/recent.h"

#include <algorithm>

namespace confab::topics {

std::size_t Recent::size_of(const core::TopicRow& row) {
  return sizeof row + sizeof *row.message + row.message->topic.size() + row.message->payload.size();
}

void Recent::add(const core::TopicRow& row) {
  seen_ = row.seq;
  bytes_ += size_of(row);
  rows_.push_back(row);
  while (rows_.size() > most_rows_ || (bytes_ > most_bytes_ && rows_.size() > 1)) {
    bytes_ -= size_of(rows_.front());
    rows_.pop_front();
  }
}

const core::TopicRow* Recent::find(core::TopicSeq seq) const {
  const auto at = std::lower_bound(rows_.begin(), rows_.end(), seq,
                                   [](const core::TopicRow& row, core::TopicSeq sought) { return row.seq < sought; });
  return at == rows_.end() ? nullptr : &*at;
}

}  // namespace confab::topics
