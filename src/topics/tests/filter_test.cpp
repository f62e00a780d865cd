#include "topics/filter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace confab::topics;

namespace {

// Every text of up to `depth` levels out of `alphabet`.
std::vector<std::string> combinations(const std::vector<std::string>& alphabet, std::size_t depth) {
  std::vector<std::string> all;
  std::vector<std::string> last = alphabet;
  for (std::size_t level = 1; level <= depth; ++level) {
    all.insert(all.end(), last.begin(), last.end());
    std::vector<std::string> longer;
    for (const std::string& head : last) {
      for (const std::string& tail : alphabet) longer.push_back(head + "/" + tail);
    }
    last = std::move(longer);
  }
  return all;
}

std::vector<std::string> valid_filters(std::size_t depth) {
  std::vector<std::string> found;
  for (std::string& text : combinations({"", "a", "b", "$s", "+", "#"}, depth)) {
    if (is_topic_filter(text)) found.push_back(std::move(text));
  }
  return found;
}

// "z" stands for all names that no filter says.
std::vector<std::string> valid_names(std::size_t depth) {
  std::vector<std::string> found;
  for (std::string& text : combinations({"", "a", "b", "$s", "z"}, depth)) {
    if (is_topic_name(text)) found.push_back(std::move(text));
  }
  return found;
}

// The parent of "/#" has no byte: it is counted in, though no name is so.
bool covers_each(const std::string& wide, const std::string& narrow, const std::vector<std::string>& names) {
  if (narrow == "/#" && !matches(wide, "")) return false;
  for (const std::string& name : names) {
    if (matches(narrow, name) && !matches(wide, name)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("§4.7.3: a topic name has 1 to 65535 bytes, without wildcards and U+0000") {
  CHECK(is_topic_name("a"));
  CHECK(is_topic_name("/"));
  CHECK(is_topic_name("sport/tennis player/1"));
  CHECK(is_topic_name("$SYS/broker/uptime"));
  CHECK(is_topic_name(std::string(65535, 'x')));
  CHECK_FALSE(is_topic_name(""));
  CHECK_FALSE(is_topic_name(std::string(65536, 'x')));
  CHECK_FALSE(is_topic_name("a/+"));
  CHECK_FALSE(is_topic_name("a#"));
  CHECK_FALSE(is_topic_name(std::string("a\0b", 3)));
}

TEST_CASE("§4.7.1: wildcards are whole levels, and # is the last one") {
  for (const char* good :
       {"#", "+", "+/+", "/#", "/+", "sport/tennis/#", "+/tennis/#", "sport/+/player1", "//", "+/"}) {
    CHECK_MESSAGE(is_topic_filter(good), good);
  }
  for (const char* bad : {"", "sport/tennis#", "sport/tennis/#/ranking", "sport+", "+a", "##", "#/", "a/++"}) {
    CHECK_MESSAGE(!is_topic_filter(bad), bad);
  }
}

TEST_CASE("§4.7.1.2, §4.7.1.3: what the specification's examples match") {
  for (const char* name :
       {"sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/wimbledon"}) {
    CHECK(matches("sport/tennis/player1/#", name));
  }
  CHECK(matches("sport/#", "sport"));
  CHECK(matches("sport/tennis/+", "sport/tennis/player1"));
  CHECK_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
  CHECK_FALSE(matches("sport/+", "sport"));
  CHECK(matches("sport/+", "sport/"));
  CHECK(matches("+/+", "/finance"));
  CHECK(matches("/+", "/finance"));
  CHECK_FALSE(matches("+", "/finance"));
  CHECK_FALSE(matches("ACCOUNTS", "Accounts"));
  CHECK_FALSE(matches("/A", "A"));
}

TEST_CASE("§4.7.3: names are compared as they are, without normalisation") {
  CHECK(matches("caf\xc3\xa9/+", "caf\xc3\xa9/a"));
  CHECK_FALSE(matches("caf\xc3\xa9/+", "cafe\xcc\x81/a"));
  CHECK_FALSE(matches("\xe2\x84\xab", "\xc3\x85"));  // the sign of the unit, and the letter
}

TEST_CASE("§4.7.2: wildcards at the first level do not match what begins with $") {
  CHECK_FALSE(matches("#", "$SYS/a"));
  CHECK_FALSE(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
  CHECK(matches("$SYS/#", "$SYS/a"));
  CHECK(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
  CHECK(matches("a/+", "a/$b"));
}

TEST_CASE("§4.8.2: a shared filter has a group without wildcards, and a filter") {
  const auto shared = split_filter("$share/consumer1/sport/tennis/+");
  REQUIRE(shared);
  CHECK(shared->shared());
  CHECK(shared->group == "consumer1");
  CHECK(shared->filter == "sport/tennis/+");
  CHECK(split_filter("$share/g//finance")->filter == "/finance");
  const auto plain = split_filter("a/#");
  REQUIRE(plain);
  CHECK_FALSE(plain->shared());
  for (const char* bad : {"$share/", "$share/g", "$share//a", "$share/g/", "$share/g+/a", "$share/#/a", "$share/+/a",
                          "$share/g/a#", ""}) {
    CHECK_MESSAGE(!split_filter(bad), bad);
  }
  CHECK(split_filter("$share")->filter == "$share");
  CHECK(split_filter("$shared/a")->filter == "$shared/a");
}

TEST_CASE("a filter covers another one if it matches all that the other one matches") {
  CHECK(covers("#", "a/b"));
  CHECK(covers("+/#", "#"));
  CHECK(covers("a/#", "a"));
  CHECK(covers("a/+", "a/b"));
  CHECK_FALSE(covers("a/+", "a/#"));
  CHECK_FALSE(covers("#", "$SYS/#"));
  CHECK(covers("$SYS/#", "$SYS/broker/+"));
}

TEST_CASE("covers says for every pair what matching all names one by one says") {
  const auto filters = valid_filters(3);
  const auto names = valid_names(4);
  std::size_t wrong = 0;
  for (const std::string& wide : filters) {
    for (const std::string& narrow : filters) {
      if (covers(wide, narrow) != covers_each(wide, narrow, names)) {
        ++wrong;
        MESSAGE(wide, " covers ", narrow);
      }
    }
  }
  CHECK(wrong == 0);
}
