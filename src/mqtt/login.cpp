#include "mqtt/login.h"

#include "auth/credentials.h"
#include "names/names.h"

namespace confab::mqtt {
namespace {

// MQTT has no exporter to bind to that its libraries would give: PLUS is not offered, nor anything weaker.
std::optional<auth::ScramMechanism> mechanism_of(std::string_view method) {
  const auto mechanism = auth::parse_mechanism(method);
  if (!mechanism || mechanism->plus || mechanism->hash == auth::Hash::sha1) return std::nullopt;
  return mechanism;
}

}  // namespace

Login::Step Login::fail_with(Reason reason) {
  wanted_ = Wanted::nothing;
  scram_.reset();
  Step step;
  step.reason = reason;
  return step;
}

Login::Step Login::refuse() {
  Step step = fail_with(Reason::bad_user_name_or_password);
  if (site_.limits != nullptr) {
    step.delay = site_.limits->delay(peer_address_, name_);
    site_.limits->failed(peer_address_, name_);
  }
  return step;
}

Login::Step Login::succeed(std::string bytes) {
  if (site_.limits != nullptr && !name_.empty()) site_.limits->succeeded(peer_address_, name_);
  Step step;
  step.what = Step::What::success;
  step.bytes = std::move(bytes);
  wanted_ = Wanted::nothing;
  scram_.reset();
  return step;
}

bool Login::take_name(std::string_view text) {
  Result<std::string> name = names::prepare_login(text, site_.config.domain);
  if (!name) return false;
  name_ = std::move(*name);
  return true;
}

Login::Step Login::on_connect(const Connect& connect) {
  if (!connect.authentication_method.empty()) {
    if (!mechanism_of(connect.authentication_method)) return fail_with(Reason::bad_authentication_method);
    method_ = std::string(connect.authentication_method);
    wanted_ = Wanted::first;
    // §4.12: data may come with CONNECT, or be asked for.
    if (!connect.authentication_data.empty()) return on_first(connect.authentication_data);
    Step step;
    step.what = Step::What::challenge;
    return step;
  }
  if (!connect.user_name && !connect.password) {
    return anonymous_ ? succeed({}) : fail_with(Reason::not_authorized);
  }
  return on_password(connect);
}

Login::Step Login::on_password(const Connect& connect) {
  if (!password_may_go_) return fail_with(Reason::not_authorized);
  if (!connect.user_name || !connect.password) return fail_with(Reason::bad_user_name_or_password);
  Result<std::string> password = names::prepare_password(*connect.password);
  if (!take_name(*connect.user_name) || !password) return refuse();
  wanted_ = Wanted::verdict;
  Step step;
  step.what = Step::What::ask;
  step.command = core::VerifyPassword{name_, std::move(*password)};
  return step;
}

Login::Step Login::on_auth(const Auth& auth) {
  // §4.12.0-5: the method stays the same to the end.
  if (auth.method != method_ || auth.reason != Reason::continue_authentication) {
    return fail_with(Reason::protocol_error);
  }
  if (wanted_ == Wanted::first) return on_first(auth.data);
  if (wanted_ == Wanted::final) return on_final(auth.data);
  return fail_with(Reason::protocol_error);
}

Login::Step Login::on_again(const Auth& auth) {
  if (auth.method != method_) return fail_with(Reason::protocol_error);
  wanted_ = Wanted::first;
  if (!auth.data.empty()) return on_first(auth.data);
  Step step;
  step.what = Step::What::challenge;
  return step;
}

Login::Step Login::on_first(std::string_view bytes) {
  scram_.emplace(*mechanism_of(method_), std::vector<auth::ChannelBinding>{}, auth::make_nonce(site_.random));
  const Result<auth::ClientFirst> first = scram_->on_client_first(bytes);
  if (!first) return fail_with(Reason::not_authorized);
  if (!take_name(first->username)) return refuse();
  if (!first->authzid.empty() && first->authzid != first->username) return fail_with(Reason::not_authorized);
  if (!bound_.empty() && name_ != bound_) return refuse();
  wanted_ = Wanted::credentials;
  Step step;
  step.what = Step::What::ask;
  step.command = core::FindCredentials{name_};
  return step;
}

Login::Step Login::on_reply(const core::Reply& reply) {
  if (const auto* refused = std::get_if<core::Refused>(&reply)) {
    if (refused->code == Errc::not_authorized) return refuse();
    return fail_with(refused->code == Errc::too_fast ? Reason::server_busy : Reason::server_unavailable);
  }
  if (wanted_ == Wanted::verdict && std::holds_alternative<core::Done>(reply)) return succeed({});
  const auto* found = std::get_if<core::CredentialsFound>(&reply);
  if (wanted_ == Wanted::credentials && found != nullptr) return on_credentials(*found);
  return fail_with(Reason::server_unavailable);
}

Login::Step Login::on_credentials(const core::CredentialsFound& found) {
  const Result<auth::Credentials> credentials = auth::decode(found.credentials);
  const auth::ScramKeys* keys = credentials ? credentials->keys(mechanism_of(method_)->hash) : nullptr;
  if (keys == nullptr) return refuse();
  nobody_ = found.uid == 0;  // a decoy: the login takes its course and fails at its end
  wanted_ = Wanted::final;
  Step step;
  step.what = Step::What::challenge;
  step.bytes = scram_->challenge(*keys);
  return step;
}

Login::Step Login::on_final(std::string_view bytes) {
  Result<std::string> verdict = scram_->on_client_final(bytes);
  if (verdict && !nobody_) return succeed(std::move(*verdict));
  return refuse();
}

}  // namespace confab::mqtt
