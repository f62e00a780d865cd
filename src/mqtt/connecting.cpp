// From CONNECT to CONNACK (MQTT 5 §3.1, §3.2, §4.12).
#include <array>

#include "base/bytes.h"
#include "mqtt/map.h"
#include "mqtt/session.h"
#include "mqtt/timers.h"

namespace confab::mqtt {
namespace {

// For a client that has no name of its own (§3.1.3-6).
std::string make_client_id(const RandomBytes& random) {
  std::array<unsigned char, 12> bytes{};
  random(bytes.data(), bytes.size());
  return "auto-" + encode_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

using session::CloseReason;

bool Session::password_may_go() const {
  switch (site_.config.plaintext) {
    case Plaintext::always:
      return true;
    case Plaintext::loopback:
      return secure_ || peer_.loopback;
    case Plaintext::never:
      break;
  }
  return secure_;
}

void Session::on_connect(const Connect& connect, Outbox& out) {
  who_.level = connect.level;
  remember(connect);
  phase_ = Phase::login;
  if (const Reason reason = take_connect(connect); reason != Reason::success) return refuse(reason, out);
  login_ = std::make_unique<Login>(site_, peer_.address, password_may_go(), anonymous_);
  perform(login_->on_connect(connect), out);
}

Reason Session::take_connect(const Connect& connect) {
  who_.client_id = std::string(connect.client_id);
  if (who_.client_id.empty()) {
    // 3.1.1 §3.1.3-8: without a name there is nothing to go on with later.
    if (connect.level != Level::v5 && !connect.clean_start) return Reason::client_identifier_not_valid;
    who_.client_id = make_client_id(site_.random);
    who_.assigned = true;
  }
  if (connect.will && !has_valid_payload(*connect.will)) return Reason::payload_format_invalid;
  return profile_->check(connect);
}

void Session::remember(const Connect& connect) {
  who_.clean_start = connect.clean_start;
  who_.expiry = connect.session_expiry;
  who_.keep_alive = connect.keep_alive;
  who_.maximum_packet_size = connect.maximum_packet_size;
  who_.problem_information = connect.request_problem_information;
  if (keep_alive_max_ != 0 && (who_.keep_alive == 0 || who_.keep_alive > keep_alive_max_)) {
    who_.keep_alive = keep_alive_max_;
  }
  sending_.open(std::min(connect.receive_maximum, site_.config.send_maximum),
                std::min(connect.topic_alias_maximum, site_.config.topic_aliases));
  opening_ = std::make_unique<Opening>();
  Opening& opening = *opening_;
  opening.wants_response_information = connect.request_response_information;
  for (const auto& [name, value] : connect.user) opening.user.emplace_back(name, value);
  if (!connect.will) return;
  const Will& will = *connect.will;
  opening.has_will = true;
  opening.will_topic = std::string(will.topic);
  opening.will_payload = std::string(will.payload);
  opening.will_qos = will.qos;
  opening.will_retain = will.retain;
  opening.will_delay = will.delay;
  opening.will_utf8 = will.properties.utf8;
  opening.will_expiry = will.properties.expiry;
  opening.will_content_type = std::string(will.properties.content_type);
  opening.will_response_topic = std::string(will.properties.response_topic);
  if (will.properties.correlation) opening.will_correlation = std::string(*will.properties.correlation);
  for (const auto& [name, value] : will.properties.user) opening.will_user.emplace_back(name, value);
}

void Session::perform(Login::Step step, Outbox& out) {
  switch (step.what) {
    case Login::Step::What::challenge: {
      Auth auth;
      auth.reason = Reason::continue_authentication;
      auth.method = login_->method();
      auth.data = step.bytes;
      return send(auth, out);
    }
    case Login::Step::What::ask:
      wait(kWaitLogin, out);
      return ask(std::move(*step.command), out, [this](const core::Reply& reply, Outbox& then) {
        if (login_ == nullptr) return;
        perform(login_->on_reply(reply), then);
        if (failure_ == Reason::success && phase_ != Phase::opening) go_on(kWaitLogin, then);
      });
    case Login::Step::What::success:
      return log_in(std::move(step.bytes), out);
    case Login::Step::What::failure:
      break;
  }
  failure_ = step.reason;
  if (step.delay.count() <= 0) return answer_failure(out);
  wait(kWaitLogin, out);
  out.arm(kAnswerTimer, step.delay);
}

void Session::answer_failure(Outbox& out) {
  end(failure_, CloseReason::violation, out);
}

void Session::log_in(std::string data, Outbox& out) {
  if (phase_ == Phase::open) {  // it was another one
    Auth auth;
    auth.method = method_;
    auth.data = data;
    login_.reset();
    return send(auth, out);
  }
  who_.name = login_->name();
  method_ = login_->method();
  data_ = std::move(data);
  login_.reset();
  phase_ = Phase::opening;
  reader_.set_max_packet(site_.config.packet_bytes());
  if ((wait_ & kWaitLogin) == 0) wait(kWaitLogin, out);
  profile_->on_login(out);
}

void Session::open(const Opened& opened, Outbox& out) {
  Connack connack;
  connack.session_present = opened.present;
  connack.session_expiry = opened.expiry;
  connack.receive_maximum = site_.config.receive_maximum;
  connack.maximum_packet_size = site_.config.packet_bytes();
  connack.topic_alias_maximum = site_.config.topic_aliases;
  if (who_.assigned) connack.assigned_client_id = who_.client_id;
  if (keep_alive_max_ != 0) connack.server_keep_alive = who_.keep_alive;
  if (opening_->wants_response_information) connack.response_information = opened.response_information;
  connack.authentication_method = method_;
  connack.authentication_data = data_;
  if (!write(connack, who_.level, out.bytes(), who_.maximum_packet_size)) {
    profile_->on_close(false, std::nullopt, out);
    return refuse(Reason::packet_too_large, out);
  }
  phase_ = Phase::open;
  data_ = {};
  opening_.reset();
  peer_ = {};
  heard_ = site_.now().mono;
  out.disarm(kLoginTimer);
  watch(out);
  go_on(kWaitLogin, out);
}

void Session::refuse(Reason reason, Outbox& out, std::string_view text) {
  if (phase_ == Phase::over) return;
  Connack connack;
  connack.reason = reason;
  if (who_.problem_information) connack.reason_string = text;
  write(connack, who_.level, out.bytes(), who_.maximum_packet_size);
  phase_ = Phase::over;
  out.close(CloseReason::violation);
}

void Session::on_auth(const Auth& auth, Outbox& out) {
  if (phase_ == Phase::login) return perform(login_->on_auth(auth), out);
  // §4.12.1: only who authenticated so at first may do it again.
  if (method_.empty()) return end(Reason::protocol_error, CloseReason::violation, out);
  if (login_ == nullptr) {
    if (auth.reason != Reason::reauthenticate) return end(Reason::protocol_error, CloseReason::violation, out);
    login_ = std::make_unique<Login>(site_, peer_.address, password_may_go(), false);
    login_->bind(who_.name, method_);
    return perform(login_->on_again(auth), out);
  }
  perform(login_->on_auth(auth), out);
}

}  // namespace confab::mqtt
