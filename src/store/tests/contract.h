// What tests of every store share: a store under test, calls that wait for their answers, and ordinary values.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/plan.h"
#include "engine/ports.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "testing/manual_loop.h"

namespace confab::store::testing {

using confab::testing::ManualLoop;

// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "confab-store-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// Keeps the rows it is told of.
class RecordingListener final : public engine::LogListener {
 public:
  void on_appended(std::vector<engine::LogRow>&& rows) override {
    const std::lock_guard hold(mutex_);
    for (engine::LogRow& row : rows) rows_.push_back(std::move(row));
  }
  void on_topics(std::vector<core::TopicRow>&& rows) override {
    const std::lock_guard hold(mutex_);
    for (core::TopicRow& row : rows) topics_.push_back(std::move(row));
  }
  std::vector<engine::LogRow> rows() const {
    const std::lock_guard hold(mutex_);
    return rows_;
  }
  std::vector<core::TopicRow> topics() const {
    const std::lock_guard hold(mutex_);
    return topics_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<engine::LogRow> rows_;
  std::vector<core::TopicRow> topics_;
};

inline MsgId message_id(std::uint64_t n) {
  MsgId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<unsigned char>(n >> (8 * i));
  id.bytes[0] = 1;
  return id;
}

inline core::EventPtr message(std::uint64_t n, const std::string& text = "hello", std::int64_t at = 1000) {
  core::Event event;
  event.id = message_id(n);
  event.at = {at};
  event.from = {"alice", "example.org", "phone"};
  event.to = {"bob", "example.org", ""};
  core::Message body;
  body.bodies.push_back({"", text});
  event.body = std::move(body);
  return std::make_shared<const core::Event>(std::move(event));
}

inline ConvId conversation(unsigned char n) {
  ConvId id;
  id.bytes[3] = n;
  return id;
}

inline core::Append append(core::EventPtr event, std::vector<Uid> logs, std::string key = {}, Uid source = 0,
                           std::int64_t expires = 100'000) {
  core::Append change;
  change.event = std::move(event);
  change.conversation = conversation(1);
  for (const Uid uid : logs) change.logs.push_back({uid, uid * 7});
  change.source = source != 0 || logs.empty() ? source : logs.front();
  change.key = std::move(key);
  change.key_expires = {expires};
  return change;
}

inline core::CreateAccount new_account(const std::string& name) {
  return {{name, "example.org", ""}, std::string("keys\0of ", 8) + name, false, {500}, {}};
}

// Waits for the answer of one call, running `loop`.
template <class T, class Call>
Result<T> wait_for(ManualLoop& loop, Call call) {
  std::optional<Result<T>> answer;
  call([&](Result<T> result) { answer = std::move(result); });
  if (!loop.run_until([&] { return answer.has_value(); })) return fail(Errc::closed, "no answer");
  return std::move(*answer);
}

// A store, its listener and a loop. `kind`: "memory" or "sqlite".
struct Bench {
  explicit Bench(std::string which, std::function<void(SqliteOptions&)> adjust = {}) : kind(std::move(which)) {
    if (kind == "memory") {
      store = std::make_unique<MemoryStore>(MemoryOptions{1, &listener, {}});
      return;
    }
    options.path = folder.file("confab.db");
    options.durability = Durability::process;
    if (adjust) adjust(options);
    reopen();
  }
  // SQLite: closes and opens again. Memory: as after a crash.
  void reopen() {
    if (kind == "memory") {
      MemoryState state = static_cast<MemoryStore&>(*store).snapshot();
      store = std::make_unique<MemoryStore>(MemoryOptions{1, &listener, {}}, std::move(state));
      return;
    }
    store.reset();
    auto opened = SqliteStore::open(options, &listener);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().text);
    store = std::move(*opened);
  }

  Result<engine::Committed> commit(std::vector<core::Change> changes) {
    return wait_for<engine::Committed>(loop,
                                       [&](auto done) { store->commit({std::move(changes)}, loop, std::move(done)); });
  }
  template <class... Changes>
  Result<engine::Committed> commit_all(Changes... changes) {
    std::vector<core::Change> list;
    (list.emplace_back(std::move(changes)), ...);
    return commit(std::move(list));
  }
  Uid create(const std::string& name) {
    const auto created = commit_all(new_account(name));
    REQUIRE_MESSAGE(created.has_value(), created.error().text);
    return created->created;
  }
  Result<core::AccountRow> load(const std::string& name) {
    return wait_for<core::AccountRow>(
        loop, [&](auto done) { store->load_account({name, "example.org", ""}, loop, std::move(done)); });
  }
  Result<core::Profile> profile(Uid uid) {
    return wait_for<core::Profile>(loop, [&](auto done) { store->load_profile(uid, loop, std::move(done)); });
  }
  Result<std::vector<engine::LogRow>> log(Uid uid, Upos after = 0, std::size_t rows = 1'000'000,
                                          std::size_t bytes = 1U << 30) {
    return wait_for<std::vector<engine::LogRow>>(
        loop, [&](auto done) { store->read_log(uid, after, rows, bytes, loop, std::move(done)); });
  }
  Result<core::ArchivePage> archive(Uid uid, core::ArchiveQuery query, std::size_t bytes = 1U << 30) {
    if (query.kinds == 0) query.kinds = core::archive_kinds();
    if (query.limit == 0 && !query.count) query.limit = 1000;
    return wait_for<core::ArchivePage>(
        loop, [&](auto done) { store->read_archive(uid, std::move(query), bytes, loop, std::move(done)); });
  }
  Result<core::ReadMarkersFound> read_markers(Uid uid, std::size_t limit = 100) {
    return wait_for<core::ReadMarkersFound>(
        loop, [&](auto done) { store->load_read_markers(uid, limit, loop, std::move(done)); });
  }
  Result<core::ArchiveEnds> archive_ends(Uid uid) {
    return wait_for<core::ArchiveEnds>(loop, [&](auto done) { store->read_archive_ends(uid, loop, std::move(done)); });
  }
  Result<std::vector<engine::Store::LastPresence>> presences(std::vector<Address> people) {
    return wait_for<std::vector<engine::Store::LastPresence>>(
        loop, [&](auto done) { store->load_last_presence(std::move(people), loop, std::move(done)); });
  }
  Result<core::ItemPage> items(Uid uid, const std::string& node, core::ItemQuery query = {},
                               std::size_t bytes = 1U << 20) {
    return wait_for<core::ItemPage>(
        loop, [&](auto done) { store->load_items(uid, node, std::move(query), bytes, loop, std::move(done)); });
  }
  Result<engine::LastPage> last_said(engine::LastQuery query) {
    return wait_for<engine::LastPage>(
        loop, [&](auto done) { store->load_last_said(std::move(query), loop, std::move(done)); });
  }
  Result<std::vector<engine::Store::AccountLine>> list(Address after, std::size_t limit) {
    return wait_for<std::vector<engine::Store::AccountLine>>(
        loop, [&](auto done) { store->list_accounts(std::move(after), limit, loop, std::move(done)); });
  }

  std::string kind;
  TemporaryFolder folder;
  SqliteOptions options;
  RecordingListener listener;
  ManualLoop loop;
  std::unique_ptr<engine::Store> store;
};

// Runs `test` on every implementation.
inline void for_each_store(const std::function<void(Bench&)>& test) {
  for (const char* kind : {"memory", "sqlite"}) {
    CAPTURE(kind);
    Bench bench(kind);
    test(bench);
  }
}

}  // namespace confab::store::testing
