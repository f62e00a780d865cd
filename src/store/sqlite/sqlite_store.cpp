#include "store/sqlite/sqlite_store.h"

#include "base/log.h"
#include "core/event_codec.h"

namespace confab::store {
namespace {

constexpr std::chrono::milliseconds kIdle{500};        // nothing came for so long: time to tidy
constexpr std::chrono::seconds kForcedCheckpoint{10};  // at most so often are readers waited for
constexpr std::int64_t kKeysAtOnce = 500;
constexpr std::int64_t kRowsAtOnce = 500;
constexpr std::chrono::seconds kBusyExpiry{1};
constexpr std::int64_t kKeysWhileBusy = 2000;
constexpr std::int64_t kRowsWhileBusy = 100;
constexpr std::chrono::minutes kRoundEvery{30};       // through all accounts, for rows that are to go
constexpr std::chrono::milliseconds kBusyChore{100};  // between two pieces of a chore while others write
constexpr std::size_t kChangeBytes = 256;

std::size_t weight(const core::TopicChange& change) {
  const core::TopicMessage* message = nullptr;
  if (const auto* append = std::get_if<core::AppendTopic>(&change)) message = append->message.get();
  if (const auto* put = std::get_if<core::PutRetained>(&change)) message = put->message.get();
  return message != nullptr ? message->topic.size() + message->payload.size() : 0;
}

// About how much memory a waiting transaction holds.
std::size_t weight(const engine::Transaction& transaction) {
  std::size_t bytes = 0;
  for (const core::Change& change : transaction.changes) {
    bytes += kChangeBytes;
    const auto* append = std::get_if<core::Append>(&change);
    if (append != nullptr && append->event != nullptr) bytes += core::expected_size(*append->event);
    if (const auto* put = std::get_if<core::PutItem>(&change)) bytes += put->item.payload.size();
    if (const auto* put = std::get_if<core::PutListening>(&change)) bytes += core::expected_size(*put->event);
    if (const auto* topic = std::get_if<core::TopicChange>(&change)) bytes += weight(*topic);
  }
  return bytes;
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(SqliteOptions options, engine::LogListener* listener) {
  Result<FileLock> lock = FileLock::take(options.path + ".lock");
  if (!lock) return fail(std::move(lock.error()));
  Result<Database> db = open_for_writing(options);
  if (!db) return fail(std::move(db.error()));
  Result<std::unique_ptr<Writer>> writer = Writer::make(std::move(*db), options);
  if (!writer) return fail(std::move(writer.error()));
  std::vector<std::unique_ptr<Reader>> readers;
  for (unsigned i = 0; i < std::max(1U, options.readers); ++i) {
    Result<Database> connection = open_for_reading(options);
    if (!connection) return fail(std::move(connection.error()));
    Result<std::unique_ptr<Reader>> reader = Reader::make(std::move(*connection));
    if (!reader) return fail(std::move(reader.error()));
    readers.push_back(std::move(*reader));
  }
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(std::move(options), std::move(*lock), std::move(*writer), std::move(readers), listener));
}

SqliteStore::SqliteStore(SqliteOptions options, FileLock lock, std::unique_ptr<Writer> writer,
                         std::vector<std::unique_ptr<Reader>> readers, engine::LogListener* listener)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      listener_(listener),
      writer_(std::move(writer)),
      readers_(std::move(readers)) {
  threads_.emplace_back([this] { write_on(); });
  for (const auto& reader : readers_) threads_.emplace_back([this, at = reader.get()] { read_on(*at); });
}

SqliteStore::~SqliteStore() {
  {
    const std::lock_guard hold(write_mutex_);
    closing_ = true;
  }
  {
    const std::lock_guard hold(read_mutex_);
    reads_closing_ = true;
  }
  write_wake_.notify_all();
  read_wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  readers_.clear();  // the writer closes last: it copies the log back
}

void SqliteStore::commit(engine::Transaction transaction, Loop& loop, CommitDone done) {
  const std::size_t bytes = weight(transaction);
  Errc why = Errc::closed;
  {
    const std::lock_guard hold(write_mutex_);
    const bool full = writes_.size() >= options_.write_queue || write_bytes_ + bytes > options_.write_queue_bytes;
    // One that is over the limit by itself may go when nothing waits.
    if (!closing_ && (!full || writes_.empty())) {
      write_bytes_ += bytes;
      writes_.push_back({std::move(transaction), &loop, std::move(done), bytes});
      if (writes_.size() == 1) write_wake_.notify_one();
      return;
    }
    if (!closing_) why = Errc::too_fast;
  }
  refused_.fetch_add(1, std::memory_order_relaxed);
  loop.post([done = std::move(done), why]() mutable { done(fail(why, "too many transactions wait")); });
}

void SqliteStore::write_on() {
  std::vector<Waiting> group;
  while (wait_for_group(group)) {
    if (group.empty()) {
      if (has_chore()) {
        continue_chore();
      } else {
        tidy();
      }
      continue;
    }
    commit_group(group);
    group.clear();
    tidy_ = false;
    checkpoint_if_long();
    if (Clock::now() - expired_at_ > kBusyExpiry) expire_while_busy();
    fill_while_busy();
    if (has_chore() && Clock::now() - chore_at_ > kBusyChore) continue_chore();
  }
  while (has_chore()) finish_chore(fail(Errc::closed, "the store is closed"));
}

// An empty group: nothing came for a while, or there is a chore. false: the end.
bool SqliteStore::wait_for_group(std::vector<Waiting>& group) {
  std::unique_lock hold(write_mutex_);
  const auto ready = [this] { return closing_ || !writes_.empty() || !chores_.empty(); };
  const bool called = tidy_ ? write_wake_.wait_until(hold, round_at_, ready) : write_wake_.wait_for(hold, kIdle, ready);
  if (!called) return true;
  if (writes_.empty()) return !closing_;
  take_group(group);
  return true;
}

void SqliteStore::take_group(std::vector<Waiting>& group) {
  std::size_t bytes = 0;
  while (!writes_.empty() && group.size() < options_.group) {
    bytes += writes_.front().bytes;
    if (!group.empty() && bytes > options_.group_bytes) break;
    write_bytes_ -= writes_.front().bytes;
    group.push_back(std::move(writes_.front()));
    writes_.pop_front();
  }
}

void SqliteStore::commit_group(std::vector<Waiting>& group) {
  std::vector<Result<engine::Committed>> results;
  results.reserve(group.size());
  if (auto done = try_together(group, results); !done) {
    // The disk failed for somebody: each alone, so that it fails only those it must.
    log::warn("store", "group", {{"error", done.error().text}, {"transactions", group.size()}});
    results.clear();
    for (const Waiting& waiting : group) results.push_back(commit_alone(waiting.transaction));
  }
  groups_.fetch_add(1, std::memory_order_relaxed);
  transactions_.fetch_add(group.size(), std::memory_order_relaxed);
  wal_bytes_.store(writer_->wal_bytes(), std::memory_order_relaxed);
  behind_.store(writer_->search_behind(), std::memory_order_relaxed);
  Completions answers;
  for (std::size_t i = 0; i < group.size(); ++i) {
    answers.add(*group[i].loop, std::move(group[i].done), std::move(results[i]));
  }
  answers.post();
}

Result<> SqliteStore::try_together(std::vector<Waiting>& group, std::vector<Result<engine::Committed>>& results) {
  if (auto begun = writer_->begin(); !begun) return begun;
  std::vector<engine::LogRow> rows;
  rows.reserve(group.size() * 2);
  for (const Waiting& waiting : group) {
    results.push_back(writer_->apply(waiting.transaction, rows));
    const auto& last = results.back();
    if (last || !Writer::is_disk_failure(last.error().code)) continue;
    writer_->rollback();
    return fail(last.error());
  }
  if (auto done = writer_->commit(); !done) return done;
  publish(std::move(rows));
  return {};
}

Result<engine::Committed> SqliteStore::commit_alone(const engine::Transaction& transaction) {
  std::vector<engine::LogRow> rows;
  Result<engine::Committed> result;
  if (auto begun = writer_->begin(); !begun) {
    result = fail(std::move(begun.error()));
  } else if (result = writer_->apply(transaction, rows); !result) {
    writer_->rollback();
  } else if (auto done = writer_->commit(); !done) {
    result = fail(std::move(done.error()));
  } else {
    publish(std::move(rows));
  }
  if (!result && Writer::is_disk_failure(result.error().code)) failures_.fetch_add(1, std::memory_order_relaxed);
  return result;
}

void SqliteStore::publish(std::vector<engine::LogRow>&& rows) {
  rows_.fetch_add(rows.size(), std::memory_order_relaxed);
  engine::LogListener* listener = listener_.load();
  if (listener != nullptr && !rows.empty()) listener->on_appended(std::move(rows));
  std::vector<core::TopicRow> topics = writer_->take_topic_rows();
  if (listener != nullptr && !topics.empty()) listener->on_topics(std::move(topics));
}

void SqliteStore::checkpoint_if_long() {
  if (writer_->wal_bytes() < options_.wal_bytes) return;
  const bool force = writer_->wal_bytes() > options_.wal_bytes * 4 && Clock::now() - forced_at_ > kForcedCheckpoint;
  if (force) forced_at_ = Clock::now();
  writer_->checkpoint(force);
}

// A store that is never idle forgets old keys too.
void SqliteStore::expire_while_busy() {
  expired_at_ = Clock::now();
  static_cast<void>(writer_->expire_keys(kKeysWhileBusy));
  if (Clock::now() >= round_at_) expire_rows(kRowsWhileBusy);
}

WallMs SqliteStore::now() const {
  if (options_.now) return options_.now();
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

// true: the round is not over.
bool SqliteStore::expire_rows(std::int64_t rows) {
  const WallMs now = this->now();
  constexpr std::int64_t kDay = 86'400'000;
  Writer::Retention retention;
  if (options_.message_days > 0) retention.oldest = {now.ms - options_.message_days * kDay};
  retention.bytes = options_.archive_bytes;
  retention.now = now;
  retention.devices = {now.ms - options_.device_days * kDay};
  retention.limit = rows;
  const Result<bool> more = writer_->expire_rows(retention);
  if (!more) log::warn("store", "rows_not_expired", {{"error", more.error().text}});
  if (more && *more) return true;
  round_at_ = Clock::now() + kRoundEvery;
  return false;
}

// One slice of what can wait, whenever nobody writes.
void SqliteStore::tidy() {
  const Result<int> gone = writer_->expire_keys(kKeysAtOnce);
  if (gone && *gone == kKeysAtOnce) return;
  const Result<int> topics = writer_->expire_topics(now(), kRowsAtOnce);
  if (topics && *topics >= kRowsAtOnce) return;
  if (Clock::now() >= round_at_ && expire_rows(kRowsAtOnce)) return;
  if (!fill_while_idle()) return;
  if (writer_->wal_bytes() > 0) writer_->checkpoint(false);
  tidy_ = true;
}

SqliteCounters SqliteStore::counters() const {
  SqliteCounters now;
  now.groups = groups_.load(std::memory_order_relaxed);
  now.transactions = transactions_.load(std::memory_order_relaxed);
  now.rows = rows_.load(std::memory_order_relaxed);
  now.refused = refused_.load(std::memory_order_relaxed);
  now.failures = failures_.load(std::memory_order_relaxed);
  now.wal_bytes = wal_bytes_.load(std::memory_order_relaxed);
  now.search_behind = behind_.load(std::memory_order_relaxed);
  const std::lock_guard hold(write_mutex_);
  now.waiting = writes_.size();
  return now;
}

void SqliteStore::read_on(Reader& reader) {
  for (;;) {
    Read next;
    {
      std::unique_lock hold(read_mutex_);
      read_wake_.wait(hold, [this] { return reads_closing_ || !reads_.empty(); });
      if (reads_.empty()) return;
      next = std::move(reads_.front());
      reads_.pop_front();
    }
    next(reader);
  }
}

template <class T, class Ask>
void SqliteStore::read(Loop& loop, UniqueFunction<void(Result<T>)> done, Ask ask) {
  Errc why = Errc::closed;
  {
    const std::lock_guard hold(read_mutex_);
    if (!reads_closing_ && reads_.size() < options_.read_queue) {
      reads_.push_back([&loop, done = std::move(done), ask = std::move(ask)](Reader& reader) mutable {
        loop.post([done = std::move(done), result = Result<T>(ask(reader))]() mutable { done(std::move(result)); });
      });
      read_wake_.notify_one();
      return;
    }
    if (!reads_closing_) why = Errc::too_fast;
  }
  refused_.fetch_add(1, std::memory_order_relaxed);
  loop.post([done = std::move(done), why]() mutable { done(fail(why, "too many reads wait")); });
}

void SqliteStore::load_account(const Address& bare, Loop& loop, UniqueFunction<void(Result<core::AccountRow>)> done) {
  read(loop, std::move(done), [bare](Reader& reader) { return reader.load_account(bare); });
}

void SqliteStore::load_profile(Uid uid, Loop& loop, UniqueFunction<void(Result<core::Profile>)> done) {
  read(loop, std::move(done), [uid](Reader& reader) { return reader.load_profile(uid); });
}

void SqliteStore::read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes, Loop& loop,
                           UniqueFunction<void(Result<std::vector<engine::LogRow>>)> done) {
  read(loop, std::move(done), [=](Reader& reader) { return reader.read_log(uid, after, rows, bytes); });
}

void SqliteStore::read_archive(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                               UniqueFunction<void(Result<core::ArchivePage>)> done) {
  read(loop, std::move(done),
       [uid, query = std::move(query), bytes](Reader& reader) { return reader.read_archive(uid, query, bytes); });
}

void SqliteStore::read_history(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                               UniqueFunction<void(Result<core::HistoryRows>)> done) {
  read(loop, std::move(done),
       [uid, query = std::move(query), bytes](Reader& reader) { return reader.read_history(uid, query, bytes); });
}

void SqliteStore::load_read_markers(Uid uid, std::size_t limit, Loop& loop,
                                    UniqueFunction<void(Result<core::ReadMarkersFound>)> done) {
  read(loop, std::move(done), [uid, limit](Reader& reader) { return reader.load_read_markers(uid, limit); });
}

void SqliteStore::read_archive_ends(Uid uid, Loop& loop, UniqueFunction<void(Result<core::ArchiveEnds>)> done) {
  read(loop, std::move(done), [uid](Reader& reader) { return reader.read_archive_ends(uid); });
}

void SqliteStore::load_last_presence(std::vector<Address> people, Loop& loop,
                                     UniqueFunction<void(Result<std::vector<LastPresence>>)> done) {
  read(loop, std::move(done),
       [people = std::move(people)](Reader& reader) { return reader.load_last_presence(people); });
}

void SqliteStore::search_log(Uid uid, core::SearchQuery query, Loop& loop,
                             UniqueFunction<void(Result<core::FoundEvents>)> done) {
  read(loop, std::move(done),
       [uid, query = std::move(query)](Reader& reader) { return reader.search_log(uid, query); });
}

void SqliteStore::load_items(Uid uid, std::string node, core::ItemQuery query, std::size_t bytes, Loop& loop,
                             UniqueFunction<void(Result<core::ItemPage>)> done) {
  read(loop, std::move(done), [uid, node = std::move(node), query = std::move(query), bytes](Reader& reader) {
    return reader.published().load_items(uid, node, query, bytes);
  });
}

void SqliteStore::load_last_said(engine::LastQuery query, Loop& loop,
                                 UniqueFunction<void(Result<engine::LastPage>)> done) {
  read(loop, std::move(done),
       [query = std::move(query)](Reader& reader) { return reader.published().load_last_said(query); });
}

void SqliteStore::load_topic_sessions(std::string after, std::size_t limit, Loop& loop,
                                      UniqueFunction<void(Result<std::vector<core::StoredTopicSession>>)> done) {
  read(loop, std::move(done),
       [after = std::move(after), limit](Reader& reader) { return reader.topics().load_sessions(after, limit); });
}

void SqliteStore::load_retained(std::string after, std::size_t limit, Loop& loop,
                                UniqueFunction<void(Result<std::vector<core::StoredRetained>>)> done) {
  read(loop, std::move(done),
       [after = std::move(after), limit](Reader& reader) { return reader.topics().load_retained(after, limit); });
}

void SqliteStore::load_topic_places(Loop& loop, UniqueFunction<void(Result<core::StoredPlaces>)> done) {
  read(loop, std::move(done), [](Reader& reader) { return reader.topics().load_places(); });
}

void SqliteStore::read_topics(core::TopicSeq after, std::size_t rows, std::size_t bytes, Loop& loop,
                              UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) {
  read(loop, std::move(done), [=](Reader& reader) { return reader.topics().read(after, rows, bytes); });
}

void SqliteStore::list_accounts(Address after, std::size_t limit, Loop& loop,
                                UniqueFunction<void(Result<std::vector<AccountLine>>)> done) {
  read(loop, std::move(done),
       [after = std::move(after), limit](Reader& reader) { return reader.list_accounts(after, limit); });
}

}  // namespace confab::store
