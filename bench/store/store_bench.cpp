// What the embedded store costs: appends (200-byte bodies, two logs, one key) and reads.
// store_bench [FOLDER] [MESSAGES]
#include <sys/resource.h>
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "store/sqlite/sqlite_store.h"
#include "testing/manual_loop.h"

namespace {

using namespace confab;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

core::EventPtr message(std::uint64_t n) {
  core::Event event;
  event.at = {1'795'166'336'000 + static_cast<std::int64_t>(n)};
  for (std::size_t i = 0; i < 8; ++i) event.id.bytes[i] = static_cast<unsigned char>(n >> (8 * (7 - i)));
  event.id.bytes[15] = 1;
  event.from = {"user" + std::to_string(n % 1000), "example.org", "phone"};
  event.to = {"user" + std::to_string((n * 7 + 1) % 1000), "example.org", ""};
  event.cid = "cid-" + std::to_string(n);
  core::Message body;
  body.bodies.push_back({"", std::string(200, 'x')});
  event.body = std::move(body);
  return std::make_shared<const core::Event>(std::move(event));
}

core::Append append(std::uint64_t n) {
  core::Append change;
  change.event = message(n);
  const Uid base = 1ULL << 36;
  const std::uint64_t from = n % 1000, to = (n * 7 + 1) % 1000;
  change.logs = {{base + 1 + from, from}};
  if (from != to) change.logs.push_back({base + 1 + to, to});
  change.conversation.bytes[0] = static_cast<unsigned char>(from);
  change.conversation.bytes[9] = static_cast<unsigned char>(from >> 8);
  change.source = base + 1 + from;
  change.key = change.event->cid;
  change.key_expires = change.event->at + seconds(7 * 24 * 3600);
  return change;
}

void measure_codec() {
  const core::EventPtr event = message(1);
  constexpr int kRounds = 500'000;
  std::size_t total = 0;
  auto start = Clock::now();
  for (int i = 0; i < kRounds; ++i) total += core::encode_event(*event).size();
  std::printf("encode_event: %.3f us\n", seconds_since(start) * 1e6 / kRounds);
  const std::string bytes = core::encode_event(*event);
  start = Clock::now();
  for (int i = 0; i < kRounds; ++i) total += core::decode_event(bytes)->annex.size();
  std::printf("decode_event: %.3f us (%zu bytes)\n", seconds_since(start) * 1e6 / kRounds, bytes.size());
  if (total == 0) std::abort();
}

void fill_accounts(store::SqliteStore& store, testing::ManualLoop& loop) {
  std::uint64_t answers = 0;
  const auto count = [&answers](Result<engine::Committed> result) {
    if (!result) std::abort();
    ++answers;
  };
  for (int i = 0; i < 1000; ++i) {
    store.commit({{core::CreateAccount{{"user" + std::to_string(i), "example.org", ""}, "c", false, {1}, {}}}}, loop,
                 count);
  }
  loop.run_until([&] { return answers == 1000; });
  for (std::uint64_t i = 0; i < 20; ++i) {
    core::RosterItem item;
    item.peer = {"user" + std::to_string(i), "example.org", ""};
    item.name = "Friend " + std::to_string(i);
    item.groups = {"Friends"};
    item.to = item.from = true;
    store.commit({{core::PutRosterItem{(1ULL << 36) + 1, item, i + 1}}}, loop, count);
  }
  loop.run_until([&] { return answers == 1020; });
}

// `window` transactions are under way at a time.
void measure_appends(store::SqliteStore& store, testing::ManualLoop& loop, std::uint64_t first, std::uint64_t messages,
                     std::uint64_t window) {
  std::uint64_t answers = 0;
  const auto before = store.counters();
  const auto start = Clock::now();
  const double process = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID), mine = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
  for (std::uint64_t n = 0; n < messages; ++n) {
    store.commit({{append(first + n)}}, loop, [&answers](Result<engine::Committed> result) {
      if (!result || result->appended[0].duplicate) std::abort();
      ++answers;
    });
    if (n + 1 - answers >= window) loop.run_until([&] { return n + 1 - answers <= window / 2; });
  }
  loop.run_until([&] { return answers == messages; });
  const double wall = seconds_since(start);
  const double own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - mine;
  const double thread = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - process - own;
  const auto after = store.counters();
  const auto count = static_cast<double>(messages);
  std::printf("window %5lu: %7.0f appends/s, store thread %.1f us of CPU each, caller %.1f us, %.0f in a group\n",
              window, count / wall, thread * 1e6 / count, own * 1e6 / count,
              count / static_cast<double>(after.groups - before.groups));
}

template <class Ask>
void measure_reads(const char* what, testing::ManualLoop& loop, Ask ask) {
  constexpr std::uint64_t kReads = 20'000;
  std::uint64_t answers = 0;
  const auto start = Clock::now();
  const double process = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (std::uint64_t n = 0; n < kReads; ++n) {
    ask([&answers] { ++answers; });
    if (n - answers > 100) loop.run_until([&] { return n - answers < 50; });
  }
  loop.run_until([&] { return answers == kReads; });
  std::printf("%s: %.1f us, %.1f us of CPU with both threads\n", what, seconds_since(start) * 1e6 / kReads,
              (cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - process) * 1e6 / kReads);
}

void measure(const std::string& path, store::Durability durability, std::uint64_t messages) {
  store::SqliteOptions options;
  options.path = path;
  options.durability = durability;
  options.readers = 1;
  auto store = store::SqliteStore::open(options);
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().text.c_str());
    std::exit(1);
  }
  testing::ManualLoop loop;
  fill_accounts(**store, loop);
  std::uint64_t first = 1;
  for (const std::uint64_t window : {1UL, 10UL, 200UL, 1000UL}) {
    const std::uint64_t count = window < 100 ? messages / 50 : messages;
    measure_appends(**store, loop, first, count, window);
    first += count;
  }
  measure_reads("load_account, 20 roster items", loop, [&](auto done) {
    (*store)->load_account({"user0", "example.org", ""}, loop, [done](auto result) {
      if (!result || result->roster.size() != 20) std::abort();
      done();
    });
  });
  measure_reads("read_log, 50 rows", loop, [&](auto done) {
    (*store)->read_log((1ULL << 36) + 1, 0, 50, 1U << 20, loop, [done](auto result) {
      if (!result || result->size() != 50) std::abort();
      done();
    });
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "store-bench";
  const std::uint64_t messages = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200'000;
  measure_codec();
  for (const auto durability : {store::Durability::power, store::Durability::process}) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    std::printf("durability %s\n", durability == store::Durability::power ? "power" : "process");
    measure((folder / "bench.db").string(), durability, messages);
  }
  std::filesystem::remove_all(folder);
}
