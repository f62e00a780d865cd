// The contract of every store: logs, duplicates, order and groups.
#include <thread>

#include "store/tests/contract.h"

using namespace confab;
using namespace confab::store::testing;

TEST_CASE("store: logs grow by one position each, without holes") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    REQUIRE(b.commit_all(append(message(1), {alice})).has_value());
    const auto both = b.commit_all(append(message(2), {alice, bob}), append(message(3), {bob, alice}));
    REQUIRE(both.has_value());
    REQUIRE(both->appended.size() == 2);
    CHECK(both->appended[0].positions == std::vector<Upos>{2, 1});
    CHECK(both->appended[1].positions == std::vector<Upos>{2, 3});
    CHECK(both->appended[1].id == message_id(3));
    CHECK(both->appended[1].at.ms == 1000);
    CHECK(b.load("alice")->head == 3);
    const auto log = b.log(bob);
    REQUIRE(log->size() == 2);
    CHECK((*log)[0].upos == 1);
    CHECK(*(*log)[0].event == *message(2));
    CHECK(*(*log)[1].event == *message(3));
  });
}

TEST_CASE("store: a repeat is answered with the first one's id and stores nothing") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    REQUIRE(b.commit_all(append(message(1, "hello", 1000), {alice, bob}, "key")).has_value());
    const auto repeat = b.commit_all(append(message(2, "hello", 2000), {alice, bob}, "key"));
    REQUIRE(repeat.has_value());
    CHECK(repeat->appended[0].duplicate);
    CHECK(repeat->appended[0].id == message_id(1));
    CHECK(repeat->appended[0].at.ms == 1000);
    CHECK(repeat->appended[0].positions == std::vector<Upos>{0, 0});
    CHECK(b.log(alice)->size() == 1);
    // Another author's key, another key, no key: all new.
    CHECK_FALSE(b.commit_all(append(message(3), {bob, alice}, "key"))->appended[0].duplicate);
    CHECK_FALSE(b.commit_all(append(message(4), {alice}, "key2"))->appended[0].duplicate);
    CHECK_FALSE(b.commit_all(append(message(5), {alice}))->appended[0].duplicate);
    CHECK(b.load("alice")->head == 4);
    CHECK(b.listener.rows().size() == 6);
  });
}

TEST_CASE("store: a repeat inside one transaction, and of the event itself") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const auto both = b.commit_all(append(message(1), {alice}, "key"), append(message(2), {alice}, "key"));
    REQUIRE(both.has_value());
    CHECK_FALSE(both->appended[0].duplicate);
    CHECK(both->appended[1].duplicate);
    const auto same = b.commit_all(append(message(1), {alice}, "other"));
    REQUIRE(same.has_value());
    CHECK(same->appended[0].duplicate);
    const auto later = b.commit_all(append(message(3), {alice}, "other"));
    CHECK(later->appended[0].duplicate);
    CHECK(later->appended[0].id == message_id(1));
    CHECK(b.load("alice")->head == 1);
  });
}

TEST_CASE("store: an expired key is free again") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    REQUIRE(b.commit_all(append(message(1, "a", 1000), {alice}, "key", alice, 5000)).has_value());
    CHECK(b.commit_all(append(message(2, "a", 4999), {alice}, "key", alice, 9000))->appended[0].duplicate);
    CHECK_FALSE(b.commit_all(append(message(3, "a", 5000), {alice}, "key", alice, 9000))->appended[0].duplicate);
    const auto again = b.commit_all(append(message(4, "a", 8999), {alice}, "key", alice, 9000));
    CHECK(again->appended[0].duplicate);
    CHECK(again->appended[0].id == message_id(3));
  });
}

TEST_CASE("store: pages of the log by rows and by bytes") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    for (std::uint64_t n = 1; n <= 10; ++n) {
      REQUIRE(b.commit_all(append(message(n, std::string(1000, 'x')), {alice})).has_value());
    }
    CHECK(b.log(alice, 0, 4)->size() == 4);
    CHECK(b.log(alice, 8, 4)->size() == 2);
    CHECK(b.log(alice, 10, 4)->empty());
    CHECK(b.log(alice, 0, 100, 3500)->size() == 3);
    CHECK(b.log(alice, 4, 100, 1)->size() == 1);
    CHECK(b.log(alice, 4, 100, 1)->front().upos == 5);
    CHECK(b.log(99)->empty());
  });
}

TEST_CASE("store: a transaction that fails changed nothing") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    CHECK(b.commit_all(append(message(1), {alice}), append(message(2), {alice, 99})).error().code == Errc::not_found);
    CHECK(b.commit_all(core::SetDisabled{alice, true}, append(message(3), {alice}, "k"), new_account("bob"),
                       new_account("alice"))
              .error()
              .code == Errc::conflict);
    CHECK(b.commit_all(append(nullptr, {alice})).error().code == Errc::bad_payload);
    CHECK(b.load("alice")->head == 0);
    CHECK_FALSE(b.load("alice")->disabled);
    CHECK(b.load("bob").error().code == Errc::not_found);
    CHECK(b.listener.rows().empty());
    const auto good = b.commit_all(append(message(3), {alice}, "k"));
    REQUIRE(good.has_value());
    CHECK(good->appended[0].positions == std::vector<Upos>{1});
    CHECK(b.create("bob") == alice + 1);
  });
}

TEST_CASE("store: one that fails does not take those beside it along, and all are answered in order") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    std::vector<std::uint64_t> good, bad;
    for (std::uint64_t n = 1; n <= 300; ++n) {
      std::vector<core::Change> changes;
      if (n % 10 == 0) changes.emplace_back(core::SetDisabled{alice, false});
      changes.emplace_back(append(message(n), {alice}));
      if (n % 10 == 0) changes.emplace_back(core::SetDisabled{99, false});
      b.store->commit({std::move(changes)}, b.loop, [&, n](Result<engine::Committed> result) {
        // Told to the listener before it is told here.
        if (result) CHECK(b.listener.rows().size() >= result->appended[0].positions[0]);
        (result ? good : bad).push_back(n);
      });
    }
    REQUIRE(b.loop.run_until([&] { return good.size() + bad.size() == 300; }));
    CHECK(bad.size() == 30);
    CHECK(std::is_sorted(good.begin(), good.end()));
    const auto log = b.log(alice);
    REQUIRE(log->size() == 270);
    const auto told = b.listener.rows();
    REQUIRE(told.size() == 270);
    for (std::size_t i = 0; i < log->size(); ++i) {
      CHECK((*log)[i].upos == i + 1);
      CHECK((*log)[i].event->id == message_id(good[i]));
      CHECK(told[i].upos == i + 1);
      CHECK(told[i].owner == alice * 7);
      CHECK(told[i].event->id == message_id(good[i]));
    }
  });
}

TEST_CASE("store: several threads at once") {
  static constexpr std::uint64_t kThreads = 4;
  static constexpr std::uint64_t kEach = 200;
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    std::array<ManualLoop, kThreads> loops;
    std::array<std::vector<Upos>, kThreads> positions;
    std::atomic<std::uint64_t> answers{0};
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t n = 1; n <= kEach; ++n) {
          b.store->commit({{append(message(t * 1000 + n), {alice, bob}, "k" + std::to_string(t * 1000 + n))}}, loops[t],
                          [&, t](Result<engine::Committed> result) {
                            if (result) positions[t].push_back(result->appended[0].positions[0]);
                            ++answers;
                          });
          if (n % 16 == 0) loops[t].run();
          if (n % 50 == 0) b.store->read_log(bob, 0, 5, 1000, loops[t], [](auto result) { CHECK(result.has_value()); });
        }
        // A memory store works on whichever loop was first: all run until everybody is answered.
        while (answers.load() < kThreads * kEach) {
          loops[t].run();
          std::this_thread::yield();
        }
        loops[t].run();
      });
    }
    for (std::thread& thread : threads) thread.join();
    const auto log = b.log(alice);
    REQUIRE(log->size() == kThreads * kEach);
    for (std::size_t i = 0; i < log->size(); ++i) REQUIRE((*log)[i].upos == i + 1);
    for (const auto& mine : positions) {
      CHECK(mine.size() == kEach);
      CHECK(std::is_sorted(mine.begin(), mine.end()));
    }
    // Reads that were still under way answer into loops that live no longer than this.
    b.store.reset();
  });
}
