// What is looked for in texts: the words of a text as an index keeps them, and a question about them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace confab::words {

inline constexpr std::size_t kMaxTextBytes = 262'144;  // of a text; what is behind them is not looked at
inline constexpr std::size_t kMaxTokens = 16'384;      // of all texts of an event together
inline constexpr std::size_t kMaxWordPoints = 64;      // code points; a longer word counts by its beginning
inline constexpr std::size_t kMaxQueryBytes = 1024;
inline constexpr std::size_t kMaxQueryParts = 16;

// In the order of the text: letters, marks and digits of any script, compatibility forms and cases folded
// (NFKC_Casefold); never empty, never a space. A script that is written without spaces between its words has no words
// that a machine could see: of a run of it each two neighbours are a token, and the last one alone.
using Tokens = std::vector<std::string>;

// Adds the tokens of `text` (UTF-8; bytes that are none separate words) to `tokens`, up to kMaxTokens.
void add_tokens(std::string_view text, Tokens& tokens);

// One word that is looked for: tokens that stand one behind the other.
struct Part {
  Tokens tokens;
  bool prefix = false;     // the last token need only begin so
  bool too_short = false;  // a beginning of so much that there is that no index should be asked for it
};
// All parts must be there, wherever. Whole words, but for the last one, which need only begin so.
struct Query {
  std::vector<Part> parts;
};

// Errors: bad_payload (no word in it); too_big (kMaxQueryBytes, kMaxQueryParts).
Result<Query> read_query(std::string_view text);

bool matches(const Query& query, const Tokens& tokens);

}  // namespace confab::words
