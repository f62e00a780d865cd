// What the store thread does beside the commits, piece by piece: filling the search index, and what is asked for by
// work_on.
#include "base/log.h"
#include "store/sqlite/sqlite_store.h"

namespace confab::store {
namespace {

// A piece is what a commit may have to wait for: some 20 ms.
constexpr std::size_t kRowsWhileIdle = 256;
constexpr std::size_t kRowsWhileBusy = 128;
constexpr std::chrono::milliseconds kBusyFilling{250};
constexpr std::chrono::seconds kAfterFailure{10};
constexpr std::size_t kChores = 16;
constexpr int kEmptyings = 40;  // tries to empty the write-ahead log, a quarter of a second each at most

}  // namespace

void SqliteStore::work_on(Chore chore, Loop& loop, UniqueFunction<void(Result<>)> done) {
  Errc why = Errc::closed;
  {
    const std::lock_guard hold(write_mutex_);
    if (!closing_ && chores_.size() < kChores) {
      chores_.push_back({chore, &loop, std::move(done)});
      write_wake_.notify_one();
      return;
    }
    if (!closing_) why = Errc::too_fast;
  }
  loop.post([done = std::move(done), why]() mutable { done(fail(why, "too many works wait")); });
}

bool SqliteStore::has_chore() {
  const std::lock_guard hold(write_mutex_);
  return !chores_.empty();
}

bool SqliteStore::is_asked() {
  const std::lock_guard hold(write_mutex_);
  return closing_ || !writes_.empty() || !chores_.empty();
}

void SqliteStore::continue_chore() {
  Work* work = nullptr;
  {
    const std::lock_guard hold(write_mutex_);
    work = &chores_.front();  // stays where it is: a deque only grows at its end meanwhile
  }
  chore_at_ = Clock::now();
  tidy_ = false;
  Result<> result;
  if (step(*work, result)) finish_chore(std::move(result));
  wal_bytes_.store(writer_->wal_bytes(), std::memory_order_relaxed);
}

// true: it is done, or failed.
bool SqliteStore::step(Work& work, Result<>& result) {
  if (work.chore == Chore::clear_search) {
    result = writer_->clear_search();
    return true;
  }
  if (work.chore == Chore::fill_search) {
    const Result<bool> full = fill_slice(kRowsWhileIdle);
    if (!full) result = fail(full.error());
    return !full || *full;
  }
  if (!work.merged) {
    const Result<bool> merged = writer_->merge_search(work.steps++ == 0);
    if (!merged) result = fail(merged.error());
    if (merged && *merged) work.merged = true, work.steps = 0;
    return !merged;
  }
  result = writer_->empty_wal();
  return result || result.error().code != Errc::conflict || ++work.steps == kEmptyings;
}

void SqliteStore::finish_chore(Result<> result) {
  Work work;
  {
    const std::lock_guard hold(write_mutex_);
    work = std::move(chores_.front());
    chores_.pop_front();
  }
  work.loop->post([done = std::move(work.done), result = std::move(result)]() mutable { done(std::move(result)); });
}

// true: the index is complete.
Result<bool> SqliteStore::fill_slice(std::size_t rows) {
  filled_at_ = Clock::now();
  Result<bool> full = true;
  if (writer_->search_behind() > 0) full = writer_->fill_search({.rows = rows});
  behind_.store(writer_->search_behind(), std::memory_order_relaxed);
  return full;
}

// false: there is something else to do first.
bool SqliteStore::fill_while_idle() {
  for (;;) {
    const Result<bool> full = fill_slice(kRowsWhileIdle);
    // Looked for without the index; the next write brings another try.
    if (!full) log::warn("store", "search_index", {{"error", full.error().text}});
    if (!full || *full) return true;
    if (is_asked()) return false;
  }
}

void SqliteStore::fill_while_busy() {
  if (Clock::now() - filled_at_ < kBusyFilling) return;
  const Result<bool> full = fill_slice(kRowsWhileBusy);
  if (full) return;
  log::warn("store", "search_index", {{"error", full.error().text}});
  filled_at_ += kAfterFailure;
}

}  // namespace confab::store
