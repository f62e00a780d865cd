// Tokens are bounded, UTF-8 and free of what separates them; and whatever is looked for in the same text is found.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"
#include "words/words.h"

namespace {
using namespace confab;

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check_token(const std::string& token) {
  require(!token.empty() && token.size() <= 4 * words::kMaxWordPoints, "the size of a token");
  require(is_utf8(token), "a token that is no UTF-8");
  for (const char c : token) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    require(plain || static_cast<unsigned char>(c) >= 0x80, "a separator in a token");
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  words::Tokens tokens;
  words::add_tokens(text, tokens);
  require(tokens.size() <= words::kMaxTokens, "too many tokens");
  for (const std::string& token : tokens) check_token(token);
  const auto query = words::read_query(text);
  if (!query) return 0;
  for (const words::Part& part : query->parts) {
    require(!part.tokens.empty(), "a part without tokens");
    for (const std::string& token : part.tokens) check_token(token);
  }
  require(words::matches(*query, tokens), "a text that does not match itself");
  return 0;
}
