// XEP-0115 Entity Capabilities: the server's own, so that clients needn't ask at each login. Those of clients pass in
// their presence.
#include "xmpp/caps_version.h"
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "http://jabber.org/protocol/caps";

// XEP-0115 §6.3.
void add_caps(const StreamState& state, xml::Element& features) {
  if (!state.authenticated) return;
  features.add("c", kNs).set("hash", "sha-1").set("node", kCapsNode).set("ver", caps_version(state.extensions));
}

}  // namespace

void install_caps(Extensions& on) {
  on.spec("XEP-0115", "1.6.0", "Entity Capabilities");
  on.feature(kNs).stream_feature(add_caps);
}

}  // namespace confab::xmpp
