// SipHash-2-4 (Aumasson, Bernstein 2012): a keyed 64-bit hash that nobody without the key can make collide.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace confab::store {

using SipKey = std::array<unsigned char, 16>;

std::uint64_t siphash(const SipKey& key, std::string_view bytes);

}  // namespace confab::store
