#include "words/words.h"

#include <doctest/doctest.h>

#include "base/bytes.h"

using namespace confab;
using namespace confab::words;

namespace {

Tokens tokens_of(std::string_view text) {
  Tokens tokens;
  add_tokens(text, tokens);
  return tokens;
}

bool finds(std::string_view query, std::string_view text) {
  const Result<Query> read = read_query(query);
  REQUIRE(read.has_value());
  return matches(*read, tokens_of(text));
}

}  // namespace

TEST_CASE("words are letters, marks and digits of any script, folded") {
  CHECK(tokens_of("The  Quick-brown fox_2, don't!") == Tokens{"the", "quick", "brown", "fox", "2", "don", "t"});
  CHECK(tokens_of("ÜBER Straße ΣΊΣΥΦΟΣ İ") == Tokens{"über", "strasse", "σίσυφοσ", "i\u0307"});
  CHECK(tokens_of("\uFF26\uFF35\uFF2C\uFF2C \uFB01ne \u2460") == Tokens{"full", "fine", "1"});
  CHECK(tokens_of("e\u0301t\u00E9 so\u00ADft") == Tokens{"été", "soft"});
  CHECK(tokens_of("हिन्दी") == Tokens{"हिन्दी"});
  CHECK(tokens_of("").empty());
  CHECK(tokens_of("?! … 😀 \n\t").empty());
}

TEST_CASE("scripts without spaces: each two neighbours, and the last one alone") {
  CHECK(tokens_of("今天晚饭") == Tokens{"今天", "天晚", "晚饭", "饭"});
  CHECK(tokens_of("面") == Tokens{"面"});
  CHECK(tokens_of("Java编程2天") == Tokens{"java", "编程", "程", "2", "天"});
  CHECK(tokens_of("食べる、スーパー") == Tokens{"食べ", "べる", "る", "スー", "ーパ", "パー", "ー"});
  CHECK(tokens_of("\uFF7D\uFF70\uFF8A\uFF9F\uFF70") == tokens_of("スーパー"));
  CHECK(tokens_of("안녕 하세요") == Tokens{"안녕", "녕", "하세", "세요", "요"});
  CHECK(tokens_of("\u1112\u1161\u11AB") == tokens_of("한"));
  CHECK(tokens_of("น้ำใจ") == Tokens{"น้\u0E4Dา", "\u0E32ใ", "ใจ", "จ"});
  CHECK(tokens_of("𠮷野家") == Tokens{"𠮷野", "野家", "家"});
}

TEST_CASE("a Chinese word of two characters is found in the middle of a sentence") {
  CHECK(finds("晚饭", "我们今天晚饭吃面"));
  CHECK(finds("面", "我们今天晚饭吃面"));
  CHECK(finds("今", "我们今天晚饭吃面"));
  CHECK(finds("晚饭吃", "我们今天晚饭吃面"));
  CHECK_FALSE(finds("晚面", "我们今天晚饭吃面"));
  CHECK_FALSE(finds("今天吃面", "我们今天晚饭吃面"));
  CHECK(finds("今天 吃面", "我们今天晚饭吃面"));
}

TEST_CASE("all words must be there, whole; the last one need only begin so") {
  CHECK(finds("romeo where", "Wherefore art thou Romeo?"));
  CHECK_FALSE(finds("where romeo", "Wherefore art thou Romeo?"));
  CHECK(finds("thou ROMEO", "Wherefore art thou Romeo?"));
  CHECK_FALSE(finds("ou", "Wherefore art thou Romeo?"));
  CHECK_FALSE(finds("romeo juliet", "Wherefore art thou Romeo?"));
  CHECK(finds("ро", "Ромео"));
}

TEST_CASE("what an index is not asked for") {
  CHECK(read_query("ab")->parts[0].too_short);
  CHECK_FALSE(read_query("abc")->parts[0].too_short);
  CHECK_FALSE(read_query("a abc")->parts[0].too_short);  // a whole word, however short
  CHECK(read_query("面")->parts[0].too_short);
  CHECK_FALSE(read_query("晚饭")->parts[0].too_short);
}

TEST_CASE("queries that are none") {
  CHECK(read_query("").error().code == Errc::bad_payload);
  CHECK(read_query("?! 😀").error().code == Errc::bad_payload);
  CHECK(read_query("\xFF\xFE").error().code == Errc::bad_payload);
  CHECK(read_query(std::string(kMaxQueryBytes + 1, 'a')).error().code == Errc::too_big);
  CHECK(read_query("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16").has_value());
  CHECK(read_query("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17").error().code == Errc::too_big);
}

TEST_CASE("a text is bounded, in words and in each of them") {
  const std::string long_word(1000, 'x');
  CHECK(tokens_of(long_word) == Tokens{std::string(kMaxWordPoints, 'x')});
  CHECK(finds(long_word, long_word + "y"));
  CHECK(finds("xxx", long_word));
  std::string many;
  for (std::size_t i = 0; i < kMaxTokens + 10; ++i) many += "w ";
  CHECK(tokens_of(many).size() == kMaxTokens);
  std::string chinese;
  for (std::size_t i = 0; i < kMaxTokens + 10; ++i) chinese += "饭";
  CHECK(tokens_of(chinese).size() == kMaxTokens);
  std::string marks = "a";
  for (int i = 0; i < 1000; ++i) marks += "\u0323";
  CHECK(tokens_of(marks)[0].size() == 3 + 2 * (kMaxWordPoints - 1));  // U+1EA1 and its marks
  std::string thai = "ก";
  for (int i = 0; i < 1000; ++i) thai += "\u0E34";
  CHECK(tokens_of(thai)[0].size() < 40);
  std::string cut = std::string(kMaxTextBytes - 2, ' ') + "饭x";  // its first two bytes are within the bound
  CHECK(tokens_of(cut).empty());
}

TEST_CASE("bytes that are no UTF-8 separate words") {
  CHECK(tokens_of("ab\xFFxy\xC3") == Tokens{"ab", "xy"});
  CHECK(tokens_of(std::string("a\0b", 3)) == Tokens{"a", "b"});
  for (const std::string& token : tokens_of("\xE6\x99\x9A\xE9\xA5\xAD\xE9\xA5")) CHECK(is_utf8(token));
}
