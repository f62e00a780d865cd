// In-band registration before login (XEP-0077 §3.1): for everybody or by invitation, as the site says.
#include "auth/hash.h"
#include "base/bytes.h"
#include "names/names.h"
#include "xmpp/map.h"
#include "xmpp/session.h"
#include "xmpp/wire.h"

namespace confab::xmpp {
namespace {

std::string_view field(const xml::Element& query, std::string_view name) {
  const xml::Element* child = query.child(name, kRegisterNs);
  return child == nullptr ? std::string_view() : child->text();
}

// What the store knows an invitation by; empty: none.
std::string invite_hash(std::string_view token) {
  return token.empty() ? std::string() : encode_hex(auth::digest(auth::Hash::sha256, token));
}

}  // namespace

void Session::on_enrolment(const xml::Element& iq, Outbox& out) {
  const xml::Element& query = *iq.first_child();
  const std::string_view type = iq.attr("type");
  if (type != "get" && type != "set") return send_error(iq, kBadRequest, out);
  // Nor may a new password cross where an old one may not.
  if (site_.config.registration == Registration::closed || !password_may_go_) return send_error(iq, kNotAllowed, out);
  if (query.ns() == kPreauthNs) return on_preauth(iq, out);
  if (type == "get") return send_form(iq, out);
  const Result<std::string> name = names::prepare_local(field(query, "username"));
  Result<std::string> password = names::prepare_password(field(query, "password"));
  if (!name || !password || name->empty() || password->empty()) return send_error(iq, kNotAcceptable, out);
  core::Register command;
  command.name = *name;
  command.password = std::move(*password);
  command.email = std::string(field(query, "email"));
  command.invite = invite_hash(field(query, "key"));
  if (command.invite.empty()) command.invite = login_->invite;
  submit(request_of(Request::Kind::enrol, iq), std::move(command), out);
  wait(kWaitLogin, out);
}

void Session::send_form(const xml::Element& iq, Outbox& out) {
  const bool invited = site_.config.registration == Registration::invite && login_->invite.empty();
  xml::Element& answer = scratch().make("iq", kClientNs).set("id", iq.attr("id")).set("type", "result");
  xml::Element& form = answer.add("query", kRegisterNs);
  form.add("instructions")
      .text(invited ? "Choose a name and a password, and put your invitation into \"key\"."
                    : "Choose a name and a password.");
  form.add("username");
  form.add("password");
  if (invited) form.add("key");
  send(answer, out);
}

// XEP-0445: the invitation comes first, the registration after it. It is looked up when it is used.
void Session::on_preauth(const xml::Element& iq, Outbox& out) {
  const std::string_view token = iq.first_child()->attr("token");
  if (iq.attr("type") != "set" || token.empty()) return send_error(iq, kBadRequest, out);
  login_->invite = invite_hash(token);
  send_result(iq.attr("id"), {}, out);
}

void Session::on_enrolled(const Request& request, const core::Reply& reply, Outbox& out) {
  const auto* refused = std::get_if<core::Refused>(&reply);
  if (refused == nullptr) return send_result(request.id, {}, out);
  const StanzaError error = refused->code == Errc::bad_address ? kNotAcceptable : stanza_error_of(refused->code);
  send(make_error(scratch(), "iq", request.id, {}, error), out);
}

}  // namespace confab::xmpp
