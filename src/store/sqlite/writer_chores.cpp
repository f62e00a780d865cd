// What takes long, in pieces: the search index, and the traces of what was taken away.
#include <algorithm>

#include "store/sqlite/writer.h"

namespace confab::store {
namespace {

constexpr std::int64_t kMergedPages = 64;

}  // namespace

// Numbers of messages that are gone, or will be while the index still counts them as looked at, are not given again.
Result<> Writer::prepare_search() {
  if (auto ready = search_.prepare(db_); !ready) return ready;
  const Result<std::uint64_t> done = search_.done();
  if (!done) return fail(done.error());
  search_done_ = *done;
  next_n_ = std::max(next_n_, search_done_ + 1);
  return {};
}

Result<bool> Writer::fill_search(const SearchIndex::Slice& slice) {
  if (auto begun = begin(); !begun) return fail(std::move(begun.error()));
  const Result<std::size_t> looked = search_.fill(slice);
  const Result<std::uint64_t> done = looked ? search_.done() : fail(looked.error());
  if (!done) {
    rollback();
    return fail(done.error());
  }
  if (auto committed = commit(); !committed) return fail(std::move(committed.error()));
  // The last numbers may belong to nobody: of what failed, or went before it was looked at.
  search_done_ = *looked == 0 ? next_n_ - 1 : *done;
  return *looked == 0;
}

Result<> Writer::clear_search() {
  if (auto begun = begin(); !begun) return begun;
  if (auto cleared = search_.clear(); !cleared) {
    rollback();
    return cleared;
  }
  if (auto committed = commit(); !committed) return committed;
  search_done_ = 0;
  return {};
}

Result<bool> Writer::merge_search(bool first) {
  if (auto begun = begin(); !begun) return fail(std::move(begun.error()));
  const Result<bool> whole = search_.merge(first ? -kMergedPages : kMergedPages);
  if (!whole) {
    rollback();
    return whole;
  }
  if (auto committed = commit(); !committed) return fail(std::move(committed.error()));
  return whole;
}

Result<> Writer::empty_wal() {
  sqlite3_busy_timeout(db_.raw(), 250);
  int frames = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_.raw(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, &frames, nullptr);
  sqlite3_busy_timeout(db_.raw(), 2000);
  if ((code & 0xff) == SQLITE_BUSY) return fail(Errc::conflict, "the write-ahead log is being read");
  if (code != SQLITE_OK) return fail(db_.error("checkpoint"));
  wal_bytes_ = 0;
  return {};
}

}  // namespace confab::store
