// Domain parts: RFC 7622 §3.2, IDNA2008 by libidn2.
#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <memory>

#include "base/bytes.h"
#include "names/names.h"
#include "names/precis.h"

namespace confab::names {
namespace {

constexpr std::size_t kMaxLabelBytes = 63;
constexpr std::size_t kMaxNameBytes = 253;  // RFC 1035 §2.3.4, as text

struct FreeIdn {
  void operator()(char* p) const { idn2_free(p); }
};
using IdnString = std::unique_ptr<char, FreeIdn>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z');
}

// An LDH label (RFC 5890 §2.3.1) in lower case.
bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelBytes || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

// Whether `name` is LDH labels, of which those with "--" in the third place are reserved for IDNA (RFC 5890 §2.3.1).
// `encoded`: one is an A-label, or claims to be.
bool is_ldh(std::string_view name, bool& encoded) {
  encoded = false;
  if (name.size() > kMaxNameBytes) return false;
  for (;;) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (!is_label(label)) return false;
    const bool claims = label.starts_with("xn--");
    if (!claims && label.find("--", 2) == 2) return false;
    encoded = encoded || claims;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

// A name whose last label is a number can only be meant as an address (RFC 1123 §2.1).
bool is_name_or_ipv4(const std::string& name) {
  const std::string_view last = std::string_view(name).substr(name.rfind('.') + 1);
  if (!std::all_of(last.begin(), last.end(), is_digit)) return true;
  in_addr address{};
  return inet_pton(AF_INET, name.c_str(), &address) == 1;
}

Result<std::string> prepare_ipv6(std::string_view text) {
  in6_addr address{};
  char canonical[INET6_ADDRSTRLEN] = {};
  const std::string inside(text.substr(1, text.size() - 2));
  const bool nul = inside.find('\0') != std::string::npos;
  if (nul || inet_pton(AF_INET6, inside.c_str(), &address) != 1)
    return fail(Errc::bad_address, "domain: no IPv6 address");
  inet_ntop(AF_INET6, &address, canonical, sizeof(canonical));
  return "[" + std::string(canonical) + "]";
}

Result<std::string> by_idna(const std::string& name) {
  char* out = nullptr;
  constexpr int kFlags = IDN2_NO_TR46 | IDN2_NFC_INPUT | IDN2_ALABEL_ROUNDTRIP;
  if (idn2_to_ascii_8z(name.c_str(), &out, kFlags) != IDN2_OK) return fail(Errc::bad_address, "domain: not IDNA2008");
  const IdnString ascii(out);
  bool encoded = false;
  if (!is_ldh(ascii.get(), encoded)) return fail(Errc::bad_address, "domain: not a host name");
  if (idn2_to_unicode_8z8z(ascii.get(), &out, 0) != IDN2_OK) return fail(Errc::bad_address, "domain: not IDNA2008");
  const IdnString unicode(out);
  return std::string(unicode.get());
}

Result<std::string> prepare_once(std::string_view text) {
  const icu::UnicodeString mapped = to_nfc(to_lower(map_width(from_utf8(text))));
  std::string name = to_utf8(mapped);
  if (name.ends_with('.')) name.pop_back();
  auto made = by_idna(name);
  if (made && !is_name_or_ipv4(*made)) return fail(Errc::bad_address, "domain: no IPv4 address");
  return made;
}
}  // namespace

Result<std::string> prepare_domain(std::string_view text) {
  if (text.empty() || text.size() > kMaxPartBytes + 1) return fail(Errc::bad_address, "domain: empty or too long");
  if (text.starts_with('[') && text.ends_with(']')) return prepare_ipv6(text);
  if (text.find('\0') != std::string_view::npos || !is_utf8(text)) return fail(Errc::bad_address, "domain: no text");
  if (is_ascii(text)) {
    std::string name(text.ends_with('.') ? text.substr(0, text.size() - 1) : text);
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    bool encoded = false;
    if (!is_ldh(name, encoded)) return fail(Errc::bad_address, "domain: not a host name");
    if (!is_name_or_ipv4(name)) return fail(Errc::bad_address, "domain: no IPv4 address");
    if (!encoded) return name;
  }
  auto made = prepare_once(text);
  if (!made) return made;
  const auto again = prepare_once(*made);
  if (!again || *again != *made) return fail(Errc::bad_address, "domain: has no stable form");
  if (made->size() > kMaxPartBytes) return fail(Errc::bad_address, "domain: too long");
  return made;
}

}  // namespace confab::names
