// A disk that fails at its n-th write or sync, n rising until the scenario passes.
#include <set>

#include "store/tests/contract.h"
#include "store/tests/fault_vfs.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;

namespace {

constexpr std::uint64_t kMessages = 12;

struct Outcome {
  std::set<std::uint64_t> acknowledged;
  std::set<Errc> errors;
};

// Appends one after the other (every second one with its neighbour in a group), and waits for all answers.
Outcome append_all(Bench& b, Uid alice, Uid bob) {
  Outcome outcome;
  std::size_t answers = 0;
  for (std::uint64_t n = 1; n <= kMessages; ++n) {
    b.store->commit({{append(message(n, std::string(600, 'x')), {alice, bob}, "k" + std::to_string(n))}}, b.loop,
                    [&, n](Result<engine::Committed> result) {
                      ++answers;
                      if (result) outcome.acknowledged.insert(n);
                      if (!result) outcome.errors.insert(result.error().code);
                    });
    if (n % 2 == 0) REQUIRE(b.loop.run_until([&] { return answers == n; }));
  }
  return outcome;
}

// Everything that was acknowledged is there once, positions are dense, and both logs agree.
void check_logs(Bench& b, const Outcome& outcome, Uid alice, Uid bob, bool exactly) {
  const auto mine = b.log(alice);
  const auto his = b.log(bob);
  REQUIRE(mine.has_value());
  REQUIRE(his.has_value());
  REQUIRE(mine->size() == his->size());
  std::set<MsgId> seen;
  for (std::size_t i = 0; i < mine->size(); ++i) {
    CHECK((*mine)[i].upos == i + 1);
    CHECK((*his)[i].upos == i + 1);
    CHECK((*mine)[i].event->id == (*his)[i].event->id);
    CHECK(seen.insert((*mine)[i].event->id).second);
  }
  for (const std::uint64_t n : outcome.acknowledged) CHECK(seen.contains(message_id(n)));
  if (exactly) CHECK(seen.size() == outcome.acknowledged.size());
}

void run_until_it_passes(FaultVfs::Kind kind, const std::set<Errc>& allowed) {
  FaultVfs disk;
  int nth = 1;
  for (bool hit = true; hit; ++nth) {
    CAPTURE(nth);
    REQUIRE(nth < 1000);
    Bench b("sqlite", [&](SqliteOptions& options) {
      options.vfs = disk.name();
      options.durability = Durability::power;
      options.wal_bytes = 16U << 10;  // checkpoints are among what fails
    });
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    disk.arm(kind, nth);
    const Outcome outcome = append_all(b, alice, bob);
    hit = disk.hit();
    for (const Errc code : outcome.errors) CHECK(allowed.contains(code));
    if (kind == FaultVfs::Kind::crash) {
      b.store.reset();  // closing writes too
      hit = disk.hit();
      if (hit) disk.forget_unsynced();
    } else {
      disk.arm(FaultVfs::Kind::none, 0);
      CHECK(b.commit_all(append(message(100), {alice, bob}), core::SetDisabled{bob, false}).has_value());
      CHECK(b.log(alice)->size() == outcome.acknowledged.size() + 1);
      b.store.reset();
    }
    if (!hit) CHECK(outcome.acknowledged.size() == kMessages);
    b.reopen();
    if (kind == FaultVfs::Kind::crash) check_logs(b, outcome, alice, bob, false);
    // Whatever the client was not told of may be sent again, and is there once.
    for (std::uint64_t n = 1; n <= kMessages; ++n) {
      const auto again = b.commit_all(append(message(200 + n), {alice, bob}, "k" + std::to_string(n)));
      REQUIRE(again.has_value());
      if (outcome.acknowledged.contains(n)) CHECK(again->appended[0].duplicate);
    }
    CHECK(b.log(alice)->size() == kMessages + (kind == FaultVfs::Kind::crash ? 0 : 1));
    check_logs(b, {}, alice, bob, false);
    b.store.reset();
  }
  MESSAGE("writes and syncs that failed in turn: " << nth - 2);
}

}  // namespace

TEST_CASE("sqlite: a full disk at each write") {
  run_until_it_passes(FaultVfs::Kind::full_once, {Errc::no_space});
}

TEST_CASE("sqlite: a broken write or sync at each place") {
  run_until_it_passes(FaultVfs::Kind::broken_once, {Errc::unavailable});
}

TEST_CASE("sqlite: a disk that stays full until there is room again") {
  run_until_it_passes(FaultVfs::Kind::full_until_armed, {Errc::no_space});
}

TEST_CASE("sqlite: the power fails at each write") {
  run_until_it_passes(FaultVfs::Kind::crash, {Errc::unavailable, Errc::no_space});
}
