// What transactions do to what is kept of free topics.
#pragma once

#include <memory>
#include <vector>

#include "core/topic_change.h"
#include "store/sqlite/database.h"

namespace confab::store {

// The part of a Writer that knows free topics; its errors are the Writer's. Nothing of it is ever refused but by the
// disk. Lives on: the store thread.
class TopicWriter {
 public:
  // `db` outlives this.
  explicit TopicWriter(Database& db);
  ~TopicWriter();

  Result<> prepare();

  Result<> apply(const core::TopicChange& change);

  // Rows that were appended since the last call; and those beyond the first `count` are none, since their transaction
  // failed.
  std::vector<core::TopicRow> take_rows() { return std::exchange(rows_, {}); }
  std::size_t rows() const { return rows_.size(); }
  void drop_rows(std::size_t count) { rows_.resize(count); }

  // Rows that everybody is done with, and what has expired: about `limit` of each. How many.
  Result<int> expire(WallMs now, std::int64_t limit);

 private:
  struct Statements;

  Result<> apply(const core::PutTopicSession& change);
  Result<> apply(const core::DropTopicSession& change);
  Result<> apply(const core::PutTopicSubscription& change);
  Result<> apply(const core::DropTopicSubscription& change);
  Result<> apply(const core::AppendTopic& change);
  Result<> apply(const core::PutTopicKey& change);
  Result<> apply(const core::DropTopicKey& change);
  Result<> apply(const core::PutRetained& change);
  Result<> apply(const core::PutTopicPlace& change);
  Result<> apply(const core::PutTopicMark& change);
  Result<> run(Statement& statement);
  int changes() const { return sqlite3_changes(db_.raw()); }

  Database& db_;
  std::unique_ptr<Statements> sql_;
  std::vector<core::TopicRow> rows_;
  core::TopicSeq last_ = 0;
};

}  // namespace confab::store
