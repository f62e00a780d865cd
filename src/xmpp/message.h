// Message stanzas <-> core's messages and what else travels in a message stanza (RFC 6121 §5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/command.h"
#include "xml/element.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

// Annex keys of what a stanza says beside its children.
inline constexpr std::string_view kIdKey = "id";          // the stanza's id, where origin-id is another
inline constexpr std::string_view kTypeKey = "type";      // of a stanza that is no core::Message, unless "chat"
inline constexpr std::string_view kParentKey = "parent";  // of <thread/>

// When the server took the event. Those of one millisecond differ, for clients that sort by time alone.
std::string stamp_of(const core::Event& event);

struct ReadStanza {
  std::vector<core::Event> events;
  bool by_origin_id = false;  // the author named it by an origin-id (XEP-0359)
  std::optional<core::SetReadMarker> read_marker;
};
// What is in a message stanza of type chat, normal or headline. `lang`: the stream's. Errors: too_big, and whatever an
// extension finds.
Result<ReadStanza> read_message(const Place& place, const xml::Element& stanza, const Address& to,
                                std::string_view lang);

// An error of the client for `to`'s session: a core::Bounce whose children are all in the annex.
core::Event read_bounce(const Place& place, const xml::Element& stanza, const Address& to);

// The name beside event.cid by which clients call the message later: the stanza's id, where the origin-id is another.
std::string alias_of(const core::Event& event);

// How a repeat of `event` (of read_message) is recognised; empty where nothing would be kept.
core::DedupeKey dedupe_key(const core::Event& event, bool by_origin_id, std::string_view resource);

// Fills a new <message/> with everything but the extensions' parts and the annex' children.
void write_message(const Outbound& out, xml::Element& stanza);

}  // namespace confab::xmpp
