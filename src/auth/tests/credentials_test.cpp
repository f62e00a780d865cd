#include "auth/credentials.h"

#include <doctest/doctest.h>

#include <set>

#include "auth/tests/fixed_random.h"

using namespace confab;
using namespace confab::auth;

namespace {

SiteKey key_of(unsigned char fill) {
  SiteKey::Bytes bytes{};
  bytes.fill(fill);
  return SiteKey(bytes);
}
const SiteKey kSite = key_of(1);

Credentials alice(const SiteKey* site = &kSite) {
  return derive({"alice@example.org", "alice", "example.org", "pencil", 10}, site, fixed_random());
}

}  // namespace

TEST_CASE("credentials: one password, all keys, no two salts alike") {
  const Credentials made = alice();
  REQUIRE(made.scram.size() == 3);
  std::set<std::string> salts;
  for (const ScramKeys& keys : made.scram) {
    CHECK(keys == derive_scram(keys.hash, "pencil", keys.salt, 10));
    CHECK(keys.salt.size() == 16);
    CHECK(made.keys(keys.hash) == &keys);
    salts.insert(keys.salt);
  }
  CHECK(salts.size() == 3);
  CHECK(Credentials{}.keys(Hash::sha1) == nullptr);
}

TEST_CASE("credentials: the right password verifies, and no other") {
  Credentials made = alice();
  CHECK(verify_password(made, "pencil"));
  for (const char* wrong : {"", "Pencil", "pencil ", "penci"}) CHECK_FALSE(verify_password(made, wrong));
  made.scram = {*made.keys(Hash::sha1)};
  CHECK(verify_password(made, "pencil"));
  CHECK_FALSE(verify_password(made, "pen"));
  CHECK_FALSE(verify_password(Credentials{}, ""));
}

TEST_CASE("credentials: HA1 opens for its account and the site's key") {
  const Credentials made = alice();
  for (const Algorithm algorithm : {Algorithm::md5, Algorithm::sha256, Algorithm::sha512_256}) {
    CHECK(open_ha1(made, "alice@example.org", algorithm, kSite).value() ==
          ha1(algorithm, "alice", "example.org", "pencil"));
  }
  CHECK(open_ha1(made, "bob@example.org", Algorithm::md5, kSite).error().code == Errc::not_authorized);
  CHECK(open_ha1(made, "alice@example.org", Algorithm::md5, key_of(2)).error().code == Errc::not_authorized);
  CHECK(open_ha1(alice(nullptr), "alice@example.org", Algorithm::md5, kSite).error().code == Errc::not_allowed);
}

TEST_CASE("credentials: HA1 is dropped or sealed under another key, the rest stays") {
  const Credentials made = alice();
  const auto dropped = reseal(made, "alice@example.org", kSite, nullptr, fixed_random());
  CHECK(dropped.value() == alice(nullptr));

  const SiteKey fresh = key_of(2);
  const auto moved = reseal(made, "alice@example.org", kSite, &fresh, fixed_random(7));
  CHECK(moved->scram == made.scram);
  CHECK(open_ha1(*moved, "alice@example.org", Algorithm::sha256, fresh).value() ==
        ha1(Algorithm::sha256, "alice", "example.org", "pencil"));
  CHECK_FALSE(open_ha1(*moved, "alice@example.org", Algorithm::sha256, kSite).has_value());

  CHECK_FALSE(reseal(made, "bob@example.org", kSite, &fresh, fixed_random()).has_value());
  CHECK(reseal(*dropped, "alice@example.org", kSite, &fresh, fixed_random())->sealed_ha1.empty());
}

TEST_CASE("decoy: the same for a name every time, of a real record's shape, and nobody's") {
  const Credentials a = decoy("nobody", kSite, 10);
  CHECK(a == decoy("nobody", kSite, 10));
  CHECK(a.scram.size() == alice().scram.size());
  for (const ScramKeys& keys : a.scram) {
    CHECK(keys.iterations == 10);
    CHECK(keys.salt.size() == 16);
    CHECK(keys.stored_key.size() == size_of(keys.hash));
    CHECK(keys.server_key.size() == size_of(keys.hash));
    CHECK(keys.salt != decoy("nobody2", kSite, 10).keys(keys.hash)->salt);
    CHECK(keys.salt != decoy("nobody", key_of(2), 10).keys(keys.hash)->salt);
  }
  CHECK_FALSE(verify_password(a, ""));
  CHECK_FALSE(verify_password(a, "nobody"));
}

TEST_CASE("credentials: stored form there and back") {
  for (const Credentials& made : {alice(), alice(nullptr), Credentials{}}) {
    const auto back = decode(encode(made));
    REQUIRE(back.has_value());
    CHECK(*back == made);
  }
  CHECK(encode(alice()).size() < 512);
}

TEST_CASE("credentials: cut at any byte, or longer, it is refused") {
  const std::string whole = encode(alice());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(decode(std::string_view(whole).substr(0, size)).error().code == Errc::bad_payload);
  }
  CHECK_FALSE(decode(whole + '\0').has_value());
}

TEST_CASE("credentials: other versions, hashes, orders and numbers are refused") {
  const std::string whole = encode(alice());
  const auto with = [&](std::size_t at, char value) {
    std::string changed = whole;
    changed[at] = value;
    return decode(changed);
  };
  CHECK(with(0, 2).error().code == Errc::unsupported);
  CHECK(with(0, 0).error().code == Errc::bad_payload);
  CHECK_FALSE(with(2, 0).has_value());
  CHECK_FALSE(with(2, 4).has_value());
  CHECK_FALSE(with(3, '\x80').has_value());  // iterations beyond an int
  CHECK_FALSE(with(6, 0).has_value());       // iterations 0
  CHECK_FALSE(with(7, 0).has_value());       // no salt

  Credentials twice = alice();
  twice.scram[1] = twice.scram[0];
  CHECK_FALSE(decode(encode(twice)).has_value());
}
