#include "xml/reader.h"

#include <doctest/doctest.h>
using namespace confab::xml;
TEST_CASE("x") {
  Document d;
  auto r = read_document("<a><b/></a>", {}, d);
  REQUIRE(r);
  CHECK((*r)->name() == "a");
}
