#include "topics/log_place.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

using namespace confab::topics;
using Seq = LogPlace::Seq;

TEST_CASE("who takes everything at once is done when it is acknowledged, in any order") {
  LogPlace place(10);
  CHECK_FALSE(place.done());
  place.hand_over(11);
  place.hand_over(14);
  place.hand_over(15);
  CHECK(place.done() == Seq{10});
  CHECK(place.acknowledge(14));
  CHECK(place.done() == Seq{10});
  CHECK(place.acknowledge(11));
  CHECK(place.done() == Seq{14});
  CHECK(place.acknowledge(15));
  CHECK_FALSE(place.done());
  CHECK_FALSE(place.acknowledge(15));
}

TEST_CASE("who is behind stands at the first row that waits") {
  LogPlace place(10);
  place.wait_for(12);
  place.wait_for(20);
  CHECK(place.is_behind());
  CHECK(place.done() == Seq{11});
  CHECK(place.wants(12));
  place.hand_over(12);
  place.acknowledge(12);
  CHECK(place.done() == Seq{12});
  place.hand_over(20);
  CHECK_FALSE(place.is_behind());
  place.acknowledge(20);
  CHECK_FALSE(place.done());
}

TEST_CASE("what was not acknowledged comes again, and nothing else of what was handed over") {
  LogPlace place(0);
  for (const Seq seq : {1U, 2U, 3U, 4U}) place.hand_over(seq);
  place.acknowledge(1);
  place.acknowledge(3);
  place.rewind(4);
  CHECK(place.waiting() == 2);
  CHECK(place.done() == Seq{1});
  place.wait_for(5);
  CHECK(place.wants(2));
  CHECK(place.comes_again(2));
  CHECK_FALSE(place.wants(3));
  CHECK(place.wants(4));
  CHECK(place.wants(5));
  CHECK_FALSE(place.comes_again(5));
  place.hand_over(2);
  place.pass(3, false);
  place.rewind(5);  // the connection ends again, before 4 was there
  CHECK(place.done() == Seq{1});
  CHECK(place.waiting() == 3);
  place.hand_over(2);
  place.hand_over(4);
  place.hand_over(5);
  CHECK_FALSE(place.is_behind());
  for (const Seq seq : {2U, 4U, 5U}) place.acknowledge(seq);
  CHECK_FALSE(place.done());
}

TEST_CASE("a row that was to come again and is gone from the log is not waited for") {
  LogPlace place(0);
  place.hand_over(1);
  place.hand_over(2);
  place.rewind(2);
  place.hand_over(2);
  CHECK_FALSE(place.is_behind());
  CHECK(place.done() == Seq{1});
}

TEST_CASE("whatever happens, each row is handed over until it is acknowledged, and not after") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    LogPlace place(0);
    std::set<Seq> open;    // for him, and not acknowledged
    std::set<Seq> flying;  // handed over since the last rewind
    Seq head = 0;
    for (int step = 0; step < 200; ++step) {
      switch (random() % 4) {
        case 0: {  // a new row
          ++head;
          if (random() % 3 == 0) break;
          open.insert(head);
          if (!place.is_behind() && random() % 2 == 0) {
            place.hand_over(head);
            flying.insert(head);
          } else {
            place.wait_for(head);
          }
          break;
        }
        case 1:  // the next row
          for (Seq seq = place.next(); place.is_behind() && seq <= head; ++seq) {
            if (!place.wants(seq)) continue;
            if (!open.contains(seq)) {
              place.pass(seq, false);
              continue;
            }
            REQUIRE_FALSE(flying.contains(seq));
            place.hand_over(seq);
            flying.insert(seq);
            break;
          }
          break;
        case 2:
          if (!flying.empty()) {
            const Seq seq = *std::next(flying.begin(), static_cast<long>(random() % flying.size()));
            CHECK(place.acknowledge(seq));
            flying.erase(seq);
            open.erase(seq);
          }
          break;
        default:
          if (random() % 4 == 0) {
            place.rewind(head);
            flying.clear();
          }
      }
      REQUIRE(place.waiting() == open.size() - flying.size());
      if (!open.empty()) REQUIRE(place.done().value_or(head) < *open.begin());
    }
  }
}
