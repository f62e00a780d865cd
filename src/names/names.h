// Addresses and passwords in the one form in which they are compared and stored (RFC 7622, RFC 8265, RFC 8266).
#pragma once

#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace confab::names {

inline constexpr std::size_t kMaxPartBytes = 1023;  // RFC 7622 §3.2 to §3.4, after preparation

// Each gives the prepared form, or Errc::bad_address. What is prepared is prepared to itself. Lives on: anywhere.

// UsernameCaseMapped (RFC 8265 §3.3) less the characters " & ' / : < > @ (RFC 7622 §3.3.1).
Result<std::string> prepare_local(std::string_view text);

// "alice" or "alice@DOMAIN", as people log in on every wire -> the prepared local part. `domain`: prepared.
Result<std::string> prepare_login(std::string_view text, std::string_view domain);

// An IDNA2008 name with U-labels in lower case and without a final dot, an IPv4 address, or an IPv6 address in brackets
// (RFC 7622 §3.2).
Result<std::string> prepare_domain(std::string_view text);

// OpaqueString (RFC 8265 §4.2).
Result<std::string> prepare_resource(std::string_view text);
Result<std::string> prepare_password(std::string_view text);  // Errc::bad_payload

// Nickname (RFC 8266 §2) as it is shown, and as it is compared: without difference of case and width.
// Errc::bad_payload.
Result<std::string> prepare_nickname(std::string_view text);
Result<std::string> nickname_key(std::string_view text);

// "local@domain/resource", split (base) and each part prepared. An empty local part or resource beside its "@" or "/"
// is refused.
Result<Address> parse_address(std::string_view text);

}  // namespace confab::names
