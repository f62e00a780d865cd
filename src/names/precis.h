// The PRECIS framework (RFC 8264): what kind of code point this is, and where it may stand.
#pragma once

#include <unicode/unistr.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace confab::names {

enum class StringClass : unsigned char { identifier, freeform };  // RFC 8264 §4.2, §4.3

// What RFC 8264 §8 derives for a code point.
enum class Derived : unsigned char { valid, freeform_only, context_joiner, context_other, disallowed, unassigned };
Derived derive(char32_t c);

// Every code point belongs to the class, and the contextual rules hold (RFC 5892 Appendix A).
bool is_in_class(std::u32string_view text, StringClass wanted);
bool is_context_met(std::u32string_view text, std::size_t at);

// RFC 5893 §2. True for text without any right-to-left character.
bool is_bidi_valid(std::u32string_view text);

// The steps of RFC 8264 §7.
icu::UnicodeString from_utf8(std::string_view text);  // well-formed UTF-8
std::string to_utf8(const icu::UnicodeString& text);
std::u32string to_code_points(const icu::UnicodeString& text);
icu::UnicodeString map_width(const icu::UnicodeString& text);   // §5.2.1
icu::UnicodeString map_spaces(const icu::UnicodeString& text);  // any Zs becomes U+0020
icu::UnicodeString to_lower(const icu::UnicodeString& text);    // Unicode toLowerCase, of no language
icu::UnicodeString to_nfc(const icu::UnicodeString& text);
icu::UnicodeString to_nfkc(const icu::UnicodeString& text);

inline bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

}  // namespace confab::names
