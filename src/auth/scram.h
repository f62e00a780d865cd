// The words that both ends of SCRAM use (RFC 5802, RFC 7677): mechanisms, bindings, failures.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth/hash.h"
#include "base/ids.h"
#include "base/result.h"

namespace confab::auth {

// "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS" and so on, as registered with IANA.
struct ScramMechanism {
  Hash hash = Hash::sha256;
  bool plus = false;
  bool operator==(const ScramMechanism&) const = default;
};
std::string_view name_of(const ScramMechanism& mechanism);
std::optional<ScramMechanism> parse_mechanism(std::string_view name);

// A channel binding of this very connection: "tls-exporter" (RFC 9266) or "tls-server-end-point" (RFC 5929 §4), with
// its bytes. tls-unique is not offered: broken before TLS 1.3 without extended master secrets, absent from 1.3.
struct ChannelBinding {
  std::string type;
  std::string bytes;
};

// How a login fails, as Errc. The binding's failure is apart, because it says nothing about the password.
inline constexpr Errc kScramMalformed = Errc::bad_payload;    // breaks the grammar or the order
inline constexpr Errc kScramRefused = Errc::not_authorized;   // wrong proof or nonce: counts as a failed login
inline constexpr Errc kScramBindingFailed = Errc::forbidden;  // a man in the middle, or a confused proxy: doesn't
inline constexpr Errc kScramExtension = Errc::unsupported;    // "m=": a mandatory extension, and there are none

// No message of either side may be longer: too_big.
inline constexpr std::size_t kScramMaxBytes = 8192;

// 144 random bits in 24 printable characters, for either side's part of the nonce.
std::string make_nonce(const RandomBytes& random);

}  // namespace confab::auth
