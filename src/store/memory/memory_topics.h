// What a MemoryStore keeps of free topics.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/topic_change.h"

namespace confab::store {

// Copyable. No change of it is ever refused. Lives on: one thread at a time.
class MemoryTopics {
 public:
  void apply(const core::TopicChange& change);
  std::vector<core::TopicRow> take_rows() { return std::exchange(fresh_, {}); }  // appended since the last call

  std::vector<core::StoredTopicSession> load_sessions(const std::string& after, std::size_t limit) const;
  std::vector<core::StoredRetained> load_retained(const std::string& after, std::size_t limit) const;
  core::StoredPlaces load_places() const;
  std::vector<core::TopicRow> read(core::TopicSeq after, std::size_t rows, std::size_t bytes) const;

 private:
  void apply(const core::PutTopicSession& change);
  void apply(const core::DropTopicSession& change);
  void apply(const core::PutTopicSubscription& change);
  void apply(const core::DropTopicSubscription& change);
  void apply(const core::AppendTopic& change);
  void apply(const core::PutTopicKey& change);
  void apply(const core::DropTopicKey& change);
  void apply(const core::PutRetained& change);
  void apply(const core::PutTopicPlace& change);
  void apply(const core::PutTopicMark& change);

  std::map<std::string, core::StoredTopicSession> sessions_;  // their places are in places_
  std::map<core::TopicSeq, core::TopicRow> log_;
  std::map<std::string, core::StoredRetained> retained_;  // with an empty payload: removed
  std::map<std::pair<bool, std::string>, core::TopicSeq> places_;
  std::map<std::uint32_t, core::TopicSeq> marks_;
  core::TopicSeq last_ = 0;
  std::vector<core::TopicRow> fresh_;
};

}  // namespace confab::store
