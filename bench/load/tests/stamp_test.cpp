#include "../stamp.h"

#include <doctest/doctest.h>

namespace confab::load {
namespace {

constexpr Clock::time_point kSent{std::chrono::microseconds(123456789)};

TEST_CASE("a stamp is found wherever it stands, and says what was written") {
  const Stamp stamp("r7.1");
  std::string text;
  stamp.write(text, 42, kSent, 200);
  CHECK(text.size() == 200);
  for (const std::string& payload : {text, R"({"v":1,"id":"#r8.1:1:2;","body":")" + text + "\"}"}) {
    const auto read = stamp.find(payload);
    REQUIRE(read);
    CHECK(read->number == 42);
    CHECK(read->sent == kSent);
  }
}

TEST_CASE("a stamp is longer than it was asked to be, rather than cut") {
  const Stamp stamp("r7.1");
  std::string text = "before ";
  stamp.write(text, 42, kSent, 3);
  CHECK(text == "before #r7.1:42:123456789;");
}

TEST_CASE("another run's stamp, and half of one, are none") {
  const Stamp stamp("r7.1");
  CHECK_FALSE(stamp.find("#r7.2:42:123456789;"));
  CHECK_FALSE(stamp.find("#r7.1:42:12345"));
  CHECK_FALSE(stamp.find("#r7.1:42;12345;"));
  CHECK_FALSE(stamp.find("#r7.1:"));
  CHECK_FALSE(stamp.find("hello"));
  CHECK_FALSE(stamp.find(""));
}

}  // namespace
}  // namespace confab::load
