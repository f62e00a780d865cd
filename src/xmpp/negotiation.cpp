// Stream negotiation (RFC 6120 §4.3): headers, features, STARTTLS, SASL's carrying out, binding.
#include "auth/hash.h"
#include "names/names.h"
#include "xmpp/map.h"
#include "xmpp/session.h"
#include "xmpp/timers.h"
#include "xmpp/wire.h"

namespace confab::xmpp {

using session::CloseReason;

void Session::send_header(std::string_view to, Outbox& out) {
  write_stream_header(out.bytes(), site_.config.domain, random_id(site_.random), to, lang_);
  header_sent_ = true;
}

void Session::on_stream_open(const xml::Element& root, Outbox& out) {
  const std::string_view lang = root.lang();
  if (lang.size() <= 64) lang_ = std::string(lang);
  std::string_view condition = check_stream_header(root, reader_.default_ns(), site_.config);
  const std::string_view from = root.attr("from");
  if (condition.empty() && authenticated_ && !from.empty() && !is_own_address(from)) condition = "invalid-from";
  send_header(condition.empty() ? from : std::string_view(), out);
  if (!condition.empty()) return fail_stream(condition, out);
  phase_ = Phase::open;
  send_features(out);
}

void Session::send_features(Outbox& out) {
  xml::Element& features = scratch().make("features", kStreamNs);
  if (!authenticated_) {
    if (!secure_ && site_.config.tls) {
      xml::Element& starttls = features.add("starttls", kTlsNs);
      if (login_->must_secure()) starttls.add("required");
    }
    login_->add_mechanisms(features);
    if (site_.config.registration != Registration::closed && password_may_go_) {
      features.add("register", "http://jabber.org/features/iq-register");
      if (site_.config.registration == Registration::invite) features.add("register", "urn:xmpp:invite");
    }
  } else {
    features.add("bind", kBindNs);
    features.add("session", kSessionNs).add("optional");  // RFC 3921 §3, for old clients
    features.add("sm", kSmNs);
    features.add("ver", "urn:xmpp:features:rosterver");     // RFC 6121 §2.6.1
    features.add("sub", "urn:xmpp:features:pre-approval");  // RFC 6121 §3.4.1
  }
  const StreamState state{site_.config, site_.extensions, authenticated_, secure_, password_may_go_};
  site_.extensions.add_stream_features(state, features);
  xml::write(features, out.bytes(), kScope);
}

void Session::on_login_element(const xml::Element& element, Outbox& out) {
  if (element.ns() == kSaslNs) {
    if (element.name() == "auth") return perform(login_->on_auth(element), out);
    if (element.name() == "response") return perform(login_->on_response(element), out);
    if (element.name() == "abort") return perform(login_->on_abort(), out);
  } else if (element.is("starttls", kTlsNs)) {
    return on_starttls(out);
  } else if (element.ns() == kClientNs) {
    const xml::Element* payload = element.first_child();
    if (element.name() == "iq" && payload != nullptr &&
        (payload->is("query", kRegisterNs) || payload->is("preauth", kPreauthNs))) {
      return on_enrolment(element, out);
    }
    if (element.name() == "iq" || element.name() == "message" || element.name() == "presence") {
      return fail_stream("not-authorized", out);  // RFC 6120 §4.9.3.12
    }
  } else if (element.ns() == kSmNs) {
    return out.send(
        "<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
  }
  fail_stream("unsupported-stanza-type", out);
}

void Session::on_starttls(Outbox& out) {
  if (secure_ || !site_.config.tls) {
    out.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");  // RFC 6120 §5.4.2.2
    out.send(kStreamEnd);
    return finish(CloseReason::violation, out);
  }
  // RFC 6120 §5.3.5: what stands behind <starttls/> came in clear and must not be taken for what came under TLS.
  if (reader_.buffered() != 0) return finish(CloseReason::violation, out);
  out.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  phase_ = Phase::securing;
  out.start_tls();
}

void Session::perform(Login::Step step, Outbox& out) {
  switch (step.what) {
    case Login::Step::What::challenge:
      out.send("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>");
      out.send(encode_base64(step.bytes));
      return out.send("</challenge>");
    case Login::Step::What::ask: {
      Request request;
      request.kind = Request::Kind::login;
      submit(std::move(request), std::move(*step.command), out);
      return wait(kWaitLogin, out);
    }
    case Login::Step::What::success:
      return log_in(step, out);
    case Login::Step::What::failure:
      break;
  }
  if (step.delay.count() <= 0) return answer_failure(step.condition, out);
  login_->held_failure = step.condition;
  wait(kWaitLogin, out);
  out.arm(kAnswerTimer, step.delay);
}

void Session::answer_failure(std::string_view condition, Outbox& out) {
  out.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><");
  out.send(condition);
  out.send("/></failure>");
  if (login_->exhausted()) fail_stream("policy-violation", out, CloseReason::violation, "too many login attempts");
}

void Session::log_in(const Login::Step& step, Outbox& out) {
  out.send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'");
  if (step.has_bytes) {
    out.send(">");
    out.send(encode_base64(step.bytes));
    out.send("</success>");
  } else {
    out.send("/>");
  }
  me_ = Address{login_->name(), site_.config.domain, {}};
  authenticated_ = true;
  out.belong_to(me_);
  // RFC 6120 §6.4.6: a new stream on the same connection. What the client has already sent of it stays.
  reader_.reset();
  reader_.set_limits(limits_for(site_.config.stanza_bytes()));
  phase_ = Phase::header;
  header_sent_ = false;
}

void Session::on_binding_element(const xml::Element& element, Outbox& out) {
  if (element.ns() == kSmNs) return on_management(element, out);
  if (element.is("iq", kClientNs) && element.attr("type") == "set" && element.has_child("bind", kBindNs)) {
    return on_bind(element, out);
  }
  const bool stanza = element.ns() == kClientNs &&
                      (element.name() == "iq" || element.name() == "message" || element.name() == "presence");
  fail_stream(stanza ? "not-authorized" : "unsupported-stanza-type", out);  // RFC 6120 §7.1
}

void Session::on_bind(const xml::Element& iq, Outbox& out) {
  const xml::Element* wanted = iq.child("bind", kBindNs)->child("resource", kBindNs);
  core::OpenSession open{core::Wire::xmpp, {}};
  if (login_ != nullptr) open.address = login_->peer().address;
  if (iq.attr("id").empty()) return send_error(iq, kBadRequest, out);
  if (wanted != nullptr && !wanted->text().empty()) {
    Result<std::string> resource = names::prepare_resource(wanted->text());
    if (!resource) return send_error(iq, kBadRequest, out);  // RFC 6120 §7.7.2.1
    open.resource = std::move(*resource);
  }
  submit(request_of(Request::Kind::bind, iq), std::move(open), out);
  wait(kWaitLogin, out);
}

void Session::on_bound(const Request& request, const core::Reply& reply, Outbox& out) {
  const auto* opened = std::get_if<core::SessionOpened>(&reply);
  if (opened == nullptr) {
    const auto* refused = std::get_if<core::Refused>(&reply);
    const StanzaError error = refused != nullptr ? stanza_error_of(refused->code) : kInternalServerError;
    return send(make_error(scratch(), "iq", request.id, {}, error), out);
  }
  me_.resource = opened->resource;
  full_ = to_string(me_);
  bound_ = true;
  login_.reset();
  out.disarm(kLoginTimer);
  xml::Element& iq = scratch().make("iq", kClientNs).set("id", request.id).set("type", "result");
  iq.add("bind", kBindNs).add("jid").text(full_);
  send(iq, out);
}

}  // namespace confab::xmpp
