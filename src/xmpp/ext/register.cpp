// XEP-0077 In-Band Registration for who is logged in: the new password and the end of the account. The form before
// login is the session's.
#include "names/names.h"
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "jabber:iq:register";

// §3.1, example 3.
void answer_form(const xml::Element&, Iq& iq) {
  xml::Element& query = iq.result().add("query", kNs);
  query.add("registered");
  query.add("username").text(iq.place.me.local);
  query.add("password");
}

// §3.2: remove stands alone.
void remove_account(const xml::Element& payload, Iq& iq) {
  if (payload.first_child()->following() != nullptr) return iq.error(kBadRequest);
  iq.ask(core::RemoveAccount{});
}

// §3.3.
void change_password(const xml::Element& payload, Iq& iq) {
  const xml::Element* username = payload.child("username", kNs);
  const xml::Element* password = payload.child("password", kNs);
  if (username == nullptr || password == nullptr || password->text().empty()) return iq.error(kBadRequest);
  const Result<std::string> name = names::prepare_local(username->text());
  if (!name || *name != iq.place.me.local) return iq.error(kNotAllowed);
  if (!iq.place.password_may_go) return iq.error(kNotAuthorized);
  Result<std::string> prepared = names::prepare_password(password->text());
  if (!prepared) return iq.error(kNotAcceptable);
  iq.ask(core::ChangePassword{std::move(*prepared)});
}

void answer_set(const xml::Element& payload, Iq& iq) {
  if (payload.has_child("remove", kNs)) return remove_account(payload, iq);
  change_password(payload, iq);
}

}  // namespace

void install_register(Extensions& on) {
  on.spec("XEP-0077", "2.4", "In-Band Registration");
  on.feature(kNs).iq(IqType::get, "query", kNs, answer_form).iq(IqType::set, "query", kNs, answer_set);
}

}  // namespace confab::xmpp
