#include "auth/credentials.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/bytes.h"

namespace confab::auth {
namespace {

constexpr std::array kHashes = {Hash::sha1, Hash::sha256, Hash::sha512};
constexpr std::size_t kSalt = 16;

// What is sealed: the raw HA1 of each, in this order. A further one goes to the end.
struct SealedPart {
  Algorithm algorithm;
  std::size_t at;
  std::size_t size;
};
constexpr std::array kSealed = {SealedPart{Algorithm::md5, 0, 16}, SealedPart{Algorithm::sha256, 16, 32},
                                SealedPart{Algorithm::sha512_256, 48, 32}};
constexpr std::size_t kSealedSize = 80;

std::string bound_to(std::string_view account) {
  return "ha1:" + std::string(account);
}

std::string seal_ha1(const NewPassword& set, const SiteKey& site, const RandomBytes& random) {
  std::string joined;
  joined.reserve(set.user.size() + set.realm.size() + set.password.size() + 2);  // moves once, leaves no copy behind
  joined.append(set.user).append(":").append(set.realm).append(":").append(set.password);
  std::string plain;
  plain.reserve(kSealedSize);
  for (const SealedPart& part : kSealed) plain += digest(part.algorithm, joined);
  wipe(joined);
  std::string sealed = site.seal(plain, bound_to(set.account), random);
  wipe(plain);
  return sealed;
}

}  // namespace

const ScramKeys* Credentials::keys(Hash hash) const {
  const auto found = std::find_if(scram.begin(), scram.end(), [&](const ScramKeys& k) { return k.hash == hash; });
  return found == scram.end() ? nullptr : &*found;
}

ScramKeys derive_scram(Hash hash, std::string_view password, std::string_view salt, int iterations) {
  std::string salted = pbkdf2(hash, password, salt, iterations, size_of(hash));
  std::string client_key = hmac(hash, salted, "Client Key");
  ScramKeys keys{hash, std::string(salt), iterations, digest(hash, client_key), hmac(hash, salted, "Server Key")};
  wipe(salted);
  wipe(client_key);
  return keys;
}

Credentials derive(const NewPassword& set, const SiteKey* site, const RandomBytes& random) {
  Credentials made;
  for (const Hash hash : kHashes) {
    std::string salt(kSalt, '\0');
    random(reinterpret_cast<unsigned char*>(salt.data()), salt.size());
    made.scram.push_back(derive_scram(hash, set.password, salt, set.iterations));
  }
  if (site != nullptr) made.sealed_ha1 = seal_ha1(set, *site, random);
  return made;
}

bool verify_password(const Credentials& credentials, std::string_view prepared_password) {
  // SHA-256 first: with the processor's own instructions the cheapest that isn't SHA-1.
  const ScramKeys* keys = credentials.keys(Hash::sha256);
  if (keys == nullptr && !credentials.scram.empty()) keys = &credentials.scram.back();
  if (keys == nullptr) return false;
  const ScramKeys given = derive_scram(keys->hash, prepared_password, keys->salt, keys->iterations);
  return equal_constant_time(given.stored_key, keys->stored_key);
}

Result<std::string> open_ha1(const Credentials& credentials, std::string_view account, Algorithm algorithm,
                             const SiteKey& site) {
  if (credentials.sealed_ha1.empty()) return fail(Errc::not_allowed, "ha1: switched off");
  auto plain = site.open(credentials.sealed_ha1, bound_to(account));
  if (!plain) return plain;
  if (plain->size() != kSealedSize) return fail(Errc::not_authorized, "ha1: other size");
  const auto part =
      std::find_if(kSealed.begin(), kSealed.end(), [&](const SealedPart& p) { return p.algorithm == algorithm; });
  std::string hex = encode_hex(std::string_view(*plain).substr(part->at, part->size));
  wipe(*plain);
  return hex;
}

Result<Credentials> reseal(const Credentials& credentials, std::string_view account, const SiteKey& old,
                           const SiteKey* fresh, const RandomBytes& random) {
  Credentials made = credentials;
  if (made.sealed_ha1.empty()) return made;
  made.sealed_ha1.clear();
  if (fresh == nullptr) return made;
  auto plain = old.open(credentials.sealed_ha1, bound_to(account));
  if (!plain) return fail(plain.error());
  made.sealed_ha1 = fresh->seal(*plain, bound_to(account), random);
  wipe(*plain);
  return made;
}

Credentials decoy(std::string_view username, const SiteKey& site, int iterations) {
  Credentials made;
  for (const Hash hash : kHashes) {
    // The label ends with the name, so that no two labels can be one string.
    const std::string label = std::string("decoy:") + static_cast<char>('0' + static_cast<int>(hash)) + ":";
    const auto part = [&](char what) { return site.derive_key(label + what + ":" + std::string(username)); };
    ScramKeys keys{hash, part('s').substr(0, kSalt), iterations, {}, {}};
    // To get in one would need the hash's preimage of this: nobody has it, not even who holds the site's key.
    keys.stored_key = hmac(hash, part('c'), "");
    keys.server_key = hmac(hash, part('k'), "");
    made.scram.push_back(std::move(keys));
  }
  return made;
}

}  // namespace confab::auth
