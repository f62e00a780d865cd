// kill -9 at any moment: what was acknowledged is there.
#include <cstdlib>
#include <random>

#include "store/tests/contract.h"
#include "store/tests/killed_child.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;

namespace {

constexpr const char* kPath = "CONFAB_STORE_CHILD";
constexpr const char* kFirst = "CONFAB_STORE_FIRST";

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
                        if (!result || !report(n)) ::_exit(2);
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
    const std::vector<std::uint64_t> told = run_and_kill("the child that appends", milliseconds(60 + random() % 250));
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
