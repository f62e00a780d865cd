// In-band registration before login (XEP-0077 §3.1), where the site's registration is open.
#include "auth/hash.h"
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

}  // namespace

void Session::on_enrolment(const xml::Element& iq, Outbox& out) {
  const xml::Element& query = *iq.first_child();
  const std::string_view type = iq.attr("type");
  if (type != "get" && type != "set") return send_error(iq, kBadRequest, out);
  // Nor may a new password cross where an old one may not.
  if (!site_.config.registration_open || !password_may_go_) return send_error(iq, kNotAllowed, out);
  if (type == "get") {
    xml::Element& answer = scratch().make("iq", kClientNs).set("id", iq.attr("id")).set("type", "result");
    xml::Element& form = answer.add("query", kRegisterNs);
    form.add("instructions").text("Choose a name and a password.");
    form.add("username");
    form.add("password");
    return send(answer, out);
  }
  const Result<std::string> name = names::prepare_local(field(query, "username"));
  Result<std::string> password = names::prepare_password(field(query, "password"));
  if (!name || !password || name->empty() || password->empty()) return send_error(iq, kNotAcceptable, out);
  core::Register command;
  command.name = *name;
  command.password = std::move(*password);
  command.email = std::string(field(query, "email"));
  submit(request_of(Request::Kind::enrol, iq), std::move(command), out);
  wait(kWaitLogin, out);
}

void Session::on_enrolled(const Request& request, const core::Reply& reply, Outbox& out) {
  const auto* refused = std::get_if<core::Refused>(&reply);
  if (refused == nullptr) return send_result(request.id, {}, out);
  const StanzaError error = refused->code == Errc::bad_address ? kNotAcceptable : stanza_error_of(refused->code);
  send(make_error(scratch(), "iq", request.id, {}, error), out);
}

}  // namespace confab::xmpp
