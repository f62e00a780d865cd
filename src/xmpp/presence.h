// Presence stanzas <-> core's presence and subscriptions (RFC 6121 §3 and §4).
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "core/event.h"
#include "xml/element.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

// A stanza without a type, or "unavailable". Errors: bad_payload, and whatever an extension finds.
Result<core::Event> read_presence(const Place& place, const xml::Element& stanza, const Address& to,
                                  std::string_view lang);

// nullopt: not a type of a subscription.
std::optional<core::Subscription::Step> subscription_step(std::string_view type);
// `to`: bare (RFC 6121 §3.1.2).
core::Event read_subscription(const Place& place, const xml::Element& stanza, core::Subscription::Step step,
                              const Address& to, std::string_view lang);

// Fills a new <presence/> with everything but the extensions' parts and the annex' children.
void write_presence(const Outbound& out, const core::Presence& presence, xml::Element& stanza);
void write_subscription(const Outbound& out, const core::Subscription& subscription, xml::Element& stanza);

}  // namespace confab::xmpp
