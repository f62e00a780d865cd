// <query xmlns='jabber:iq:roster'/> <-> core's roster (RFC 6121 §2).
#pragma once

#include "base/result.h"
#include "core/command.h"
#include "xml/element.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

core::GetRoster read_roster_get(const xml::Element& query);
// SetRosterItem or RemoveRosterItem. A failure is the condition to answer (RFC 6121 §2.3.3).
tl::expected<core::Command, StanzaError> read_roster_set(const Place& place, const xml::Element& query);

// The whole roster into a result, or nothing where the client has most of it already (RFC 6121 §2.6.3): then each item
// follows as a push.
void write_roster(const core::RosterItems& items, xml::Element& iq);
// Into <iq type='set'/>.
void write_roster_push(const core::RosterItem& item, std::uint64_t version, xml::Element& iq);

}  // namespace confab::xmpp
