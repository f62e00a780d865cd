#include "auth/plain.h"

#include <doctest/doctest.h>

using namespace confab;
using namespace confab::auth;
using namespace std::string_view_literals;

TEST_CASE("plain: RFC 4616 §4's examples") {
  const auto tim = read_plain("\0tim\0tanstaaftanstaaf"sv);
  REQUIRE(tim.has_value());
  CHECK(tim->authzid.empty());
  CHECK(tim->authcid == "tim");
  CHECK(tim->password == "tanstaaftanstaaf");
  const auto kurt = read_plain("Ursel\0Kurt\0xipj3plmq"sv);
  REQUIRE(kurt.has_value());
  CHECK(kurt->authzid == "Ursel");
  CHECK(kurt->authcid == "Kurt");
}

TEST_CASE("plain: malformed messages") {
  for (const std::string_view text :
       {""sv, "tim"sv, "\0tim"sv, "\0tim\0"sv, "\0\0secret"sv, "a\0\0"sv, "\0tim\0pass\0"sv, "\0tim\0pa\0ss"sv,
        "\0t\xc3\0pass"sv, "\0tim\0\xff"sv, "\xed\xa0\x80\0tim\0pass"sv}) {
    CHECK(read_plain(text).error().code == Errc::bad_payload);
  }
  CHECK(read_plain(std::string(9000, 'a')).error().code == Errc::too_big);
}
