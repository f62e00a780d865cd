#include "topics/retained.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "topics/filter.h"

using namespace confab;
using namespace confab::topics;

namespace {

core::TopicMessagePtr message(const std::string& topic, const std::string& payload) {
  core::TopicMessage made;
  made.topic = topic;
  made.payload = payload;
  return std::make_shared<core::TopicMessage>(std::move(made));
}

std::set<std::string> walk(const Retained& retained, const std::string& filter, std::size_t at_once = 1000) {
  std::set<std::string> topics;
  Retained::Walk walk{filter, nullptr, false};
  while (!walk.done) {
    std::size_t names = at_once;
    while (const auto next = retained.next(walk, names)) CHECK(topics.insert(next->topic).second);
  }
  return topics;
}

}  // namespace

TEST_CASE("§3.3.1.3: the last message of a topic is retained, and an empty one takes it away") {
  Retained retained;
  CHECK(retained.put(message("a", "1"), 1, {}));
  CHECK(retained.put(message("a", "22"), 2, {}));
  CHECK(retained.messages() == 1);
  CHECK(retained.bytes() == 3);
  CHECK(walk(retained, "a") == std::set<std::string>{"a"});
  CHECK(retained.put(message("a", ""), 3, {}));
  CHECK(retained.messages() == 0);
  CHECK(retained.bytes() == 0);
  CHECK(walk(retained, "#").empty());
}

TEST_CASE("what another shard did before is not taken for the last, nor what it did before a removal") {
  Retained retained;
  retained.put(message("a", "new"), 5, {});
  CHECK_FALSE(retained.put(message("a", "old"), 4, {}));
  retained.put(message("a", ""), 7, {1000});
  CHECK_FALSE(retained.put(message("a", "old"), 6, {}));
  CHECK(retained.messages() == 0);
  retained.forget_removed({1000});
  CHECK(retained.has_removed());
  retained.forget_removed({1001});
  CHECK_FALSE(retained.has_removed());
  CHECK(retained.put(message("a", "x"), 8, {}));
  CHECK(walk(retained, "+") == std::set<std::string>{"a"});
}

TEST_CASE("a removal that was overtaken is forgotten without taking what came after it along") {
  Retained retained;
  retained.put(message("a", ""), 1, {0});
  retained.put(message("a", "x"), 2, {1});
  retained.forget_removed({100});
  CHECK(walk(retained, "a") == std::set<std::string>{"a"});
}

TEST_CASE("a walk finds what matches, whatever the pieces") {
  Retained retained;
  std::uint64_t stamp = 0;
  const std::vector<std::string> names{"a", "a/", "a/b", "a!b", "ab", "a/b/c", "/", "/a", "$SYS/a", "b/b", "b"};
  for (const std::string& name : names) retained.put(message(name, "x"), ++stamp, {});
  retained.put(message("a/gone", ""), ++stamp, {});
  for (const char* filter :
       {"#", "+", "a/#", "a/+", "+/b", "+/#", "/#", "/+", "$SYS/#", "a/b", "a/b/#", "b/#", "x/#"}) {
    std::set<std::string> expected;
    std::copy_if(names.begin(), names.end(), std::inserter(expected, expected.end()),
                 [&](const std::string& name) { return matches(filter, name); });
    for (const std::size_t at_once : {1U, 2U, 3U, 100U})
      CHECK_MESSAGE(walk(retained, filter, at_once) == expected, filter);
  }
}

TEST_CASE("growth counts what goes") {
  Retained retained;
  retained.put(message("a", "1234"), 1, {});
  CHECK(retained.growth(*message("a", "12")).messages == 0);
  CHECK(retained.growth(*message("a", "12")).bytes == -2);
  CHECK(retained.growth(*message("a", "")).messages == -1);
  CHECK(retained.growth(*message("b", "1")).bytes == 2);
}

TEST_CASE("what is worth nothing any more goes") {
  Retained retained;
  core::TopicMessage short_lived;
  short_lived.topic = "a";
  short_lived.payload = "x";
  short_lived.expiry = 10;
  retained.put(std::make_shared<core::TopicMessage>(short_lived), 1, {});
  retained.put(message("b", "x"), 2, {});
  retained.drop_expired({9'999});
  CHECK(retained.messages() == 2);
  retained.drop_expired({10'000});
  CHECK(retained.messages() == 1);
}
