// What the features of personal publishing share: names, payloads, errors and answers (XEP-0060, XEP-0163).
#pragma once

#include <string>
#include <string_view>

#include "xmpp/extension.h"

namespace confab::xmpp {

inline constexpr std::string_view kPubsubNs = "http://jabber.org/protocol/pubsub";
inline constexpr std::string_view kPubsubOwnerNs = "http://jabber.org/protocol/pubsub#owner";
inline constexpr std::string_view kPubsubEventNs = "http://jabber.org/protocol/pubsub#event";
inline constexpr std::string_view kPubsubErrorsNs = "http://jabber.org/protocol/pubsub#errors";
inline constexpr std::string_view kDisplayedNs = "urn:xmpp:mds:displayed:0";    // stands for core::ReadMarker
inline constexpr std::string_view kTuneNs = "http://jabber.org/protocol/tune";  // stands for core's *listening*

// An element as it is stored and told: by itself, with every namespace declared.
std::string write_payload(const xml::Element& payload);
// The same element as a child of `parent`; null: it cannot be read, and nothing was added.
xml::Element* add_payload(std::string_view payload, const Config& config, xml::Element& parent);
// The same element by itself, in `document`, which is cleared; null: it cannot be read.
xml::Element* read_payload(std::string_view payload, const Config& config, xml::Document& document);

// An error with a condition of pubsub#errors, and the feature that <unsupported/> names.
void pubsub_error(Iq& iq, StanzaError error, std::string_view condition, std::string_view text = {},
                  std::string_view feature = {});
// What the domain refused, in XEP-0060's words.
void pubsub_refused(Iq& iq, const core::Refused& refused);

// Asks for `command`; the answer names `node` and the id of its item (§7.1.2).
void ask_publish(core::Publish command, std::string node, Iq& iq);
// Asks, and answers without a payload.
void ask_pubsub(core::Command command, Iq& iq);
// Asks for the items and gives them.
void ask_items(core::GetItems command, Iq& iq);
// `counted`: tells how many there are where these are not all of them (§6.5.4).
void write_items(const core::ItemsFound& found, const std::string& node, bool counted, Iq& iq);

// What a private node is to be like (XEP-0223 §3): for its owner alone, with all that was published, told to nobody who
// comes.
core::NodeOptions private_options();

}  // namespace confab::xmpp
