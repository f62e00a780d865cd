// Whole message stanzas of events, by themselves and forwarded inside another (XEP-0297).
#pragma once

#include "xml/element.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

// Annex key of a message that its sender wants no copies of (XEP-0280 §9, XEP-0334 no-copy).
inline constexpr std::string_view kNoCopyKey = "no-copy";

// Whether XMPP has a message stanza for `event`.
bool is_message(const Extensions& extensions, const core::Event& event);

// The children that nobody read, back where they were.
void write_annex(const core::Event& event, xml::Element& stanza);

// Fills a new <message/>: its own parts, those of the extensions, the annex.
void write_stanza(const Outbound& out, xml::Element& stanza);

// Adds <forwarded/> with the time at which the server took the message, and the message. Its type; empty: normal.
std::string_view write_forwarded(const Outbound& out, xml::Element& parent);

}  // namespace confab::xmpp
