#include "auth/scram_client.h"

#include <cassert>

#include "auth/scram_text.h"
#include "base/bytes.h"

namespace confab::auth {
namespace {

constexpr int kMaxIterations = 10'000'000;  // some seconds: a server may not keep us longer

}  // namespace

ScramClient::ScramClient(ScramMechanism mechanism, ScramLogin login, std::string nonce)
    : mechanism_(mechanism), login_(std::move(login)), nonce_(std::move(nonce)) {
  assert(!mechanism_.plus || login_.binding);
  assert(is_nonce(nonce_));
}

std::string ScramClient::first() {
  gs2_header_ = mechanism_.plus ? "p=" + login_.binding->type : login_.binding ? "y" : "n";
  gs2_header_ += ',';
  if (!login_.authzid.empty()) gs2_header_ += "a=" + encode_saslname(login_.authzid);
  gs2_header_ += ',';
  first_bare_ = "n=" + encode_saslname(login_.username) + ",r=" + nonce_;
  return gs2_header_ + first_bare_;
}

Result<std::string> ScramClient::on_challenge(std::string_view message) {
  if (message.size() > kScramMaxBytes) return fail(Errc::too_big, "scram: message");
  std::string_view rest = message;
  if (rest.starts_with("m=")) return fail(kScramExtension, "scram: mandatory extension");
  const auto nonce = take_attribute(rest, 'r');
  const auto encoded = take_attribute(rest, 's');
  const auto count = take_attribute(rest, 'i');
  const auto salt = encoded ? decode_base64(*encoded) : std::nullopt;
  const auto iterations = count ? read_positive(*count, kMaxIterations) : std::nullopt;
  if (!nonce || !is_nonce(*nonce) || !salt || !iterations) return fail(kScramMalformed, "scram: challenge");
  if (auto fine = skip_extensions(rest); !fine) return fail(fine.error());
  if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size()) return fail(kScramRefused, "scram: nonce");

  const Hash hash = mechanism_.hash;
  if (salted_.salt != *salt || salted_.iterations != *iterations) {
    salted_ = {*salt, *iterations, pbkdf2(hash, login_.password, *salt, *iterations, size_of(hash))};
  }
  std::string bound = gs2_header_;
  if (mechanism_.plus) bound += login_.binding->bytes;
  const std::string without_proof = "c=" + encode_base64(bound) + ",r=" + std::string(*nonce);
  const std::string auth_message = first_bare_ + "," + std::string(message) + "," + without_proof;
  const std::string client_key = hmac(hash, salted_.bytes, "Client Key");
  const std::string signature = hmac(hash, digest(hash, client_key), auth_message);
  server_signature_ = hmac(hash, hmac(hash, salted_.bytes, "Server Key"), auth_message);
  return without_proof + ",p=" + encode_base64(xor_bytes(client_key, signature));
}

Result<> ScramClient::on_server_final(std::string_view message) {
  std::string_view rest = message;
  if (rest.starts_with("e=")) return fail(kScramRefused, "scram: the server refused");
  const auto encoded = take_attribute(rest, 'v');
  const auto verifier = encoded ? decode_base64(*encoded) : std::nullopt;
  if (!verifier) return fail(kScramMalformed, "scram: server's signature");
  if (auto fine = skip_extensions(rest); !fine) return fine;
  if (server_signature_.empty() || !equal_constant_time(*verifier, server_signature_)) {
    return fail(kScramRefused, "scram: the server doesn't know the keys");
  }
  return {};
}

}  // namespace confab::auth
