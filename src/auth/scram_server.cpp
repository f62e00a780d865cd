#include "auth/scram_server.h"

#include <algorithm>
#include <cassert>

#include "auth/scram_text.h"
#include "base/bytes.h"

namespace confab::auth {
namespace {

Result<> check_text(std::string_view message) {
  if (message.size() > kScramMaxBytes) return fail(Errc::too_big, "scram: message");
  if (!is_utf8(message) || message.find('\0') != std::string_view::npos) {
    return fail(kScramMalformed, "scram: not UTF-8, or NUL");
  }
  return {};
}

// cb-name: 1*(ALPHA / DIGIT / "." / "-").
bool is_binding_name(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

ScramServer::ScramServer(ScramMechanism mechanism, std::vector<ChannelBinding> offered, std::string nonce)
    : mechanism_(mechanism), offered_(std::move(offered)), nonce_(std::move(nonce)) {
  assert(is_nonce(nonce_));
}

Result<ClientFirst> ScramServer::on_client_first(std::string_view message) {
  if (step_ != Step::client_first) return fail(kScramMalformed, "scram: out of order");
  step_ = Step::over;
  if (auto fine = check_text(message); !fine) return fail(fine.error());
  ClientFirst first;
  const auto bare = read_gs2_header(message, first);
  if (!bare) return fail(bare.error());
  if (auto fine = read_first_bare(*bare, first); !fine) return fail(fine.error());
  step_ = Step::challenge;
  return first;
}

// gs2-header: flag "," [ "a=" saslname ] ",". Returns what follows it.
Result<std::string_view> ScramServer::read_gs2_header(std::string_view message, ClientFirst& first) {
  const std::size_t flag_end = message.find(',');
  const std::size_t end = flag_end == std::string_view::npos ? flag_end : message.find(',', flag_end + 1);
  if (end == std::string_view::npos) return fail(kScramMalformed, "scram: gs2 header");

  const std::string_view authzid = message.substr(flag_end + 1, end - flag_end - 1);
  if (!authzid.empty()) {
    auto name = authzid.starts_with("a=") ? decode_saslname(authzid.substr(2)) : std::nullopt;
    if (!name || name->empty()) return fail(kScramMalformed, "scram: authzid");
    first.authzid = std::move(*name);
  }
  if (auto fine = read_binding_flag(message.substr(0, flag_end)); !fine) return fail(fine.error());
  gs2_header_ = message.substr(0, end + 1);
  return message.substr(end + 1);
}

// RFC 5802 §6.
Result<> ScramServer::read_binding_flag(std::string_view flag) {
  if (flag.starts_with("p=")) {
    const std::string_view type = flag.substr(2);
    if (!is_binding_name(type)) return fail(kScramMalformed, "scram: binding's name");
    const auto found =
        std::find_if(offered_.begin(), offered_.end(), [&](const ChannelBinding& b) { return b.type == type; });
    if (!mechanism_.plus || found == offered_.end()) return fail(kScramBindingFailed, "scram: binding not offered");
    used_ = static_cast<std::size_t>(found - offered_.begin());
    return {};
  }
  if (flag != "n" && flag != "y") return fail(kScramMalformed, "scram: binding flag");
  if (mechanism_.plus) return fail(kScramMalformed, "scram: PLUS without binding");
  // The client could bind and didn't see that we offer it: somebody took PLUS out of the list.
  if (flag == "y" && !offered_.empty()) return fail(kScramBindingFailed, "scram: downgraded");
  return {};
}

// client-first-message-bare: [ "m=" ... "," ] "n=" saslname "," "r=" c-nonce [ "," extensions ].
Result<> ScramServer::read_first_bare(std::string_view bare, ClientFirst& first) {
  std::string_view rest = bare;
  if (rest.starts_with("m=")) return fail(kScramExtension, "scram: mandatory extension");
  const auto user = take_attribute(rest, 'n');
  auto name = user ? decode_saslname(*user) : std::nullopt;
  if (!name) return fail(kScramMalformed, "scram: username");
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce || !is_nonce(*nonce)) return fail(kScramMalformed, "scram: nonce");
  if (auto fine = skip_extensions(rest); !fine) return fine;
  first.username = std::move(*name);
  nonce_.insert(0, *nonce);
  auth_message_ = bare;
  return {};
}

std::string ScramServer::challenge(const ScramKeys& keys) {
  assert(step_ == Step::challenge && keys.hash == mechanism_.hash);
  step_ = Step::client_final;
  stored_key_ = keys.stored_key;
  server_key_ = keys.server_key;
  std::string message = "r=" + nonce_ + ",s=" + encode_base64(keys.salt) + ",i=" + std::to_string(keys.iterations);
  auth_message_.append(",").append(message);
  return message;
}

// client-final-message: "c=" base64 "," "r=" nonce [ "," extensions ] "," "p=" base64.
Result<std::string> ScramServer::on_client_final(std::string_view message) {
  if (step_ != Step::client_final) return fail(kScramMalformed, "scram: out of order");
  step_ = Step::over;
  if (auto fine = check_text(message); !fine) return fail(fine.error());

  const std::size_t proof_at = message.rfind(",p=");  // base64 has no comma, so the last one is the proof's
  if (proof_at == std::string_view::npos) return fail(kScramMalformed, "scram: no proof");
  const auto proof = decode_base64(message.substr(proof_at + 3));
  if (!proof || proof->size() != size_of(mechanism_.hash)) return fail(kScramMalformed, "scram: proof");

  std::string_view rest = message.substr(0, proof_at);
  const auto encoded = take_attribute(rest, 'c');
  const auto binding = encoded ? decode_base64(*encoded) : std::nullopt;
  if (!binding) return fail(kScramMalformed, "scram: binding");
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce) return fail(kScramMalformed, "scram: nonce");
  if (auto fine = skip_extensions(rest); !fine) return fail(fine.error());
  // Before the proof is looked at, so that a failed binding says nothing of the password.
  if (auto fine = check_binding(*binding); !fine) return fail(fine.error());
  if (!equal_constant_time(*nonce, nonce_)) return fail(kScramRefused, "scram: nonce");

  auth_message_.append(",").append(message.substr(0, proof_at));
  const std::string client_key = xor_bytes(*proof, hmac(mechanism_.hash, stored_key_, auth_message_));
  if (!equal_constant_time(digest(mechanism_.hash, client_key), stored_key_)) {
    return fail(kScramRefused, "scram: proof");
  }
  return "v=" + encode_base64(hmac(mechanism_.hash, server_key_, auth_message_));
}

// cbind-input: the gs2 header as it came, and the binding's bytes if it is used.
Result<> ScramServer::check_binding(std::string_view input) const {
  if (!input.starts_with(gs2_header_)) return fail(kScramBindingFailed, "scram: other gs2 header");
  const std::string_view expected = used_ ? std::string_view(offered_[*used_].bytes) : std::string_view();
  if (!equal_constant_time(input.substr(gs2_header_.size()), expected)) {
    return fail(kScramBindingFailed, "scram: other channel");
  }
  return {};
}

}  // namespace confab::auth
