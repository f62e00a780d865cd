// XEP-0115 Entity Capabilities: the server's own, so that clients needn't ask at each login. Those of clients pass in
// their presence; what they want to be told of is the session's (notifications.cpp).
#include "xmpp/caps_version.h"
#include "xmpp/extension.h"
#include "xmpp/interests.h"

namespace confab::xmpp {
namespace {

// XEP-0115 §6.3.
void add_caps(const StreamState& state, xml::Element& features) {
  if (!state.authenticated) return;
  features.add("c", kCapsNs).set("hash", "sha-1").set("node", kCapsNode).set("ver", caps_version(state.extensions));
}

}  // namespace

void install_caps(Extensions& on) {
  on.spec("XEP-0115", "1.6.0", "Entity Capabilities");
  on.feature(kCapsNs).stream_feature(add_caps);
}

}  // namespace confab::xmpp
