// Rules about neighbours: RFC 5892 Appendix A, and the Bidi rule of RFC 5893.
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>

#include "names/precis.h"

namespace confab::names {
namespace {

bool has_script(char32_t c, UScriptCode wanted) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(c), &error) == wanted;
}

bool is_after_virama(std::u32string_view text, std::size_t at) {
  constexpr int kVirama = 9;
  return at > 0 && u_getCombiningClass(static_cast<UChar32>(text[at - 1])) == kVirama;
}

int joining_type(char32_t c) {
  return u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_JOINING_TYPE);
}

// A.1: (L or D) T* ZWNJ T* (R or D).
bool joins_around(std::u32string_view text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && joining_type(text[before - 1]) == U_JT_TRANSPARENT) --before;
  std::size_t after = at + 1;
  while (after < text.size() && joining_type(text[after]) == U_JT_TRANSPARENT) ++after;
  if (before == 0 || after == text.size()) return false;
  const int left = joining_type(text[before - 1]);
  const int right = joining_type(text[after]);
  return (left == U_JT_LEFT_JOINING || left == U_JT_DUAL_JOINING) &&
         (right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING);
}

bool has_any_between(std::u32string_view text, char32_t first, char32_t last) {
  return std::any_of(text.begin(), text.end(), [=](char32_t c) { return c >= first && c <= last; });
}

bool is_kana_or_han(char32_t c) {
  return has_script(c, USCRIPT_HIRAGANA) || has_script(c, USCRIPT_KATAKANA) || has_script(c, USCRIPT_HAN);
}

bool is_right_to_left(UCharDirection d) {
  return d == U_RIGHT_TO_LEFT || d == U_RIGHT_TO_LEFT_ARABIC;
}

UCharDirection direction(char32_t c) {
  return u_charDirection(static_cast<UChar32>(c));
}

// Rules 2 and 5: what may stand in text of this direction.
bool may_stand(UCharDirection d, bool right_to_left) {
  switch (d) {
    case U_EUROPEAN_NUMBER:
    case U_EUROPEAN_NUMBER_SEPARATOR:
    case U_COMMON_NUMBER_SEPARATOR:
    case U_EUROPEAN_NUMBER_TERMINATOR:
    case U_OTHER_NEUTRAL:
    case U_BOUNDARY_NEUTRAL:
    case U_DIR_NON_SPACING_MARK:
      return true;
    case U_LEFT_TO_RIGHT:
      return !right_to_left;
    case U_RIGHT_TO_LEFT:
    case U_RIGHT_TO_LEFT_ARABIC:
    case U_ARABIC_NUMBER:
      return right_to_left;
    default:
      return false;
  }
}
}  // namespace

bool is_context_met(std::u32string_view text, std::size_t at) {
  const char32_t c = text[at];
  const auto is_at = [text](std::size_t i, char32_t wanted) { return i < text.size() && text[i] == wanted; };
  switch (c) {
    case 0x200C:
      return is_after_virama(text, at) || joins_around(text, at);  // A.1
    case 0x200D:
      return is_after_virama(text, at);  // A.2
    case 0x00B7:
      return at > 0 && is_at(at - 1, U'l') && is_at(at + 1, U'l');  // A.3
    case 0x0375:
      return at + 1 < text.size() && has_script(text[at + 1], USCRIPT_GREEK);  // A.4
    case 0x05F3:                                                               // A.5
    case 0x05F4:
      return at > 0 && has_script(text[at - 1], USCRIPT_HEBREW);  // A.6
    case 0x30FB:
      return std::any_of(text.begin(), text.end(), is_kana_or_han);  // A.7
    default:
      break;
  }
  if (c >= 0x0660 && c <= 0x0669) return !has_any_between(text, 0x06F0, 0x06F9);  // A.8
  if (c >= 0x06F0 && c <= 0x06F9) return !has_any_between(text, 0x0660, 0x0669);  // A.9
  return false;
}

bool is_bidi_valid(std::u32string_view text) {
  const auto needs_rule = [](char32_t c) { return is_right_to_left(direction(c)) || direction(c) == U_ARABIC_NUMBER; };
  if (!std::any_of(text.begin(), text.end(), needs_rule)) return true;
  const UCharDirection first = direction(text.front());
  const bool right_to_left = is_right_to_left(first);
  if (!right_to_left && first != U_LEFT_TO_RIGHT) return false;  // rule 1
  bool european = false;
  bool arabic = false;
  for (const char32_t c : text) {
    if (!may_stand(direction(c), right_to_left)) return false;  // rules 2 and 5
    european = european || direction(c) == U_EUROPEAN_NUMBER;
    arabic = arabic || direction(c) == U_ARABIC_NUMBER;
  }
  if (european && arabic) return false;  // rule 4
  while (direction(text.back()) == U_DIR_NON_SPACING_MARK) text.remove_suffix(1);
  const UCharDirection last = direction(text.back());  // rules 3 and 6
  if (last == U_EUROPEAN_NUMBER) return true;
  return right_to_left ? is_right_to_left(last) || last == U_ARABIC_NUMBER : last == U_LEFT_TO_RIGHT;
}

}  // namespace confab::names
