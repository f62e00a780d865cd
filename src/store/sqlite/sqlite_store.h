// The embedded store: SQLite, one thread that writes in groups, a few that read.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/ports.h"
#include "store/completions.h"
#include "store/sqlite/open.h"
#include "store/sqlite/options.h"
#include "store/sqlite/reader.h"
#include "store/sqlite/writer.h"

namespace confab::store {

// What the store has done since it was opened, for metrics.
struct SqliteCounters {
  std::uint64_t groups = 0;
  std::uint64_t transactions = 0;
  std::uint64_t rows = 0;      // of logs
  std::uint64_t refused = 0;   // too_fast: a queue was full
  std::uint64_t failures = 0;  // transactions that the disk failed
  std::uint64_t waiting = 0;   // transactions in the queue now
  std::uint64_t wal_bytes = 0;
  std::uint64_t search_behind = 0;  // messages that are not in the search index yet
};

// Errors beyond those of the port: too_fast when a queue is full, closed while it is being destroyed. The loops that
// were given to it must live until their answers were posted: the destructor does what waits, and then nothing is
// posted any more. Lives on: called from anywhere; the listener is called on the store thread.
class SqliteStore final : public engine::Store {
 public:
  // Errors: conflict (another process, another site, a newer schema, not ours); unavailable; no_space.
  static Result<std::unique_ptr<SqliteStore>> open(SqliteOptions options, engine::LogListener* listener = nullptr);
  ~SqliteStore() override;

  // Before the first commit, where the listener needs the store first.
  void listen(engine::LogListener* listener) { listener_.store(listener); }

  void commit(engine::Transaction transaction, Loop& loop, CommitDone done) override;
  void load_account(const Address& bare, Loop& loop, UniqueFunction<void(Result<core::AccountRow>)> done) override;
  void load_profile(Uid uid, Loop& loop, UniqueFunction<void(Result<core::Profile>)> done) override;
  void read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes, Loop& loop,
                UniqueFunction<void(Result<std::vector<engine::LogRow>>)> done) override;
  void read_archive(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                    UniqueFunction<void(Result<core::ArchivePage>)> done) override;
  void read_history(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                    UniqueFunction<void(Result<core::HistoryRows>)> done) override;
  void load_read_markers(Uid uid, std::size_t limit, Loop& loop,
                         UniqueFunction<void(Result<core::ReadMarkersFound>)> done) override;
  void read_archive_ends(Uid uid, Loop& loop, UniqueFunction<void(Result<core::ArchiveEnds>)> done) override;
  void load_last_presence(std::vector<Address> people, Loop& loop,
                          UniqueFunction<void(Result<std::vector<LastPresence>>)> done) override;
  void load_items(Uid uid, std::string node, core::ItemQuery query, std::size_t bytes, Loop& loop,
                  UniqueFunction<void(Result<core::ItemPage>)> done) override;
  void load_last_said(engine::LastQuery query, Loop& loop,
                      UniqueFunction<void(Result<engine::LastPage>)> done) override;
  void list_accounts(Address after, std::size_t limit, Loop& loop,
                     UniqueFunction<void(Result<std::vector<AccountLine>>)> done) override;

  void search_log(Uid uid, core::SearchQuery query, Loop& loop,
                  UniqueFunction<void(Result<core::FoundEvents>)> done) override;
  void load_topic_sessions(std::string after, std::size_t limit, Loop& loop,
                           UniqueFunction<void(Result<std::vector<core::StoredTopicSession>>)> done) override;
  void load_retained(std::string after, std::size_t limit, Loop& loop,
                     UniqueFunction<void(Result<std::vector<core::StoredRetained>>)> done) override;
  void load_topic_places(Loop& loop, UniqueFunction<void(Result<core::StoredPlaces>)> done) override;
  void read_topics(core::TopicSeq after, std::size_t rows, std::size_t bytes, Loop& loop,
                   UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) override;
  void work_on(Chore chore, Loop& loop, UniqueFunction<void(Result<>)> done) override;

  SqliteCounters counters() const;

 private:
  using Clock = std::chrono::steady_clock;
  using Read = UniqueFunction<void(Reader&)>;
  struct Waiting {
    engine::Transaction transaction;
    Loop* loop;
    CommitDone done;
    std::size_t bytes;
  };
  struct Work {
    Chore chore = Chore::scrub;
    Loop* loop = nullptr;
    UniqueFunction<void(Result<>)> done;
    bool merged = false;  // of a scrub: nothing that was taken away is left in the search index
    int steps = 0;
  };

  SqliteStore(SqliteOptions options, FileLock lock, std::unique_ptr<Writer> writer,
              std::vector<std::unique_ptr<Reader>> readers, engine::LogListener* listener);

  // The store thread.
  void write_on();
  bool wait_for_group(std::vector<Waiting>& group);
  void take_group(std::vector<Waiting>& group);
  void commit_group(std::vector<Waiting>& group);
  Result<> try_together(std::vector<Waiting>& group, std::vector<Result<engine::Committed>>& results);
  Result<engine::Committed> commit_alone(const engine::Transaction& transaction);
  void publish(std::vector<engine::LogRow>&& rows);
  void checkpoint_if_long();
  void tidy();
  void expire_while_busy();
  bool expire_rows(std::int64_t rows);
  WallMs now() const;

  // sqlite_store_chores.cpp, on the store thread too.
  bool has_chore();
  bool is_asked();  // somebody waits for it, or it is to end
  void continue_chore();
  bool step(Work& work, Result<>& result);
  void finish_chore(Result<> result);
  Result<bool> fill_slice(std::size_t rows);
  bool fill_while_idle();
  void fill_while_busy();

  // A reader's thread.
  void read_on(Reader& reader);
  template <class T, class Ask>
  void read(Loop& loop, UniqueFunction<void(Result<T>)> done, Ask ask);

  const SqliteOptions options_;
  FileLock lock_;
  std::atomic<engine::LogListener*> listener_;

  // The store thread's own.
  std::unique_ptr<Writer> writer_;
  bool tidy_ = false;  // nothing is left to do while idle
  Clock::time_point forced_at_{};
  Clock::time_point expired_at_ = Clock::now();
  Clock::time_point round_at_{};  // when the next round for rows that are to go begins; before now: it is under way
  Clock::time_point filled_at_ = Clock::now();
  Clock::time_point chore_at_{};

  mutable std::mutex write_mutex_;
  std::condition_variable write_wake_;
  std::deque<Waiting> writes_;
  std::size_t write_bytes_ = 0;
  std::deque<Work> chores_;  // the store thread alone takes the first one away
  bool closing_ = false;

  std::mutex read_mutex_;
  std::condition_variable read_wake_;
  std::deque<Read> reads_;
  bool reads_closing_ = false;

  std::atomic<std::uint64_t> groups_{0}, transactions_{0}, rows_{0}, refused_{0}, failures_{0}, wal_bytes_{0},
      behind_{0};

  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::thread> threads_;
};

}  // namespace confab::store
