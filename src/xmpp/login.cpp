#include "xmpp/login.h"

#include <array>

#include "auth/credentials.h"
#include "auth/plain.h"
#include "names/names.h"
#include "xmpp/wire.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kChannelBindingNs = "urn:xmpp:sasl-cb:0";

// The client is told these in our order of preference (RFC 6120 §6.3.3).
constexpr std::array kHashes{auth::Hash::sha512, auth::Hash::sha256, auth::Hash::sha1};

}  // namespace

bool Login::password_may_go() const {
  switch (site_.config.plaintext) {
    case Plaintext::always:
      return true;
    case Plaintext::loopback:
      return secure() || peer_.loopback;
    case Plaintext::never:
      break;
  }
  return secure();
}

std::vector<auth::ChannelBinding> Login::bindings() const {
  std::vector<auth::ChannelBinding> all;
  if (!tls_ || !site_.config.channel_binding) return all;
  if (!tls_->exporter.empty()) all.push_back({"tls-exporter", tls_->exporter});
  if (!tls_->server_end_point.empty()) all.push_back({"tls-server-end-point", tls_->server_end_point});
  return all;
}

void Login::add_mechanisms(xml::Element& features) const {
  if (must_secure() || exhausted()) return;
  const std::vector<auth::ChannelBinding> bound = bindings();
  xml::Element& mechanisms = features.add("mechanisms", kSaslNs);
  for (const bool plus : {true, false}) {
    if (plus && bound.empty()) continue;
    for (const auth::Hash hash : kHashes) mechanisms.add("mechanism").text(auth::name_of({hash, plus}));
  }
  if (password_may_go()) mechanisms.add("mechanism").text("PLAIN");
  if (bound.empty()) return;
  xml::Element& types = features.add("sasl-channel-binding", kChannelBindingNs);  // XEP-0440 §3
  for (const auth::ChannelBinding& binding : bound) types.add("channel-binding").set("type", binding.type);
}

Login::Step Login::fail_with(std::string_view condition) {
  wanted_ = Wanted::nothing;
  scram_.reset();
  Step step;
  step.what = Step::What::failure;
  step.condition = condition;
  return step;
}

Login::Step Login::refuse(std::string_view condition) {
  Step step = fail_with(condition);
  if (site_.limits != nullptr) {
    step.delay = site_.limits->delay(peer_.address, name_);
    site_.limits->failed(peer_.address, name_);
  }
  return step;
}

Login::Step Login::succeed(std::string bytes, bool has_bytes) {
  if (site_.limits != nullptr) site_.limits->succeeded(peer_.address, name_);
  Step step;
  step.what = Step::What::success;
  step.bytes = std::move(bytes);
  step.has_bytes = has_bytes;
  wanted_ = Wanted::nothing;
  scram_.reset();
  return step;
}

Login::Step Login::on_auth(const xml::Element& auth) {
  ++attempts_;
  if (must_secure()) return fail_with("encryption-required");
  if (wanted_ != Wanted::nothing) return fail_with("malformed-request");
  name_.clear();
  const std::string_view named = auth.attr("mechanism");
  mechanism_ = auth::parse_mechanism(named);
  const bool plus = mechanism_ && mechanism_->plus;
  if (named == "PLAIN") {
    if (!password_may_go()) return fail_with("encryption-required");
  } else if (!mechanism_ || (plus && bindings().empty())) {
    return fail_with("invalid-mechanism");
  }
  wanted_ = Wanted::first;
  const std::string_view text = auth.text();
  if (text.empty()) {  // RFC 6120 §6.4.2: no initial response, so we ask for it
    Step step;
    step.what = Step::What::challenge;
    return step;
  }
  if (text == "=") return on_first({});  // an initial response without bytes
  const std::optional<std::string> bytes = decode_base64(text);
  if (!bytes) return fail_with("incorrect-encoding");
  return on_first(*bytes);
}

Login::Step Login::on_response(const xml::Element& response) {
  const std::string_view text = response.text();
  const std::optional<std::string> bytes = decode_base64(text == "=" ? std::string_view() : text);
  if (!bytes) return fail_with("incorrect-encoding");
  if (wanted_ == Wanted::first) return on_first(*bytes);
  if (wanted_ == Wanted::final) return on_client_final(*bytes);
  return fail_with("malformed-request");
}

Login::Step Login::on_first(std::string_view bytes) {
  return mechanism_ ? on_client_first(bytes) : on_plain(bytes);
}

bool Login::take_name(std::string_view authcid) {
  Result<std::string> name = names::prepare_login(authcid, site_.config.domain);
  if (!name) return false;
  name_ = std::move(*name);
  return true;
}

bool Login::is_own(std::string_view authzid) const {
  if (authzid.empty()) return true;
  const Result<Address> address = names::parse_address(authzid);
  return address && *address == Address{name_, site_.config.domain, {}};
}

Login::Step Login::on_plain(std::string_view bytes) {
  Result<auth::PlainMessage> message = auth::read_plain(bytes);
  if (!message) return fail_with("malformed-request");
  Result<std::string> password = names::prepare_password(message->password);
  auth::wipe(message->password);
  if (!take_name(message->authcid) || !password) return refuse("not-authorized");
  if (!is_own(message->authzid)) return fail_with("invalid-authzid");
  wanted_ = Wanted::plain_verdict;
  Step step;
  step.what = Step::What::ask;
  step.command = core::VerifyPassword{name_, std::move(*password)};
  return step;
}

Login::Step Login::on_client_first(std::string_view bytes) {
  scram_.emplace(*mechanism_, bindings(), auth::make_nonce(site_.random));
  const Result<auth::ClientFirst> first = scram_->on_client_first(bytes);
  // A failed binding says nothing about the password, and isn't counted as if it did.
  if (!first) {
    return fail_with(first.error().code == auth::kScramBindingFailed ? "not-authorized" : "malformed-request");
  }
  if (!take_name(first->username)) return refuse("not-authorized");
  if (!is_own(first->authzid)) return fail_with("invalid-authzid");
  wanted_ = Wanted::credentials;
  Step step;
  step.what = Step::What::ask;
  step.command = core::FindCredentials{name_};
  return step;
}

Login::Step Login::on_reply(const core::Reply& reply) {
  if (const auto* refused = std::get_if<core::Refused>(&reply)) {
    if (refused->code == Errc::not_authorized) return refuse("not-authorized");
    return fail_with("temporary-auth-failure");
  }
  if (wanted_ == Wanted::plain_verdict && std::holds_alternative<core::Done>(reply)) return succeed({}, false);
  const auto* found = std::get_if<core::CredentialsFound>(&reply);
  if (wanted_ == Wanted::credentials && found != nullptr) return on_credentials(*found);
  return fail_with("temporary-auth-failure");
}

Login::Step Login::on_credentials(const core::CredentialsFound& found) {
  const Result<auth::Credentials> credentials = auth::decode(found.credentials);
  const auth::ScramKeys* keys = credentials ? credentials->keys(mechanism_->hash) : nullptr;
  if (keys == nullptr) return refuse("not-authorized");
  nobody_ = found.uid == 0;  // a decoy: the login takes its course and fails at its end
  wanted_ = Wanted::final;
  Step step;
  step.what = Step::What::challenge;
  step.bytes = scram_->challenge(*keys);
  return step;
}

Login::Step Login::on_client_final(std::string_view bytes) {
  Result<std::string> verdict = scram_->on_client_final(bytes);
  if (verdict && !nobody_) return succeed(std::move(*verdict), true);
  const Errc code = verdict ? auth::kScramRefused : verdict.error().code;
  if (code == auth::kScramRefused) return refuse("not-authorized");
  return fail_with(code == auth::kScramBindingFailed ? "not-authorized" : "malformed-request");
}

}  // namespace confab::xmpp
