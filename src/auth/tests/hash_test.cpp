#include "auth/hash.h"

#include <doctest/doctest.h>

#include <thread>

#include "base/bytes.h"

using namespace confab;
using namespace confab::auth;
using namespace std::string_view_literals;

TEST_CASE("digest: FIPS 180-4's \"abc\"") {
  CHECK(encode_hex(digest(Hash::sha1, "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(encode_hex(digest(Hash::sha256, "abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest(Hash::sha512, "abc").size() == size_of(Hash::sha512));
  CHECK(digest_hex(Algorithm::md5, "abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(digest_hex(Algorithm::sha512_256, "abc") == "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
}

TEST_CASE("hmac: RFC 2202 §3 and RFC 4231 §4.3, test case 2") {
  const std::string_view text = "what do ya want for nothing?";
  CHECK(encode_hex(hmac(Hash::sha1, "Jefe", text)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(encode_hex(hmac(Hash::sha256, "Jefe", text)) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(encode_hex(hmac(Hash::sha512, "Jefe", text)) ==
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST_CASE("hmac: an empty key is a key, not the one of last time") {
  const std::string empty = hmac(Hash::sha256, "", "");
  hmac(Hash::sha256, "something", "");
  CHECK(hmac(Hash::sha256, {}, {}) == empty);
  CHECK(encode_hex(empty) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("hmac: every thread has its own") {
  std::string there;
  std::thread other([&] { there = hmac(Hash::sha256, "k", "t"); });
  const std::string here = hmac(Hash::sha256, "k", "t");
  other.join();
  CHECK(here == there);
}

TEST_CASE("pbkdf2: RFC 6070 §2") {
  const auto hex = [](std::string_view password, std::string_view salt, int iterations, std::size_t size) {
    return encode_hex(pbkdf2(Hash::sha1, password, salt, iterations, size));
  };
  CHECK(hex("password", "salt", 1, 20) == "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  CHECK(hex("password", "salt", 2, 20) == "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
  CHECK(hex("password", "salt", 4096, 20) == "4b007901b765489abead49d926f721d065a429c1");
  CHECK(hex("passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 25) ==
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
  CHECK(hex("pass\0word"sv, "sa\0lt"sv, 4096, 16) == "56fa6aa75548099dcc37d7f03425e0c3");
}

TEST_CASE("pbkdf2: RFC 7914 §11") {
  CHECK(encode_hex(pbkdf2(Hash::sha256, "passwd", "salt", 1, 64)) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST_CASE("ha1: RFC 7616 §3.9.1, whole responses") {
  for (const auto& [algorithm, response] :
       {std::pair{Algorithm::md5, "8ca523f5e9506fed4657c9700eebdbec"},
        std::pair{Algorithm::sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"}}) {
    const std::string a1 = ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
    const std::string a2 = digest_hex(algorithm, "GET:/dir/index.html");
    CHECK(digest_hex(algorithm, a1 +
                                    ":7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:"
                                    "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth:" +
                                    a2) == response);
  }
}

TEST_CASE("wipe: nothing is left") {
  std::string secret = "a secret that is longer than a small string";
  const std::size_t capacity = secret.capacity();
  wipe(secret);
  CHECK(secret.empty());
  CHECK(secret.capacity() == capacity);
}
