// XEP-0199 XMPP Ping: client to server (§4.2). From client to client it passes as any request does (§4.4).
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:ping";

void answer_ping(const xml::Element&, Iq& iq) {
  iq.result();
}

}  // namespace

void install_ping(Extensions& on) {
  on.spec("XEP-0199", "2.0.1", "XMPP Ping");
  on.feature(kNs).account_feature(kNs).iq(IqType::get, "ping", kNs, answer_ping);
}

}  // namespace confab::xmpp
