// The one list of optional features. Its order is the call order.
#include "xmpp/extension.h"

// clang-format off
#define CONFAB_EXTENSIONS(X) \
  X(disco)       /* XEP-0030 */ \
  X(caps)        /* XEP-0115 */ \
  X(version)     /* XEP-0092 */ \
  X(time)        /* XEP-0202 */ \
  X(ping)        /* XEP-0199 */ \
  X(vcard)       /* XEP-0054 */ \
  X(pubsub)      /* XEP-0060, 0163, 0223 */ \
  X(displayed)   /* XEP-0490 */ \
  X(tune)        /* XEP-0118 */ \
  X(avatar)      /* XEP-0084 */ \
  X(vcard_avatar) /* XEP-0153, 0398 */ \
  X(nick)        /* XEP-0172 */ \
  X(private_xml) /* XEP-0049 */ \
  X(bookmarks)   /* XEP-0048, 0402 */ \
  X(blocking)    /* XEP-0191 */ \
  X(register)    /* XEP-0077 */ \
  X(carbons)     /* XEP-0280 */ \
  X(archive)     /* XEP-0313 */ \
  X(archive_preferences) /* XEP-0441 */ \
  X(receipts)    /* XEP-0184 */ \
  X(markers)     /* XEP-0333 */ \
  X(chat_states) /* XEP-0085 */ \
  X(correction)  /* XEP-0308 */ \
  X(retraction)  /* XEP-0424 */ \
  X(reactions)   /* XEP-0444 */ \
  X(replies)     /* XEP-0461 */ \
  X(links)       /* XEP-0066 */ \
  X(json)        /* XEP-0335 */ \
  X(hints)       /* XEP-0334 */ \
  X(stanza_ids)  /* XEP-0359 */ \
  X(delay)       /* XEP-0203 */
// clang-format on

namespace confab::xmpp {

#define CONFAB_DECLARE(name) void install_##name(Extensions& on);
CONFAB_EXTENSIONS(CONFAB_DECLARE)
#undef CONFAB_DECLARE

void install_all(Extensions& on) {
  on.feature("jabber:iq:roster");  // RFC 6121; the machine's own
#define CONFAB_INSTALL(name)              \
  on.begin("src/xmpp/ext/" #name ".cpp"); \
  install_##name(on);
  CONFAB_EXTENSIONS(CONFAB_INSTALL)
#undef CONFAB_INSTALL
}

}  // namespace confab::xmpp
