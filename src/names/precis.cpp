#include "names/precis.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <cstdlib>

namespace confab::names {
namespace {

UChar32 as_icu(char32_t c) {
  return static_cast<UChar32>(c);
}

const icu::Normalizer2& normalizer(bool compatible) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const found =
      compatible ? icu::Normalizer2::getNFKCInstance(error) : icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) std::abort();  // ICU without its own data
  return *found;
}

icu::UnicodeString normalize(const icu::UnicodeString& text, bool compatible) {
  UErrorCode error = U_ZERO_ERROR;
  return normalizer(compatible).normalize(text, error);
}

// RFC 5892 §2.6, as RFC 8264 §9.6 takes it over. false: no exception.
bool is_exception(char32_t c, Derived& value) {
  switch (c) {
    case 0x00DF:
    case 0x03C2:
    case 0x06FD:
    case 0x06FE:
    case 0x0F0B:
    case 0x3007:
      value = Derived::valid;
      return true;
    case 0x00B7:
    case 0x0375:
    case 0x05F3:
    case 0x05F4:
    case 0x30FB:
      value = Derived::context_other;
      return true;
    case 0x0640:
    case 0x07FA:
    case 0x302E:
    case 0x302F:
    case 0x3031:
    case 0x3032:
    case 0x3033:
    case 0x3034:
    case 0x3035:
    case 0x303B:
      value = Derived::disallowed;
      return true;
    default:
      break;
  }
  value = Derived::context_other;
  return (c >= 0x0660 && c <= 0x0669) || (c >= 0x06F0 && c <= 0x06F9);
}

// RFC 8264 §9.17.
bool has_compatibility_form(char32_t c) {
  const icu::UnicodeString one(as_icu(c));
  return to_nfkc(one) != one;
}

// RFC 8264 §9.9.
bool is_old_hangul_jamo(char32_t c) {
  const int type = u_getIntPropertyValue(as_icu(c), UCHAR_HANGUL_SYLLABLE_TYPE);
  return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

Derived derive_by_category(char32_t c) {
  constexpr std::uint32_t kLetterDigits =
      U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK | U_GC_ND_MASK | U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK;  // §9.1
  constexpr std::uint32_t kOthers = U_GC_LT_MASK | U_GC_NL_MASK | U_GC_NO_MASK | U_GC_ME_MASK |                // §9.18
                                    U_GC_ZS_MASK | U_GC_S_MASK | U_GC_P_MASK;  // §9.14 to §9.16
  const std::uint32_t category = U_GET_GC_MASK(as_icu(c));
  if ((category & kLetterDigits) != 0) return Derived::valid;
  return (category & kOthers) != 0 ? Derived::freeform_only : Derived::disallowed;
}
}  // namespace

Derived derive(char32_t c) {
  Derived value = Derived::disallowed;
  if (is_exception(c, value)) return value;
  if (c >= 0x21 && c <= 0x7E) return Derived::valid;
  const bool noncharacter = u_hasBinaryProperty(as_icu(c), UCHAR_NONCHARACTER_CODE_POINT) != 0;
  if (u_charType(as_icu(c)) == U_UNASSIGNED && !noncharacter) return Derived::unassigned;
  if (c == 0x200C || c == 0x200D) return Derived::context_joiner;
  if (is_old_hangul_jamo(c) || noncharacter) return Derived::disallowed;
  if (u_hasBinaryProperty(as_icu(c), UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0) return Derived::disallowed;
  if (u_charType(as_icu(c)) == U_CONTROL_CHAR) return Derived::disallowed;
  if (has_compatibility_form(c)) return Derived::freeform_only;
  return derive_by_category(c);
}

bool is_in_class(std::u32string_view text, StringClass wanted) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (derive(text[at])) {
      case Derived::valid:
        break;
      case Derived::freeform_only:
        if (wanted != StringClass::freeform) return false;
        break;
      case Derived::context_joiner:
      case Derived::context_other:
        if (!is_context_met(text, at)) return false;
        break;
      case Derived::disallowed:
      case Derived::unassigned:
        return false;
    }
  }
  return true;
}

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

std::u32string to_code_points(const icu::UnicodeString& text) {
  std::u32string out;
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    out += static_cast<char32_t>(text.char32At(at));
  }
  return out;
}

icu::UnicodeString map_width(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  for (const char32_t c : to_code_points(text)) {
    const int type = u_getIntPropertyValue(as_icu(c), UCHAR_DECOMPOSITION_TYPE);
    icu::UnicodeString mapped;
    const bool wide = type == U_DT_WIDE || type == U_DT_NARROW;
    if (wide && normalizer(true).getRawDecomposition(as_icu(c), mapped) != 0) {
      out += mapped;
    } else {
      out += as_icu(c);
    }
  }
  return out;
}

icu::UnicodeString map_spaces(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  for (const char32_t c : to_code_points(text)) {
    out += u_charType(as_icu(c)) == U_SPACE_SEPARATOR ? UChar32{' '} : as_icu(c);
  }
  return out;
}

icu::UnicodeString to_lower(const icu::UnicodeString& text) {
  return icu::UnicodeString(text).toLower(icu::Locale::getRoot());
}
icu::UnicodeString to_nfc(const icu::UnicodeString& text) {
  return normalize(text, false);
}
icu::UnicodeString to_nfkc(const icu::UnicodeString& text) {
  return normalize(text, true);
}

}  // namespace confab::names
