// Free topics in SQLite: what expires, and kill -9 at any moment.
#include <cstdlib>
#include <random>
#include <set>

#include "store/tests/killed_child.h"
#include "store/tests/sqlite_file.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;

namespace {

constexpr const char* kPath = "CONFAB_STORE_TOPICS_CHILD";
constexpr const char* kFirst = "CONFAB_STORE_TOPICS_FIRST";

core::TopicMessagePtr topic(const std::string& name, const std::string& payload,
                            std::optional<std::uint32_t> expiry = {}) {
  core::TopicMessage message;
  message.topic = name;
  message.payload = payload;
  message.qos = 1;
  message.at = {1000};
  message.expiry = expiry;
  return std::make_shared<const core::TopicMessage>(std::move(message));
}

template <class... Changes>
Result<engine::Committed> commit(Bench& b, Changes... changes) {
  return b.commit_all(core::TopicChange(std::move(changes))...);
}

std::vector<core::TopicRow> rows(Bench& b) {
  return *wait_for<std::vector<core::TopicRow>>(
      b.loop, [&](auto done) { b.store->read_topics(0, 10'000'000, 1U << 30, b.loop, std::move(done)); });
}

}  // namespace

TEST_CASE("sqlite: of free topics goes what has expired, and what was removed is remembered for a minute") {
  std::atomic<std::int64_t> now{20'000};
  Bench b("sqlite", [&now](SqliteOptions& options) { options.now = [&now] { return WallMs{now.load()}; }; });
  REQUIRE(commit(b, core::AppendTopic{topic("a", "short", 5), "x", 0},
                 core::AppendTopic{topic("a", "long", 500), "x", 0}, core::AppendTopic{topic("a", "ever"), "x", 0},
                 core::PutRetained{topic("r/short", "1", 5), 1}, core::PutRetained{topic("r/ever", "1"), 2},
                 core::PutRetained{topic("r/gone", ""), 3}));
  REQUIRE(wait_until([&] { return ask_sql(b.options.path, "SELECT count(*) FROM topic_log") == 2; }));
  CHECK(ask_sql(b.options.path, "SELECT count(*) FROM topic_retained") == 2);
  now = 70'000;
  REQUIRE(commit(b, core::PutTopicKey{"x", 1}));
  REQUIRE(wait_until([&] { return ask_sql(b.options.path, "SELECT count(*) FROM topic_retained") == 1; }));
}

TEST_CASE("sqlite: a row of the topic log that is damaged fails whoever meets it, with words") {
  Bench b("sqlite");
  REQUIRE(commit(b, core::AppendTopic{topic("a", "1"), "x", 0}));
  b.store.reset();
  run_sql(b.options.path, "UPDATE topic_log SET message = x'09'");
  b.reopen();
  const auto page = wait_for<std::vector<core::TopicRow>>(
      b.loop, [&](auto done) { b.store->read_topics(0, 10, 1000, b.loop, std::move(done)); });
  REQUIRE_FALSE(page);
  CHECK(page.error().code == Errc::unavailable);
  CHECK(page.error().text.find("topic log 1") != std::string::npos);
}

TEST_CASE("the child that publishes" * doctest::skip()) {
  const char* path = std::getenv(kPath);
  if (path == nullptr) return;
  SqliteOptions options;
  options.path = path;
  options.durability = Durability::process;
  options.wal_bytes = 256U << 10;
  auto opened = SqliteStore::open(options);
  REQUIRE(opened.has_value());
  ManualLoop loop;
  std::uint64_t answers = 0;
  std::uint64_t n = std::strtoull(std::getenv(kFirst), nullptr, 10);
  for (std::uint64_t sent = 1;; ++sent, ++n) {
    std::vector<core::Change> changes;
    changes.emplace_back(core::TopicChange(core::AppendTopic{topic("a", std::to_string(n)), "sensor", 0}));
    changes.emplace_back(core::TopicChange(core::PutRetained{topic("last", std::to_string(n)), n}));
    (*opened)->commit({std::move(changes)}, loop, [&answers, n](Result<engine::Committed> result) {
      ++answers;
      if (!result || !report(n)) ::_exit(2);
    });
    loop.run_until([&] { return answers + 50 > sent; });
  }
}

TEST_CASE("sqlite: after kill -9 every message that was acknowledged is in the topic log once, and the last retained") {
  Bench b("sqlite");
  core::PutTopicSession session;
  session.row.client = "bob";
  session.row.expiry = 100;
  core::PutTopicSubscription subscription;
  subscription.client = "bob";
  subscription.filter.filter = "a";
  REQUIRE(commit(b, session, subscription, core::PutTopicMark{0, 1, 0}));
  std::mt19937 random(12);
  std::vector<std::uint64_t> all;
  for (int round = 0; round < 8; ++round) {
    b.store.reset();
    ::setenv(kPath, b.options.path.c_str(), 1);
    ::setenv(kFirst, std::to_string((round + 1) * 1'000'000).c_str(), 1);
    const auto told = run_and_kill("the child that publishes", milliseconds(60 + random() % 200));
    all.insert(all.end(), told.begin(), told.end());
    b.reopen();
    const auto retained = wait_for<std::vector<core::StoredRetained>>(
        b.loop, [&](auto done) { b.store->load_retained({}, 10, b.loop, std::move(done)); });
    if (!told.empty()) CHECK(retained->front().stamp >= told.back());
  }
  std::set<std::string> found;
  core::TopicSeq last = 0;
  for (const core::TopicRow& row : rows(b)) {
    REQUIRE(row.seq > last);
    last = row.seq;
    REQUIRE(found.insert(row.message->payload).second);
  }
  for (const std::uint64_t n : all) REQUIRE(found.contains(std::to_string(n)));
  CHECK(all.size() > 0);
  MESSAGE("acknowledged before eight kills: " << all.size());
  const auto sessions = wait_for<std::vector<core::StoredTopicSession>>(
      b.loop, [&](auto done) { b.store->load_topic_sessions({}, 10, b.loop, std::move(done)); });
  CHECK(sessions->front().subscriptions.size() == 1);
}
