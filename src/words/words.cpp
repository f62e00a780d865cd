#include "words/words.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace confab::words {
namespace {

constexpr std::size_t kMaxUnitBytes = 32;  // a character with its marks
constexpr std::size_t kShortPrefix = 3;    // code points

enum class Kind : std::uint8_t { separator, word, mark, unspaced };

bool is_unspaced_script(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(c, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
      return true;
    case USCRIPT_COMMON:  // U+30FC, the length mark of both kana, for one
      return uscript_hasScript(c, USCRIPT_KATAKANA) != 0 || uscript_hasScript(c, USCRIPT_HAN) != 0;
    default:
      return false;
  }
}

Kind kind_of(UChar32 c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ? Kind::word : Kind::separator;
  const std::uint32_t category = U_GET_GC_MASK(c);
  if ((category & U_GC_M_MASK) != 0) return Kind::mark;
  if ((category & (U_GC_L_MASK | U_GC_N_MASK)) == 0) return Kind::separator;
  return is_unspaced_script(c) ? Kind::unspaced : Kind::word;
}

// At most `most` bytes, and no character in two.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && U8_IS_TRAIL(static_cast<unsigned char>(text[most]))) --most;
  return text.substr(0, most);
}

std::string fold(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const folding = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error)) std::abort();  // ICU without its own data
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded, static_cast<std::int32_t>(text.size()));
  folding->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr,
                         error);
  return U_FAILURE(error) ? std::string() : folded;
}

// A stretch of text between two separators, or two kinds of script.
struct Run {
  Kind kind = Kind::separator;
  std::vector<std::string_view> units;  // characters with their marks; of a word: itself alone
  std::size_t points = 0;               // of a word
};

// Goes through a folded text, run by run.
class Runs {
 public:
  explicit Runs(std::string_view folded) : text_(folded) {}

  // false: the end.
  bool next(Run& run) {
    run.kind = Kind::separator;
    run.units.clear();
    run.points = 0;
    for (;;) {
      const std::size_t before = at_;
      const Kind kind = step();
      if (kind == Kind::separator) {
        if (run.kind != Kind::separator) return true;
        if (at_ == before) return false;
      } else if (!take(run, kind, before)) {
        at_ = before;
        return true;
      }
    }
  }

 private:
  // The kind of the character at at_, which moves behind it.
  Kind step() {
    if (at_ >= text_.size()) return Kind::separator;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text_.data());
    auto at = static_cast<std::int32_t>(at_);
    UChar32 c = 0;
    U8_NEXT(bytes, at, static_cast<std::int32_t>(text_.size()), c);
    at_ = static_cast<std::size_t>(at);
    return c < 0 ? Kind::separator : kind_of(c);
  }

  // false: it belongs to the next run.
  bool take(Run& run, Kind kind, std::size_t before) {
    const Kind as = kind == Kind::mark ? (run.kind == Kind::separator ? Kind::word : run.kind) : kind;
    if (run.kind != Kind::separator && run.kind != as) return false;
    run.kind = as;
    if (run.units.empty() || kind == Kind::unspaced) {
      run.units.push_back(text_.substr(before, at_ - before));
      run.points = 1;
    } else if (as == Kind::word ? run.points < kMaxWordPoints : run.units.back().size() < kMaxUnitBytes) {
      const auto start = static_cast<std::size_t>(run.units.back().data() - text_.data());
      run.units.back() = text_.substr(start, at_ - start);
      ++run.points;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string pair_of(const Run& run, std::size_t at) {
  return std::string(run.units[at]).append(run.units[at + 1]);
}

Part part_of(const Run& run) {
  Part part;
  if (run.units.size() == 1) {
    part.tokens.emplace_back(run.units.front());
    part.prefix = part.too_short = run.kind == Kind::unspaced;
    return part;
  }
  for (std::size_t i = 0; i + 1 < run.units.size(); ++i) part.tokens.push_back(pair_of(run, i));
  return part;
}

bool is_at(const Part& part, const Tokens& tokens, std::size_t at) {
  const std::size_t last = part.tokens.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    if (tokens[at + i] != part.tokens[i]) return false;
  }
  return part.prefix ? tokens[at + last].starts_with(part.tokens[last]) : tokens[at + last] == part.tokens[last];
}

bool is_in(const Part& part, const Tokens& tokens) {
  for (std::size_t at = 0; at + part.tokens.size() <= tokens.size(); ++at) {
    if (is_at(part, tokens, at)) return true;
  }
  return false;
}

}  // namespace

void add_tokens(std::string_view text, Tokens& tokens) {
  const std::string folded = fold(cut(text, kMaxTextBytes));
  Runs runs(folded);
  Run run;
  while (tokens.size() < kMaxTokens && runs.next(run)) {
    for (std::size_t i = 0; i + 1 < run.units.size() && tokens.size() < kMaxTokens; ++i) {
      tokens.push_back(pair_of(run, i));
    }
    if (tokens.size() < kMaxTokens) tokens.emplace_back(run.units.back());
  }
}

Result<Query> read_query(std::string_view text) {
  if (text.size() > kMaxQueryBytes)
    return fail(Errc::too_big, "more than " + std::to_string(kMaxQueryBytes) + " bytes");
  const std::string folded = fold(text);
  Runs runs(folded);
  Run run;
  Query query;
  std::size_t last_word = 0;  // its code points; 0: the last part is none
  while (runs.next(run)) {
    if (query.parts.size() == kMaxQueryParts) {
      return fail(Errc::too_big, "more than " + std::to_string(kMaxQueryParts) + " words");
    }
    query.parts.push_back(part_of(run));
    last_word = run.kind == Kind::word ? run.points : 0;
  }
  if (query.parts.empty()) return fail(Errc::bad_payload, "no word to look for");
  if (last_word > 0) {
    query.parts.back().prefix = true;
    query.parts.back().too_short = last_word < kShortPrefix;
  }
  return query;
}

bool matches(const Query& query, const Tokens& tokens) {
  return std::all_of(query.parts.begin(), query.parts.end(), [&](const Part& part) { return is_in(part, tokens); });
}

}  // namespace confab::words
