#include "json/object.h"

#include <doctest/doctest.h>

#include "json/write.h"

using namespace confab;
using namespace confab::json;

TEST_CASE("members come out as they stand in the text") {
  const std::string text = " {\"app\" : \"approval\",\"n\":1.50e+3 , \"data\":{\"a\":[1,{\"b\":null}]} }\n";
  const auto members = read_object(text);
  REQUIRE(members.has_value());
  REQUIRE(members->size() == 3);
  CHECK((*members)[0].value == "\"approval\"");
  CHECK((*members)[1].value == "1.50e+3");
  CHECK(find(*members, "data")->value == "{\"a\":[1,{\"b\":null}]}");
  CHECK(find(*members, "x") == nullptr);
  CHECK(*read_string((*members)[0].value) == "approval");
  CHECK(read_object("{}")->empty());
}

TEST_CASE("strings are decoded: RFC 8259 §7") {
  CHECK(*read_string(R"("\"\\\/\b\f\n\r\tA\u00e9\u4F60\ud834\udd1e")") ==
        "\"\\/\b\f\n\r\tA\xC3\xA9\xE4\xBD\xA0\xF0\x9D\x84\x9E");
  for (const char* wrong : {R"("\ud834")", R"("\ud834\u0041")", R"("\udd1e")", R"("\x")", R"("\u00g0")", "\"\n\"",
                            "\"a", "a", "1", R"("a"b)"}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_string(wrong).has_value());
  }
}

TEST_CASE("what RFC 8259 does not know is refused") {
  for (const char* wrong : {"",
                            "[]",
                            "{",
                            "{\"a\"}",
                            "{\"a\":}",
                            "{\"a\":1,}",
                            "{a:1}",
                            "{'a':1}",
                            "{\"a\":01}",
                            "{\"a\":.5}",
                            "{\"a\":1.}",
                            "{\"a\":+1}",
                            "{\"a\":1e}",
                            "{\"a\":NaN}",
                            "{\"a\":tru}",
                            "{\"a\":[1,]}",
                            "{\"a\":[1 2]}",
                            "{} x",
                            "{\"a\":1 \"b\":2}",
                            "{\"a\":1,\"a\":2}",
                            "{\"a\":\"\xC0\xAF\"}",
                            "{\"a\":\"\x01\"}",
                            "\xEF\xBB\xBF{}",
                            "{\"a\":{\"b\":1}"}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_object(wrong).has_value());
  }
}

TEST_CASE("depth and members have limits") {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(read_object(nested(64)).has_value());
  CHECK(read_object(nested(65)).error().code == Errc::too_big);
  CHECK(read_object(nested(100'000)).error().code == Errc::too_big);
  CHECK(read_object("{\"a\":1,\"b\":2}", {.depth = 1, .members = 1}).error().code == Errc::too_big);
}

TEST_CASE("what is written is read back") {
  std::string all;
  for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
  all += "\xE4\xBD\xA0";
  std::string out;
  append_string(out, all);
  CHECK(*read_string(out) == all);
  out.clear();
  append_string(out, "a\xFF\xC3(b");
  CHECK(*read_string(out) == "a\xEF\xBF\xBD\xEF\xBF\xBD(b");
}

TEST_CASE("an array's items come out as they stand in the text") {
  const std::string text = "[ 1.0 ,\"a,b\",[1,2], {\"c\":[]} ]";
  const auto items = read_array(text);
  REQUIRE(items.has_value());
  CHECK(*items == std::vector<std::string_view>{"1.0", "\"a,b\"", "[1,2]", "{\"c\":[]}"});
  CHECK(read_array("[]")->empty());
  for (const char* wrong : {"", "{}", "[", "[1", "[1,]", "[,1]", "[1 2]", "[1]x", "[\"\xFF\"]"}) {
    CAPTURE(wrong);
    CHECK(read_array(wrong).error().code == Errc::bad_payload);
  }
  CHECK(read_array("[1,2]", {.depth = 1, .members = 1}).error().code == Errc::too_big);
  CHECK(read_array(std::string(100'000, '[')).error().code == Errc::too_big);
}

TEST_CASE("one value, whichever") {
  for (const char* right : {"1", " null ", "\"a\"", "[]", "{\"a\":1,\"a\":2}"}) {
    CAPTURE(right);
    CHECK(check_value(right).has_value());
  }
  for (const char* wrong : {"", "hello", "1 2", "{", "\xFF"}) {
    CAPTURE(wrong);
    CHECK_FALSE(check_value(wrong).has_value());
  }
}

TEST_CASE("numbers and flags") {
  CHECK(*read_integer("-12") == -12);
  CHECK(*read_integer("9223372036854775807") == INT64_MAX);
  CHECK(read_integer("9223372036854775808").error().code == Errc::too_big);
  for (const char* wrong : {"1.0", "1e3", "\"1\"", "null", "true", ""}) {
    CAPTURE(wrong);
    CHECK(read_integer(wrong).error().code == Errc::bad_payload);
  }
  CHECK(*read_flag("true"));
  CHECK_FALSE(*read_flag("false"));
  CHECK_FALSE(read_flag("1").has_value());
}

TEST_CASE("objects and arrays are written") {
  ObjectText object;
  CHECK(object.empty());
  object.text("a\"", "b\n").number("n", -1).flag("f", true).raw("l", array_of({"1", "{}"}));
  object.raw("t", array_of_texts({"x", "\""}));
  CHECK(object.take() == R"({"a\"":"b\n","n":-1,"f":true,"l":[1,{}],"t":["x","\""]})");
  CHECK(array_of({}) == "[]");
}
