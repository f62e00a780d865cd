// What is asked of what is kept of free topics.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/topic_change.h"
#include "store/sqlite/database.h"

namespace confab::store {

// The part of a Reader that knows free topics; its errors are the Reader's. Lives on: one reader thread.
class TopicReader {
 public:
  // `db` outlives this.
  explicit TopicReader(const Database& db);
  ~TopicReader();

  Result<> prepare();

  Result<std::vector<core::StoredTopicSession>> load_sessions(const std::string& after, std::size_t limit);
  Result<std::vector<core::StoredRetained>> load_retained(const std::string& after, std::size_t limit);
  Result<core::StoredPlaces> load_places();
  Result<std::vector<core::TopicRow>> read(core::TopicSeq after, std::size_t rows, std::size_t bytes);

 private:
  struct Statements;

  Result<> load_rest(core::StoredTopicSession& session);

  const Database& db_;
  std::unique_ptr<Statements> sql_;
};

}  // namespace confab::store
