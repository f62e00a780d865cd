#include "store/memory/memory_topics.h"

#include <algorithm>

namespace confab::store {

void MemoryTopics::apply(const core::TopicChange& change) {
  std::visit([this](const auto& one) { apply(one); }, change);
}

void MemoryTopics::apply(const core::PutTopicSession& change) {
  sessions_[change.row.client].row = change.row;
}

void MemoryTopics::apply(const core::DropTopicSession& change) {
  sessions_.erase(change.client);
  places_.erase({false, change.client});
}

void MemoryTopics::apply(const core::PutTopicSubscription& change) {
  const auto session = sessions_.find(change.client);
  if (session == sessions_.end()) return;
  for (core::StoredSubscription& each : session->second.subscriptions) {
    if (each.filter.filter != change.filter.filter) continue;
    each.filter = change.filter;
    return;
  }
  session->second.subscriptions.push_back({change.filter, change.since});
}

void MemoryTopics::apply(const core::DropTopicSubscription& change) {
  const auto session = sessions_.find(change.client);
  if (session == sessions_.end()) return;
  std::erase_if(session->second.subscriptions,
                [&](const core::StoredSubscription& each) { return each.filter.filter == change.filter; });
}

void MemoryTopics::apply(const core::AppendTopic& change) {
  const core::TopicRow row{++last_, change.message, change.from};
  log_.emplace(row.seq, row);
  fresh_.push_back(row);
  if (change.key != 0) apply(core::PutTopicKey{change.from, change.key});
}

void MemoryTopics::apply(const core::PutTopicKey& change) {
  const auto session = sessions_.find(change.client);
  if (session == sessions_.end()) return;
  auto& keys = session->second.keys;
  if (std::find(keys.begin(), keys.end(), change.key) == keys.end()) keys.push_back(change.key);
}

void MemoryTopics::apply(const core::DropTopicKey& change) {
  const auto session = sessions_.find(change.client);
  if (session != sessions_.end()) std::erase(session->second.keys, change.key);
}

void MemoryTopics::apply(const core::PutRetained& change) {
  auto& there = retained_[change.message->topic];
  if (there.message != nullptr && there.stamp >= change.stamp) return;
  there = {change.message, change.stamp};
}

void MemoryTopics::apply(const core::PutTopicPlace& change) {
  if (change.upto) {
    places_[{change.group, change.name}] = *change.upto;
  } else {
    places_.erase({change.group, change.name});
  }
}

void MemoryTopics::apply(const core::PutTopicMark& change) {
  marks_[change.shard] = change.upto;
  std::erase_if(marks_, [&](const auto& mark) { return mark.first >= change.shards; });
  const core::TopicSeq done = load_places().first;
  log_.erase(log_.begin(), log_.upper_bound(done));
}

std::vector<core::StoredTopicSession> MemoryTopics::load_sessions(const std::string& after, std::size_t limit) const {
  std::vector<core::StoredTopicSession> found;
  for (auto at = sessions_.upper_bound(after); at != sessions_.end() && found.size() < limit; ++at) {
    found.push_back(at->second);
    const auto place = places_.find({false, at->first});
    if (place != places_.end()) found.back().place = place->second;
  }
  return found;
}

std::vector<core::StoredRetained> MemoryTopics::load_retained(const std::string& after, std::size_t limit) const {
  std::vector<core::StoredRetained> found;
  for (auto at = retained_.upper_bound(after); at != retained_.end() && found.size() < limit; ++at) {
    if (!at->second.message->payload.empty()) found.push_back(at->second);
  }
  return found;
}

core::StoredPlaces MemoryTopics::load_places() const {
  core::StoredPlaces found;
  found.head = last_;
  if (!marks_.empty()) {
    found.mark = std::min_element(marks_.begin(), marks_.end(), [](const auto& a, const auto& b) {
                   return a.second < b.second;
                 })->second;
  }
  found.first = found.mark;
  for (const auto& [name, upto] : places_) {
    found.first = std::min(found.first, upto);
    if (name.first) found.groups.emplace_back(name.second, upto);
  }
  for (const auto& [topic, kept] : retained_) found.stamp = std::max(found.stamp, kept.stamp);
  return found;
}

std::vector<core::TopicRow> MemoryTopics::read(core::TopicSeq after, std::size_t rows, std::size_t bytes) const {
  std::vector<core::TopicRow> found;
  std::size_t taken = 0;
  for (auto at = log_.upper_bound(after); at != log_.end() && found.size() < rows; ++at) {
    taken += at->second.message->topic.size() + at->second.message->payload.size();
    if (!found.empty() && taken > bytes) break;
    found.push_back(at->second);
  }
  return found;
}

}  // namespace confab::store
