#include "topics/trie.h"

#include <doctest/doctest.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

using namespace confab::topics;

namespace {

std::set<std::string> found(const Trie& trie, const std::string& name) {
  std::set<std::string> filters;
  trie.match(name, [&](Trie::Place place, const Leaf&) {
    const bool fresh = filters.insert(trie.filter_of(place)).second;
    CHECK(fresh);
  });
  return filters;
}

void subscribe(Trie& trie, const std::string& filter) {
  trie.leaf(trie.insert(filter)).subscribers.emplace_back();
}

std::string random_text(std::mt19937& random, const std::vector<std::string>& levels) {
  std::string text = levels[random() % levels.size()];
  for (std::size_t more = random() % 4; more > 0; --more) text += "/" + levels[random() % levels.size()];
  return text;
}

}  // namespace

TEST_CASE("a name finds every filter that matches it, once") {
  Trie trie(1);
  for (const char* filter : {"a/b", "a/+", "a/#", "#", "+/b", "a/b/#", "+", "b", "a/b/c"}) subscribe(trie, filter);
  CHECK(found(trie, "a/b") == std::set<std::string>{"a/b", "a/+", "a/#", "#", "+/b", "a/b/#"});
  CHECK(found(trie, "a") == std::set<std::string>{"a/#", "#", "+"});
}

TEST_CASE("§4.7.2: wildcards in front find nothing that begins with $") {
  Trie trie(1);
  for (const char* filter : {"#", "+/a", "$SYS/#", "$SYS/+", "$SYS/a"}) subscribe(trie, filter);
  CHECK(found(trie, "$SYS/a") == std::set<std::string>{"$SYS/#", "$SYS/+", "$SYS/a"});
  CHECK(found(trie, "x/$a") == std::set<std::string>{"#"});
}

TEST_CASE("a filter that is let go takes the levels along that nobody else has") {
  Trie trie(1);
  subscribe(trie, "a/b/c");
  subscribe(trie, "a");
  const auto place = trie.find("a/b/c");
  trie.release(place);
  CHECK(trie.find("a/b/c") == place);
  trie.leaf(place).subscribers.clear();
  trie.release(place);
  CHECK(trie.find("a/b/c") == Trie::kNone);
  CHECK(trie.find("a/b") == Trie::kNone);
  CHECK(trie.nodes() == 2);
  CHECK(found(trie, "a") == std::set<std::string>{"a"});
}

TEST_CASE("whatever comes and goes, the trie finds what comparing one by one finds") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    Trie trie(seed);
    std::set<std::string> filters;
    for (int step = 0; step < 400; ++step) {
      const std::string filter = random_text(random, {"", "a", "b", "cc", "$s", "+", "+", "#"});
      if (!is_topic_filter(filter)) continue;
      if (filters.insert(filter).second) {
        subscribe(trie, filter);
      } else if (random() % 2 == 0) {
        filters.erase(filter);
        const auto place = trie.find(filter);
        REQUIRE(place != Trie::kNone);
        trie.leaf(place).subscribers.clear();
        trie.release(place);
      }
      const std::string name = random_text(random, {"", "a", "b", "cc", "$s"});
      if (!is_topic_name(name)) continue;
      std::set<std::string> expected;
      std::copy_if(filters.begin(), filters.end(), std::inserter(expected, expected.end()),
                   [&](const std::string& each) { return matches(each, name); });
      REQUIRE(found(trie, name) == expected);
    }
    for (const std::string& filter : filters) {
      const auto place = trie.find(filter);
      CHECK(trie.filter_of(place) == filter);
      trie.leaf(place).subscribers.clear();
      trie.release(place);
    }
    CHECK(trie.nodes() == 1);
  }
}

TEST_CASE("an idle subscription costs little") {
  constexpr std::size_t kCount = 100'000;
  const auto used = [] {
    const auto now = mallinfo2();
    return now.uordblks + now.hblkhd;
  };
  const auto before = used();
  Trie trie(1);
  for (std::size_t i = 0; i < kCount; ++i) subscribe(trie, "home/" + std::to_string(i) + "/lamp");
  const std::size_t each = (used() - before) / kCount;
  MESSAGE("bytes for a subscription with two levels of its own: ", each);
  CHECK(each < 512);
}
