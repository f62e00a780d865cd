// Digests, HMAC and PBKDF2 over libcrypto. What is fetched is kept per thread: a call costs the hashing, not the
// lookup.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace confab::auth {

// The hashes of the SCRAM family: RFC 5802 (SHA-1), RFC 7677 (SHA-256), and SHA-512 in the same way.
enum class Hash : unsigned char { sha1 = 1, sha256 = 2, sha512 = 3 };

// The hashes of HTTP and SIP digest access: RFC 7616, RFC 8760.
enum class Algorithm : unsigned char { md5, sha256, sha512_256 };

// Bytes in a digest: 20, 32, 64.
std::size_t size_of(Hash hash);

// Raw bytes, size_of(hash) of them. A libcrypto without the hash, or out of memory, ends the process.
std::string digest(Hash hash, std::string_view bytes);
std::string hmac(Hash hash, std::string_view key, std::string_view bytes);

// RFC 8018 §5.2 with HMAC as its function; `size` bytes. `iterations` is at least 1. Costs some 0.2 us per iteration:
// keep it off the shards.
std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, int iterations, std::size_t size);

// The digest in raw bytes, and in lower-case hex as RFC 7616 §3.1 writes it.
std::string digest(Algorithm algorithm, std::string_view bytes);
std::string digest_hex(Algorithm algorithm, std::string_view bytes);

// H(user ":" realm ":" password) in lower-case hex: RFC 7616 §3.4.2. As good as the password itself within its realm.
std::string ha1(Algorithm algorithm, std::string_view user, std::string_view realm, std::string_view password);

// Overwrites a secret before it is freed, so that the compiler does not take the writing away.
void wipe(std::string& secret);

}  // namespace confab::auth
