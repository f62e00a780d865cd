#include "topics/retained.h"

#include "topics/filter.h"

namespace confab::topics {
namespace {

std::int64_t size_of(const core::TopicMessage& message) {
  return static_cast<std::int64_t>(message.topic.size() + message.payload.size());
}

// What all names begin with that the filter matches; but for the parent of "…/#".
std::string_view fixed_part(std::string_view filter) {
  return filter.substr(0, filter.find_first_of("+#"));
}

}  // namespace

bool Retained::put(const core::TopicMessagePtr& message, std::uint64_t stamp, MonoMs now) {
  const auto at = kept_.find(message->topic);
  if (at == kept_.end()) {
    kept_.emplace(message->topic, Kept{message, stamp});
  } else {
    if (at->second.stamp >= stamp) return false;
    count(at->second.message, -1);
    // The name goes with the old message.
    auto node = kept_.extract(at);
    node.key() = message->topic;
    node.mapped() = {message, stamp};
    kept_.insert(std::move(node));
  }
  count(message, 1);
  if (message->payload.empty()) removed_.push_back({message, stamp, now});
  return true;
}

void Retained::count(const core::TopicMessagePtr& message, std::int64_t sign) {
  if (message->payload.empty()) return;
  messages_ += static_cast<std::size_t>(sign);
  bytes_ += static_cast<std::size_t>(sign * size_of(*message));
}

Retained::Growth Retained::growth(const core::TopicMessage& message) const {
  Growth growth;
  if (!message.payload.empty()) growth = {1, size_of(message)};
  if (const auto there = find(message.topic)) growth = {growth.messages - 1, growth.bytes - size_of(*there)};
  return growth;
}

core::TopicMessagePtr Retained::find(std::string_view topic) const {
  const auto at = kept_.find(topic);
  return at == kept_.end() || at->second.message->payload.empty() ? nullptr : at->second.message;
}

Retained::Map::const_iterator Retained::first_of(const Walk& walk, std::string_view fixed) const {
  return walk.last == nullptr || std::string_view(walk.last->topic) < fixed ? kept_.lower_bound(fixed)
                                                                            : kept_.upper_bound(walk.last->topic);
}

core::TopicMessagePtr Retained::next(Walk& walk, std::size_t& names) const {
  if (walk.done) return nullptr;
  const std::string_view filter = walk.filter;
  const std::string_view fixed = fixed_part(filter);
  if (fixed == filter) {
    walk.done = true;
    return find(filter);
  }
  // "a/#" matches "a", which does not stand beside "a/…" (§4.7.1.2).
  if (walk.last == nullptr && fixed.size() > 1 && filter.size() == fixed.size() + 1 && filter.back() == '#') {
    const auto parent = find(fixed.substr(0, fixed.size() - 1));
    if (parent && names > 0) {
      --names;
      walk.last = parent;
      return parent;
    }
  }
  for (auto at = first_of(walk, fixed); at != kept_.end() && at->first.starts_with(fixed); ++at) {
    if (names == 0) return nullptr;
    --names;
    walk.last = at->second.message;
    if (!walk.last->payload.empty() && matches(filter, at->first)) return walk.last;
  }
  walk.done = true;
  return nullptr;
}

void Retained::drop_expired(WallMs now) {
  for (auto at = kept_.begin(); at != kept_.end();) {
    const core::TopicMessage& message = *at->second.message;
    if (message.payload.empty() || !core::is_expired(message, now)) {
      ++at;
      continue;
    }
    count(at->second.message, -1);
    at = kept_.erase(at);
  }
}

void Retained::forget_removed(MonoMs before) {
  while (!removed_.empty() && removed_.front().at < before) {
    const auto at = kept_.find(removed_.front().message->topic);
    if (at != kept_.end() && at->second.stamp == removed_.front().stamp) kept_.erase(at);
    removed_.pop_front();
  }
}

}  // namespace confab::topics
