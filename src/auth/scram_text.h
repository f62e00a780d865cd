// Pieces of RFC 5802 §7's grammar that both ends read and write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace confab::auth {

// Takes "x=value" and the comma after it off the front of `rest`; nullopt if it doesn't begin with `name` "=", or the
// value is empty.
std::optional<std::string_view> take_attribute(std::string_view& rest, char name);

// Reads what is left as extensions: each an "x=value" that we may pass over, but for "m" (RFC 5802 §5.1).
Result<> skip_extensions(std::string_view rest);

// saslname: "=2C" for a comma, "=3D" for an equals sign, no "=" otherwise.
std::optional<std::string> decode_saslname(std::string_view text);
std::string encode_saslname(std::string_view name);

// 1*printable: %x21-2B / %x2D-7E.
bool is_nonce(std::string_view text);

// posit-number: digits, the first not 0; at most `limit`.
std::optional<int> read_positive(std::string_view text, int limit);

// The same length on both sides.
std::string xor_bytes(std::string_view a, std::string_view b);

}  // namespace confab::auth
