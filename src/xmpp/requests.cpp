#include "xmpp/requests.h"

#include <utility>

namespace confab::xmpp {
namespace {
constexpr std::size_t kKeptRoom = 1;  // an idle session keeps no more than this
}

session::RequestId Requests::add(Request request) {
  const auto next = static_cast<session::RequestId>(first_ + size());
  if (next == 0) {  // 0 means "no reply wanted": leave it out
    Request skipped;
    skipped.done = true;
    items_.push_back(std::move(skipped));
    items_.push_back(std::move(request));
    forget_done();
    return 1;
  }
  items_.push_back(std::move(request));
  return next;
}

Request Requests::take(session::RequestId id) {
  const auto offset = static_cast<session::RequestId>(id - first_);
  if (id == 0 || offset >= size() || items_[head_ + offset].done) return {};
  Request& found = items_[head_ + offset];
  Request taken = std::move(found);
  found.done = true;
  forget_done();
  return taken;
}

void Requests::forget_done() {
  while (head_ < items_.size() && items_[head_].done) {
    ++head_;
    ++first_;
  }
  if (head_ == items_.size()) {
    if (items_.capacity() > kKeptRoom) {
      std::vector<Request>().swap(items_);
    } else {
      items_.clear();
    }
    head_ = 0;
  } else if (head_ > 64 && head_ > items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

std::uint32_t Requests::settled(std::uint32_t count) const {
  for (std::size_t i = head_; i < items_.size(); ++i) {
    if (!items_[i].done && items_[i].holds) return items_[i].stanza - 1;
  }
  return count;
}

void Requests::release_holds() {
  for (Request& request : items_) request.holds = false;
}

}  // namespace confab::xmpp
