// The site's key: it stands outside the database, and what the database holds of passwords' equals is sealed under it.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace confab::auth {

// 32 bytes, and what is made of them. Copies are independent; each wipes itself.
// Lives on: anywhere; const calls from several threads at once are fine.
class SiteKey {
 public:
  static constexpr std::size_t kBytes = 32;
  using Bytes = std::array<unsigned char, kBytes>;

  explicit SiteKey(const Bytes& key);
  SiteKey(const SiteKey&) = default;
  SiteKey& operator=(const SiteKey&) = default;
  ~SiteKey();

  // The key in a file: 64 hex digits, a line feed allowed after them, or 32 raw bytes. Errors: not_found; forbidden
  // when anyone but the owner may read it, or a stranger owns it; bad_payload; unavailable. Blocks on the disk.
  static Result<SiteKey> load(const std::filesystem::path& file);

  // As load; a missing file is made from libcrypto's random bytes: mode 0600, a missing folder 0700. It appears whole
  // or not at all, and of several processes that make it at once all get the same key.
  static Result<SiteKey> load_or_create(const std::filesystem::path& file);

  // AES-256-GCM: nonce (12, from `random`), ciphertext, tag (16). `bound_to` is authenticated and not contained: what
  // is sealed for one name opens for no other. At most some 2^32 seals per key (NIST SP 800-38D §8.3).
  std::string seal(std::string_view plain, std::string_view bound_to, const RandomBytes& random) const;
  // not_authorized: other key, other name, or changed bytes.
  Result<std::string> open(std::string_view sealed, std::string_view bound_to) const;

  // HMAC-SHA-256 of `label`: 32 bytes, the same for ever, that tell nothing of the key nor of other labels.
  std::string derive_key(std::string_view label) const;

 private:
  Bytes key_;
};

}  // namespace confab::auth
