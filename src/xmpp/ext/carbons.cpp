// XEP-0280 Message Carbons <-> core::SetCopies: both sides of every conversation on each device that asks for it. The
// copies themselves are written where deliveries are (delivery.cpp).
#include "xmpp/extension.h"
#include "xmpp/forwarded.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:carbons:2";

void enable(const xml::Element&, Iq& iq) {
  iq.ask(core::SetCopies{true});
}

void disable(const xml::Element&, Iq& iq) {
  iq.ask(core::SetCopies{false});
}

// §9: it stays on the stanza, so that the recipient sees that it was asked for.
Result<> read_private(const xml::Element& child, Inbound& in) {
  in.keep(child);
  in.annex.push_back({core::Wire::xmpp, std::string(kNoCopyKey), {}});
  return {};
}

// §11: only the own server says what was sent and received elsewhere.
Result<> refuse_forged(const xml::Element&, Inbound&) {
  return fail(Errc::forbidden, "carbons");
}

}  // namespace

void install_carbons(Extensions& on) {
  on.spec("XEP-0280", "1.0.1", "Message Carbons");
  on.feature(kNs).account_feature(kNs);
  on.iq(IqType::set, "enable", kNs, enable, IqTo::self | IqTo::server);
  on.iq(IqType::set, "disable", kNs, disable, IqTo::self | IqTo::server);
  on.read("private", kNs, read_private);
  on.read("sent", kNs, refuse_forged).read("received", kNs, refuse_forged);
}

}  // namespace confab::xmpp
