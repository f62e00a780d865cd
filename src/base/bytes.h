// Bytes on their way between sockets, wires and the store, and their text forms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace confab {

using ByteSpan = std::span<const std::byte>;

inline ByteSpan as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// RFC 4648 §4, with padding. decode: nothing but the canonical form is read.
std::string encode_base64(std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view text);

// Lower case. decode takes both cases.
std::string encode_hex(std::string_view bytes);
std::optional<std::string> decode_hex(std::string_view text);

// Whether `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view text);

// Equal, in a time that depends on the lengths alone.
bool equal_constant_time(std::string_view a, std::string_view b);

// FNV-1a, 64 bits: for tables inside one process and for spreading accounts over shards; not against an adversary.
std::uint64_t hash_bytes(std::string_view bytes);

}  // namespace confab
