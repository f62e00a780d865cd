#include <doctest/doctest.h>

#include "auth/scram_client.h"
#include "auth/scram_server.h"
#include "auth/tests/fixed_random.h"
#include "base/bytes.h"

using namespace confab;
using namespace confab::auth;

namespace {

const ChannelBinding kExporter{"tls-exporter", std::string("\x01\x00\x02exporter", 11)};
const ChannelBinding kEndPoint{"tls-server-end-point", "certificate's hash"};

struct Example {
  Hash hash;
  std::string client_nonce, server_nonce, salt, proof, verifier;
};
const Example kRfc5802{Hash::sha1,         "fyko+d2lbbFgONRv9qkxdawL",     "3rfcNHYJY1ZVvWVs7j",
                       "QSXCR+Q6sek8bf92", "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ="};
const Example kRfc7677{Hash::sha256,
                       "rOprNGfwEbeRWgbNEkqO",
                       "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                       "W22ZaJ0SNY7soEsUEjb6gQ==",
                       "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                       "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="};

ScramKeys keys_of(Hash hash) {
  return derive_scram(hash, "pencil", "salt", 10);
}

// A whole login, one end against the other; the server's verdict, or the client's if that fails.
Result<> log_in(ScramMechanism mechanism, const ScramLogin& login, const std::vector<ChannelBinding>& offered) {
  ScramClient client(mechanism, login, make_nonce(fixed_random(1)));
  ScramServer server(mechanism, offered, make_nonce(fixed_random(2)));
  const auto first = server.on_client_first(client.first());
  if (!first) return fail(first.error());
  CHECK(first->username == login.username);
  CHECK(first->authzid == login.authzid);
  const auto proof = client.on_challenge(server.challenge(keys_of(mechanism.hash)));
  if (!proof) return fail(proof.error());
  const auto last = server.on_client_final(*proof);
  if (!last) return fail(last.error());
  return client.on_server_final(*last);
}

// The server's verdict on a client-first, and on a client-final after a good "n,,n=user,r=abc".
Result<ClientFirst> first_of(std::string_view message, bool plus = false, std::vector<ChannelBinding> offered = {}) {
  return ScramServer({Hash::sha256, plus}, std::move(offered), "server").on_client_first(message);
}
Errc final_of(std::string_view message) {
  ScramServer server({Hash::sha256, false}, {}, "xyz");
  REQUIRE(server.on_client_first("n,,n=user,r=abc").has_value());
  server.challenge(keys_of(Hash::sha256));
  const auto verdict = server.on_client_final(message);
  REQUIRE_FALSE(verdict.has_value());
  return verdict.error().code;
}
const std::string kZeroProof = ",p=" + encode_base64(std::string(32, '\0'));

}  // namespace

TEST_CASE("scram: RFC 5802 §5 and RFC 7677 §3, both ends, byte for byte") {
  for (const Example& x : {kRfc5802, kRfc7677}) {
    ScramServer server({x.hash, false}, {}, x.server_nonce);
    ScramClient client({x.hash, false}, {"user", "pencil", {}, {}}, x.client_nonce);
    const std::string first = client.first();
    CHECK(first == "n,,n=user,r=" + x.client_nonce);
    const auto who = server.on_client_first(first);
    REQUIRE(who.has_value());
    CHECK(who->username == "user");
    CHECK(who->authzid.empty());
    const std::string challenge = server.challenge(derive_scram(x.hash, "pencil", *decode_base64(x.salt), 4096));
    CHECK(challenge == "r=" + x.client_nonce + x.server_nonce + ",s=" + x.salt + ",i=4096");
    const auto proof = client.on_challenge(challenge);
    REQUIRE(proof.has_value());
    CHECK(*proof == "c=biws,r=" + x.client_nonce + x.server_nonce + ",p=" + x.proof);
    const auto last = server.on_client_final(*proof);
    REQUIRE(last.has_value());
    CHECK(*last == "v=" + x.verifier);
    CHECK(client.on_server_final(*last).has_value());
  }
}

TEST_CASE("scram: every mechanism logs in, and has its name") {
  for (const Hash hash : {Hash::sha1, Hash::sha256, Hash::sha512}) {
    CHECK(log_in({hash, false}, {"user", "pencil", {}, {}}, {}).has_value());
    CHECK(log_in({hash, false}, {"user", "pencil", {}, {}}, {kExporter}).has_value());  // "n": a client without TLS
    CHECK(log_in({hash, false}, {"user", "pencil", {}, kExporter}, {}).has_value());    // "y", and none offered
    CHECK(log_in({hash, true}, {"user", "pencil", {}, kExporter}, {kEndPoint, kExporter}).has_value());
    CHECK(log_in({hash, true}, {"user", "pencil", {}, kEndPoint}, {kEndPoint, kExporter}).has_value());
    CHECK(log_in({hash, false}, {"user", "wrong", {}, {}}, {}).error().code == kScramRefused);
    CHECK(log_in({hash, true}, {"user", "wrong", {}, kExporter}, {kExporter}).error().code == kScramRefused);
    for (const bool plus : {false, true}) {
      const ScramMechanism mechanism{hash, plus};
      CHECK(parse_mechanism(name_of(mechanism)) == mechanism);
    }
  }
  CHECK(name_of({Hash::sha512, true}) == "SCRAM-SHA-512-PLUS");
  CHECK_FALSE(parse_mechanism("SCRAM-MD5").has_value());
}

TEST_CASE("scram: names with commas, equals signs and beyond ASCII; an authzid") {
  CHECK(log_in({Hash::sha256, false}, {"a,b=c=2C", "pencil", "x=,y", {}}, {}).has_value());
  CHECK(log_in({Hash::sha256, false}, {"jürgen", "pencil", {}, {}}, {}).has_value());
  const auto first = first_of("n,a=b=3Dc,n=u=2Cv,r=abc");
  REQUIRE(first.has_value());
  CHECK(first->authzid == "b=c");
  CHECK(first->username == "u,v");
}

TEST_CASE("scram: bindings that fail say so, apart from wrong passwords") {
  const std::vector<ChannelBinding> offered = {kExporter};
  const ScramMechanism plain{Hash::sha256, false};
  const ScramMechanism plus{Hash::sha256, true};
  // RFC 5802 §6: a client that could bind, and a server that offers it: somebody removed the PLUS mechanisms.
  CHECK(log_in(plain, {"user", "pencil", {}, kExporter}, offered).error().code == kScramBindingFailed);
  CHECK(log_in(plus, {"user", "pencil", {}, kEndPoint}, offered).error().code == kScramBindingFailed);
  CHECK(log_in(plus, {"user", "pencil", {}, kExporter}, {}).error().code == kScramBindingFailed);
  for (const std::string& bytes :
       {std::string(), std::string("other"), kExporter.bytes + "x", kExporter.bytes.substr(1)}) {
    const ChannelBinding wrong{"tls-exporter", bytes};
    CHECK(log_in(plus, {"user", "pencil", {}, wrong}, offered).error().code == kScramBindingFailed);
    CHECK(log_in(plus, {"user", "wrong", {}, wrong}, offered).error().code == kScramBindingFailed);
  }
  CHECK(first_of("p=tls-unique,,n=user,r=abc", true, offered).error().code == kScramBindingFailed);
  CHECK(first_of("p=tls-exporter,,n=user,r=abc", false, offered).error().code == kScramBindingFailed);
  CHECK(first_of("n,,n=user,r=abc", true, offered).error().code == kScramMalformed);
  CHECK(first_of("y,,n=user,r=abc", true, offered).error().code == kScramMalformed);
}

TEST_CASE("scram: malformed client-first") {
  for (const char* text : {"",
                           ",",
                           "n",
                           "n,",
                           "n,,",
                           "n,,n=user",
                           "n,,n=user,",
                           "n,,n=,r=a",
                           "n,,r=a,n=u",
                           "n,,n=u,r=",
                           "n,,n=u,r=a,",
                           "x,,n=u,r=a",
                           ",,n=u,r=a",
                           "p=,,n=u,r=a",
                           "N,,n=u,r=a",
                           "n,a=,n=u,r=a",
                           "n,b=c,n=u,r=a",
                           "n,a=x=y,n=u,r=a",
                           "n,,n=u=,r=a",
                           "n,,n=u=2c,r=a",
                           "n,,n=u=2D,r=a",
                           "n,,u=u,r=a",
                           "n,,n=u,r=a b",
                           "n,,n=u,r=\x7f",
                           "n,,n=u,r=a,1=x",
                           "n,,n=u,r=a,xy",
                           "n,,n=u,r=a,x=",
                           "n,n=u,r=a",
                           "n,,n=\xff,r=a",
                           "n,,n=u,r=\xc3\xa4",
                           "p=tls_x,,n=u,r=a"}) {
    CAPTURE(text);
    CHECK(first_of(text).error().code == kScramMalformed);
  }
  CHECK(first_of(std::string_view("n,,n=u\0v,r=a", 12)).error().code == kScramMalformed);
  CHECK(first_of("n,,m=x,n=u,r=a").error().code == kScramExtension);
  CHECK(first_of("n,,n=u,r=a,m=x").error().code == kScramExtension);
  CHECK(first_of("n,,n=u,r=a,x=ignored").has_value());
  CHECK(first_of("n,,n=u,r=" + std::string(9000, 'a')).error().code == Errc::too_big);
}

TEST_CASE("scram: client-final, malformed or changed") {
  CHECK(final_of("c=biws,r=abcxyz" + kZeroProof) == kScramRefused);
  CHECK(final_of("c=biws,r=abcxy" + kZeroProof) == kScramRefused);
  CHECK(final_of("c=biws,r=abc" + kZeroProof) == kScramRefused);
  CHECK(final_of("c=eSws,r=abcxyz" + kZeroProof) == kScramBindingFailed);      // "y,," after "n,,"
  CHECK(final_of("c=biwseA==,r=abcxyz" + kZeroProof) == kScramBindingFailed);  // bytes of a binding that isn't used
  CHECK(final_of("c=biws,r=abcxyz,m=x" + kZeroProof) == kScramExtension);
  for (const char* text :
       {"", "c=biws,r=abcxyz", "c=biws,r=abcxyz,p=", "c=biws,r=abcxyz,p=AAAA", "c=biws,r=abcxyz,p=*"}) {
    CHECK(final_of(text) == kScramMalformed);
  }
  for (const char* text : {"r=abcxyz", "c=biws", "c=,r=abcxyz", "c=*,r=abcxyz", "r=abcxyz,c=biws",
                           "c=biws,r=", "c=biws,,r=abcxyz", "c=biws,r=abcxyz,", "c=biws,r=abcxyz,?=1"}) {
    CAPTURE(text);
    CHECK(final_of(text + kZeroProof) == kScramMalformed);
  }
  CHECK(final_of(std::string(9000, 'a')) == Errc::too_big);
}

TEST_CASE("scram: any changed byte of client-final fails the login") {
  ScramClient client({Hash::sha256, false}, {"user", "pencil", {}, {}}, "abc");
  ScramServer first({Hash::sha256, false}, {}, "xyz");
  REQUIRE(first.on_client_first(client.first()).has_value());
  const auto good = client.on_challenge(first.challenge(keys_of(Hash::sha256)));
  REQUIRE(good.has_value());
  for (std::size_t i = 0; i < good->size(); ++i) {
    std::string changed = *good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAPTURE(changed);
    final_of(changed);  // requires that it fails
  }
  CHECK(first.on_client_final(*good).has_value());
}

TEST_CASE("scram: an extension before the proof is covered by it") {
  const std::string without = "c=biws,r=abcxyz,x=1";
  ScramServer server({Hash::sha256, false}, {}, "xyz");
  REQUIRE(server.on_client_first("n,,n=user,r=abc").has_value());
  const std::string challenge = server.challenge(keys_of(Hash::sha256));
  const std::string client_key = hmac(Hash::sha256, pbkdf2(Hash::sha256, "pencil", "salt", 10, 32), "Client Key");
  std::string proof = hmac(Hash::sha256, digest(Hash::sha256, client_key), "n=user,r=abc," + challenge + "," + without);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
  CHECK(server.on_client_final(without + ",p=" + encode_base64(proof)).has_value());
}

TEST_CASE("scram: out of order, and twice") {
  ScramServer server({Hash::sha256, false}, {}, "xyz");
  CHECK(server.on_client_final("c=biws,r=abcxyz" + kZeroProof).error().code == kScramMalformed);
  REQUIRE(server.on_client_first("n,,n=user,r=abc").has_value());
  CHECK(server.on_client_first("n,,n=user,r=abc").error().code == kScramMalformed);
  server.challenge(keys_of(Hash::sha256));
  CHECK(server.on_client_final("c=biws,r=abcxyz" + kZeroProof).error().code == kScramRefused);
  CHECK(server.on_client_final("c=biws,r=abcxyz" + kZeroProof).error().code == kScramMalformed);
}

TEST_CASE("scram: a decoy answers like an account, and lets nobody in") {
  SiteKey::Bytes bytes{};
  const Credentials nobody = decoy("nobody", SiteKey(bytes), 10);
  ScramClient client({Hash::sha512, false}, {"nobody", "pencil", {}, {}}, "abc");
  ScramServer server({Hash::sha512, false}, {}, "xyz");
  REQUIRE(server.on_client_first(client.first()).has_value());
  const auto proof = client.on_challenge(server.challenge(*nobody.keys(Hash::sha512)));
  REQUIRE(proof.has_value());
  CHECK(server.on_client_final(*proof).error().code == kScramRefused);
}

TEST_CASE("scram client: the server's messages are checked, too") {
  const auto on_challenge = [](std::string_view text) {
    ScramClient client({Hash::sha256, false}, {"user", "pencil", {}, {}}, "abc");
    client.first();
    return client.on_challenge(text);
  };
  CHECK(on_challenge("r=abcx,s=AAAA,i=1,x=y").has_value());
  CHECK(on_challenge("r=abc,s=AAAA,i=1").error().code == kScramRefused);
  CHECK(on_challenge("r=xbcd,s=AAAA,i=1").error().code == kScramRefused);
  CHECK(on_challenge("m=1,r=abcx,s=AAAA,i=1").error().code == kScramExtension);
  for (const char* text : {"", "r=abcx", "r=abcx,s=AAAA", "r=abcx,s=*,i=1", "r=abcx,s=AAAA,i=0", "r=abcx,s=AAAA,i=01",
                           "r=abcx,s=AAAA,i=-1", "r=abcx,s=AAAA,i=99999999999", "r=abcx,s=AAAA,i=10000001"}) {
    CAPTURE(text);
    CHECK(on_challenge(text).error().code == kScramMalformed);
  }
  ScramClient client({Hash::sha256, false}, {"user", "pencil", {}, {}}, "abc");
  client.first();
  CHECK_FALSE(client.on_server_final("v=" + encode_base64("")).has_value());
  REQUIRE(client.on_challenge("r=abcx,s=AAAA,i=1").has_value());
  CHECK(client.on_server_final("v=AAAA").error().code == kScramRefused);
  CHECK(client.on_server_final("e=invalid-proof").error().code == kScramRefused);
  CHECK(client.on_server_final("w=AAAA").error().code == kScramMalformed);
}

TEST_CASE("scram client: a salted password is used again, if the salt is still the same") {
  const ScramMechanism mechanism{Hash::sha256, false};
  ScramClient first(mechanism, {"user", "pencil", {}, {}}, "abc");
  first.first();
  const auto proof = first.on_challenge("r=abcx,s=AAAA,i=2");
  ScramClient second(mechanism, {"user", "not looked at", {}, {}}, "abc");
  second.use(first.salted());
  second.first();
  CHECK(second.on_challenge("r=abcx,s=AAAA,i=2").value() == proof.value());
  CHECK(second.on_challenge("r=abcx,s=AAAB,i=2").value() != proof.value());
}

TEST_CASE("nonce: printable, without a comma, never twice") {
  const RandomBytes random = fixed_random();
  const std::string a = make_nonce(random);
  CHECK(a.size() == 24);
  CHECK(a.find_first_of(",= ") == std::string::npos);
  CHECK(make_nonce(random) != a);
}
