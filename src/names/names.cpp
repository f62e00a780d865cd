#include "names/names.h"

#include <array>
#include <utility>

#include "base/bytes.h"
#include "names/precis.h"

namespace confab::names {
namespace {

constexpr std::size_t kMaxInputBytes = 4 * kMaxPartBytes;  // preparation may shorten, but no work without end
constexpr std::string_view kNotInLocal = "\"&'/:<>@";      // RFC 7622 §3.3.1

using Step = icu::UnicodeString (*)(const icu::UnicodeString&);

bool is_size_good(std::size_t size) {
  return size > 0 && size <= kMaxPartBytes;
}

// A prepared ASCII character of a local part; 0: none.
constexpr std::array<char, 128> make_local_table() {
  std::array<char, 128> table{};
  for (unsigned c = 0x21; c <= 0x7E; ++c) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (kNotInLocal.find(static_cast<char>(c)) == std::string_view::npos)
      table[c] = static_cast<char>(upper ? c + 32 : c);
  }
  return table;
}
constexpr auto kLocalTable = make_local_table();

Result<std::string> prepare_ascii_local(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = kLocalTable[static_cast<unsigned char>(c)];
    if (c == 0) return fail(Errc::bad_address, "local part: a character that is not allowed");
  }
  return out;
}

bool is_printable_ascii(std::string_view text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7E) return false;
  }
  return true;
}

icu::UnicodeString map_username(const icu::UnicodeString& text) {
  return to_nfc(to_lower(map_width(text)));
}
icu::UnicodeString map_opaque(const icu::UnicodeString& text) {
  return to_nfc(map_spaces(text));
}

// RFC 8266 §2.1, additional mapping rule: no space at either end, one between.
icu::UnicodeString squeeze(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  bool space = false;
  for (const char32_t c : to_code_points(text)) {
    if (c != U' ' && space && !out.isEmpty()) out += UChar32{' '};
    if (c != U' ') out += static_cast<UChar32>(c);
    space = c == U' ';
  }
  return out;
}
icu::UnicodeString map_nickname(const icu::UnicodeString& text) {
  return to_nfkc(squeeze(map_spaces(text)));
}
icu::UnicodeString map_nickname_key(const icu::UnicodeString& text) {
  return to_nfkc(to_lower(squeeze(map_spaces(text))));
}

// Maps until nothing changes, `again` more times at most (RFC 8266 §2.3 allows three; RFC 8264 §7 wants stable output).
Result<std::string> prepare(std::string_view text, Step map, int again, StringClass wanted, bool bidi, Errc code) {
  if (text.size() > kMaxInputBytes) return fail(code, "too long");
  if (!is_utf8(text)) return fail(code, "no UTF-8");
  icu::UnicodeString made = map(from_utf8(text));
  icu::UnicodeString next = map(made);
  for (; next != made && again > 0; --again) next = map(std::exchange(made, next));
  if (next != made) return fail(code, "has no stable form");
  const std::u32string points = to_code_points(made);
  if (!is_in_class(points, wanted)) return fail(code, "a character that is not allowed");
  if (bidi && !is_bidi_valid(points)) return fail(code, "mixed directions");
  std::string out = to_utf8(made);
  if (!is_size_good(out.size())) return fail(code, "empty or too long");
  return out;
}

Result<std::string> prepare_opaque(std::string_view text, Errc code) {
  if (is_size_good(text.size()) && is_printable_ascii(text)) return std::string(text);
  return prepare(text, map_opaque, 0, StringClass::freeform, false, code);
}
}  // namespace

Result<std::string> prepare_local(std::string_view text) {
  if (text.empty()) return fail(Errc::bad_address, "local part: empty");
  if (is_size_good(text.size()) && is_ascii(text)) return prepare_ascii_local(text);
  auto made = prepare(text, map_username, 0, StringClass::identifier, true, Errc::bad_address);
  if (made && made->find_first_of(kNotInLocal) != std::string::npos) {
    return fail(Errc::bad_address, "local part: a character that is not allowed");
  }
  return made;
}

Result<std::string> prepare_resource(std::string_view text) {
  auto made = prepare_opaque(text, Errc::bad_address);
  // RFC 7622 §3.5, example 18. OpaqueString itself would allow it.
  if (made && made->front() == ' ') return fail(Errc::bad_address, "resource: a leading space");
  return made;
}

Result<std::string> prepare_password(std::string_view text) {
  return prepare_opaque(text, Errc::bad_payload);
}

Result<std::string> prepare_nickname(std::string_view text) {
  return prepare(text, map_nickname, 3, StringClass::freeform, false, Errc::bad_payload);
}

Result<std::string> nickname_key(std::string_view text) {
  return prepare(text, map_nickname_key, 3, StringClass::freeform, false, Errc::bad_payload);
}

Result<std::string> prepare_login(std::string_view text, std::string_view domain) {
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const Result<std::string> named = prepare_domain(text.substr(at + 1));
    if (!named || *named != domain) return fail(Errc::bad_address, "another domain");
    text = text.substr(0, at);
  }
  Result<std::string> local = prepare_local(text);
  if (local && local->empty()) return fail(Errc::bad_address, "no name");
  return local;
}

Result<Address> parse_address(std::string_view text) {
  const AddressParts parts = split_address(text);
  Address made;
  auto domain = prepare_domain(parts.domain);
  if (!domain) return fail(std::move(domain.error()));
  made.domain = *std::move(domain);
  if (parts.has_local) {
    auto local = prepare_local(parts.local);
    if (!local) return fail(std::move(local.error()));
    made.local = *std::move(local);
  }
  if (parts.has_resource) {
    auto resource = prepare_resource(parts.resource);
    if (!resource) return fail(std::move(resource.error()));
    made.resource = *std::move(resource);
  }
  return made;
}

}  // namespace confab::names
