// kill -9 at any moment: what was acknowledged is there.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "store/tests/contract.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;

namespace {

constexpr const char* kPath = "CONFAB_STORE_CHILD";
constexpr const char* kFirst = "CONFAB_STORE_FIRST";

// Starts this program again as the one that appends; its acknowledgements come through `output`.
pid_t start_child(int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, 3);
  std::string self = "/proc/self/exe", only = "--test-case=the child that appends", run = "--no-skip",
              quiet = "--minimal";
  char* arguments[] = {self.data(), only.data(), run.data(), quiet.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments, environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

std::vector<std::uint64_t> read_numbers(int input) {
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(input, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  text.resize(text.find_last_of('\n') + 1);  // the last line may be torn
  std::vector<std::uint64_t> numbers;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    numbers.push_back(std::strtoull(text.c_str() + at, nullptr, 10));
  }
  return numbers;
}

}  // namespace

TEST_CASE("the child that appends" * doctest::skip()) {
  const char* path = std::getenv(kPath);
  if (path == nullptr) return;
  SqliteOptions options;
  options.path = path;
  options.durability = Durability::process;
  options.wal_bytes = 256U << 10;
  auto opened = SqliteStore::open(options);
  REQUIRE(opened.has_value());
  const Uid alice = (1ULL << 36) | 1;
  ManualLoop loop;
  std::uint64_t answers = 0;
  std::uint64_t n = std::strtoull(std::getenv(kFirst), nullptr, 10);
  for (std::uint64_t sent = 1;; ++sent, ++n) {
    (*opened)->commit({{append(message(n, std::string(200, 'x')), {alice}, "k" + std::to_string(n))}}, loop,
                      [&answers, n](Result<engine::Committed> result) {
                        ++answers;
                        const std::string line = std::to_string(n) + "\n";
                        if (!result || ::write(3, line.data(), line.size()) < 0) ::_exit(2);
                      });
    loop.run_until([&] { return answers + 50 > sent; });
  }
}

TEST_CASE("sqlite: after kill -9 everything that was acknowledged is there once") {
  Bench b("sqlite");
  const Uid alice = b.create("alice");
  REQUIRE(alice == ((1ULL << 36) | 1));
  std::mt19937 random(11);
  std::uint64_t acknowledged = 0;
  std::vector<std::uint64_t> all;
  for (int round = 0; round < 10; ++round) {
    b.store.reset();
    ::setenv(kPath, b.options.path.c_str(), 1);
    ::setenv(kFirst, std::to_string((round + 1) * 1'000'000).c_str(), 1);
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = start_child(ends[1]);
    ::close(ends[1]);
    std::thread killer([child, wait = milliseconds(60 + random() % 250)] {
      std::this_thread::sleep_for(wait);
      ::kill(child, SIGKILL);
    });
    const std::vector<std::uint64_t> told = read_numbers(ends[0]);
    killer.join();
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    acknowledged += told.size();
    all.insert(all.end(), told.begin(), told.end());
    b.reopen();
  }
  const auto log = b.log(alice);
  REQUIRE(log.has_value());
  std::vector<MsgId> ids;
  for (std::size_t i = 0; i < log->size(); ++i) {
    REQUIRE((*log)[i].upos == i + 1);
    ids.push_back((*log)[i].event->id);
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  for (const std::uint64_t n : all) REQUIRE(std::binary_search(ids.begin(), ids.end(), message_id(n)));
  CHECK(acknowledged > 0);
  MESSAGE("acknowledged before ten kills: " << acknowledged);
}
