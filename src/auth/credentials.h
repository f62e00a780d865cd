// The one credential record of an account: what every protocol's login needs, derived when the password is set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/hash.h"
#include "auth/site_key.h"
#include "base/ids.h"
#include "base/result.h"

namespace confab::auth {

// RFC 5802 §3: what a server keeps for one hash.
struct ScramKeys {
  Hash hash = Hash::sha256;
  std::string salt;
  int iterations = 0;
  std::string stored_key;
  std::string server_key;

  bool operator==(const ScramKeys&) const = default;
};

struct Credentials {
  std::vector<ScramKeys> scram;  // ascending by hash, each at most once
  std::string sealed_ha1;        // the HA1 of every Algorithm under the site key; empty: switched off

  bool operator==(const Credentials&) const = default;
  const ScramKeys* keys(Hash hash) const;  // nullptr: none for this hash
};

// A password as it is set. Everything prepared already (names): SASLprep's or OpaqueString's output goes in here.
struct NewPassword {
  std::string_view account;  // the bare address: HA1 is bound to it
  std::string_view user;     // the digest's user name, mostly the local part
  std::string_view realm;    // the digest's realm, mostly the domain
  std::string_view password;
  int iterations = 10000;  // RFC 7677 §4 asks for at least 4096
};

// PBKDF2 for one hash, as RFC 5802 §3 writes it. Costs some 2 ms per 10,000 iterations.
ScramKeys derive_scram(Hash hash, std::string_view password, std::string_view salt, int iterations);

// All keys. `site` nullptr: without HA1. Costs three PBKDF2 runs: keep it off the shards.
Credentials derive(const NewPassword& set, const SiteKey* site, const RandomBytes& random);

// Whether `prepared_password` is the account's. One PBKDF2 run, compared in constant time; false without any key.
bool verify_password(const Credentials& credentials, std::string_view prepared_password);

// The HA1 for digest access, in lower-case hex. not_allowed: switched off; not_authorized: sealed under another key or
// for another account.
Result<std::string> open_ha1(const Credentials& credentials, std::string_view account, Algorithm algorithm,
                             const SiteKey& site);

// The record without HA1 (`fresh` nullptr), or with HA1 sealed anew under `fresh`. A record without stays without: only
// the next password brings HA1 back. Errors as open_ha1's not_authorized.
Result<Credentials> reseal(const Credentials& credentials, std::string_view account, const SiteKey& old,
                           const SiteKey* fresh, const RandomBytes& random);

// For a name nobody has: the same salts every time, so that a login tells nothing of who exists, and keys that no
// password gives. `iterations` as in derive.
Credentials decoy(std::string_view username, const SiteKey& site, int iterations);

// The record's stored form: binary, versioned, some 0.5 KB. decode takes exactly what encode writes. Errors:
// unsupported (a later version), bad_payload.
std::string encode(const Credentials& credentials);
Result<Credentials> decode(std::string_view bytes);

}  // namespace confab::auth
