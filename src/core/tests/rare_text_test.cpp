#include "core/rare_text.h"

#include <doctest/doctest.h>

using namespace confab::core;

TEST_CASE("a text that most have not: a pointer, and a value all the same") {
  static_assert(sizeof(RareText) == sizeof(void*));
  RareText text;
  CHECK(text.empty());
  CHECK(text == "");
  CHECK(text == RareText(std::string()));
  text = "111f";
  RareText copy = text;
  CHECK(copy == text);
  CHECK(copy == std::string("111f"));
  text = std::string("2");
  CHECK(copy == std::string_view("111f"));
  CHECK_FALSE(copy == text);
  copy = std::move(text);
  CHECK(copy == "2");
  copy.clear();
  CHECK(copy.empty());
}
