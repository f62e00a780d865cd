#include "topics/log_place.h"

#include <algorithm>

namespace confab::topics {
namespace {

using Seqs = std::vector<core::TopicSeq>;

bool contains(const Seqs& sorted, core::TopicSeq seq) {
  return std::binary_search(sorted.begin(), sorted.end(), seq);
}
void insert(Seqs& sorted, core::TopicSeq seq) {
  sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), seq), seq);
}
bool erase(Seqs& sorted, core::TopicSeq seq) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), seq);
  if (at == sorted.end() || *at != seq) return false;
  sorted.erase(at);
  return true;
}

}  // namespace

void LogPlace::wait_for(Seq seq) {
  if (!is_behind()) next_ = seq;
  ++waiting_;
}

bool LogPlace::wants(Seq seq) const {
  if (seq < next_) return false;
  return seq >= again_upto_ || contains(again_, seq);
}

bool LogPlace::comes_again(Seq seq) const {
  return contains(again_, seq);
}

void LogPlace::hand_over(Seq seq) {
  pass(seq, is_behind());
  insert(unacked_, seq);
}

void LogPlace::pass(Seq seq, bool was_for_him) {
  next_ = std::max(next_, seq + 1);
  if (was_for_him && waiting_ > 0) --waiting_;
  // Rows that were to come again and are no more in the log.
  while (!again_.empty() && again_.front() < next_) {
    if (again_.front() != seq && waiting_ > 0) --waiting_;
    again_.erase(again_.begin());
  }
}

void LogPlace::catch_up(Seq seen) {
  next_ = std::max(next_, seen + 1);
  waiting_ = 0;
  again_.clear();
}

bool LogPlace::acknowledge(Seq seq) {
  if (erase(unacked_, seq)) return true;
  if (!erase(again_, seq)) return false;
  if (waiting_ > 0) --waiting_;
  return true;
}

void LogPlace::rewind(Seq seen) {
  for (const Seq seq : Seqs(unacked_)) put_back(seq, seen);
}

void LogPlace::put_back(Seq seq, Seq seen) {
  if (!erase(unacked_, seq)) return;
  again_upto_ = std::max(again_upto_, is_behind() ? next_ : seen + 1);
  next_ = is_behind() ? std::min(next_, seq) : seq;
  insert(again_, seq);
  ++waiting_;
}

std::optional<LogPlace::Seq> LogPlace::done() const {
  if (unacked_.empty()) return is_behind() ? std::optional(next_ - 1) : std::nullopt;
  return (is_behind() ? std::min(next_, unacked_.front()) : unacked_.front()) - 1;
}

}  // namespace confab::topics
