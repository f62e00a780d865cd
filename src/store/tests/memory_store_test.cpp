// What only the store in memory does: faults that a simulation plans.
#include "store/memory/memory_store.h"

#include "store/tests/contract.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;

namespace {

MemoryStore& memory(Bench& b) {
  return static_cast<MemoryStore&>(*b.store);
}

}  // namespace

TEST_CASE("memory: planned failures change nothing") {
  Bench b("memory");
  const Uid alice = b.create("alice");
  int asked = 0;
  memory(b).plan_faults([&](const engine::Transaction&) {
    Fault fault;
    if (++asked == 1) fault = {Fault::Kind::fail, Errc::no_space, milliseconds(0)};
    if (asked == 2) fault = {Fault::Kind::fail, Errc::unavailable, milliseconds(0)};
    return fault;
  });
  CHECK(b.commit_all(append(message(1), {alice}, "k")).error().code == Errc::no_space);
  CHECK(b.commit_all(append(message(1), {alice}, "k")).error().code == Errc::unavailable);
  CHECK(b.commit_all(append(message(1), {alice}, "k"))->appended[0].positions == std::vector<Upos>{1});
}

TEST_CASE("memory: a delay holds up what comes after it, in order") {
  Bench b("memory");
  const Uid alice = b.create("alice");
  int asked = 0;
  memory(b).plan_faults([&](const engine::Transaction&) {
    Fault fault;
    if (++asked == 2) fault.delay = milliseconds(300);
    return fault;
  });
  std::vector<std::uint64_t> done;
  for (std::uint64_t n = 1; n <= 3; ++n) {
    b.store->commit({{append(message(n), {alice})}}, b.loop, [&, n](auto result) {
      CHECK(result.has_value());
      done.push_back(n);
    });
  }
  b.loop.run();
  CHECK(done == std::vector<std::uint64_t>{1});
  b.loop.advance(milliseconds(299));
  CHECK(done.size() == 1);
  b.loop.advance(milliseconds(1));
  CHECK(done == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("memory: after a crash nobody is answered, and what was committed is there") {
  for (const auto kind : {Fault::Kind::crash_before, Fault::Kind::crash_after}) {
    Bench b("memory");
    const Uid alice = b.create("alice");
    REQUIRE(b.commit_all(append(message(1), {alice})).has_value());
    memory(b).plan_faults(
        [kind](const engine::Transaction&) { return Fault{kind, Errc::unavailable, milliseconds(0)}; });
    int answers = 0;
    b.store->commit({{append(message(2), {alice})}}, b.loop, [&](auto) { ++answers; });
    b.store->commit({{append(message(3), {alice})}}, b.loop, [&](auto) { ++answers; });
    b.loop.run();
    b.store->load_profile(alice, b.loop, [&](auto) { ++answers; });
    b.loop.run();
    CHECK(answers == 0);
    CHECK(memory(b).crashed());
    b.reopen();
    CHECK(b.log(alice)->size() == (kind == Fault::Kind::crash_after ? 2 : 1));
  }
}

TEST_CASE("memory: a store that is gone answers nobody") {
  Bench b("memory");
  int answers = 0;
  b.store->commit({{new_account("alice")}}, b.loop, [&](auto) { ++answers; });
  b.store->load_account({"alice", "example.org", ""}, b.loop, [&](auto) { ++answers; });
  b.store.reset();
  b.loop.run();
  CHECK(answers == 0);
}
