// XEP-0359 Unique and Stable Stanza IDs. The ids are part of every message and are read and written with it
// (message.cpp); what is left is to say so.
#include "xmpp/extension.h"

namespace confab::xmpp {

void install_stanza_ids(Extensions& on) {
  on.spec("XEP-0359", "0.7.0", "Unique and Stable Stanza IDs");
  on.feature("urn:xmpp:sid:0").account_feature("urn:xmpp:sid:0");
}

}  // namespace confab::xmpp
