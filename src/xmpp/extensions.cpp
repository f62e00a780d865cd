// The one list of optional features. Its order is the call order.
#include "xmpp/extension.h"

namespace confab::xmpp {

void install_all(Extensions& on) {
  on.feature("jabber:iq:roster");  // RFC 6121; the machine's own
}

}  // namespace confab::xmpp
