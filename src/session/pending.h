// What a session has asked for and was not answered yet: dense numbers, so that finding one is arithmetic.
#pragma once

#include <utility>
#include <vector>

#include "session/session.h"

namespace confab::session {

// Lives on: one thread at a time. Item: a value; a default one stands for "nothing was asked by this number".
template <class Item>
class Pending {
 public:
  RequestId add(Item item) {
    items_.push_back({std::move(item), false});
    return first_ + static_cast<RequestId>(items_.size() - head_) - 1;
  }

  // Takes out what `id` was for. What is done at the front is forgotten.
  Item take(RequestId id) {
    const std::size_t at = head_ + (id - first_);
    if (id < first_ || at >= items_.size() || items_[at].done) return Item{};
    items_[at].done = true;
    Item item = std::move(items_[at].item);
    forget_done();
    return item;
  }

  std::size_t size() const { return items_.size() - head_; }
  bool empty() const { return size() == 0; }

 private:
  struct Slot {
    Item item;
    bool done = false;
  };

  void forget_done() {
    while (head_ < items_.size() && items_[head_].done) {
      ++head_;
      ++first_;
    }
    if (head_ == items_.size()) {
      items_.clear();
      if (items_.capacity() > 64) items_.shrink_to_fit();
      head_ = 0;
    } else if (head_ >= 64 && head_ * 2 >= items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }

  std::vector<Slot> items_;
  std::size_t head_ = 0;
  RequestId first_ = 1;  // the number of items_[head_]
};

}  // namespace confab::session
