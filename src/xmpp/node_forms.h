// How a node is configured: data forms (XEP-0004) of XEP-0060 <-> core's node configuration.
#pragma once

#include <string>
#include <string_view>

#include "core/node.h"
#include "xml/element.h"
#include "xmpp/stanza_error.h"

namespace confab::xmpp {

inline constexpr std::string_view kNodeConfigForm = "http://jabber.org/protocol/pubsub#node_config";
inline constexpr std::string_view kPublishOptionsForm = "http://jabber.org/protocol/pubsub#publish-options";
inline constexpr std::string_view kMetaDataForm = "http://jabber.org/protocol/pubsub#meta-data";

// Why a form is not taken, in the words of RFC 6120 and of pubsub#errors.
struct FormFault {
  StanzaError error;
  std::string condition;  // of pubsub#errors; empty: none
  std::string text;
};

// What the submitted `form` asks for. Fields that nobody knows are passed over, as XEP-0004 has it; in publish-options,
// where each is a precondition, they are a fault (XEP-0060 §7.1.5), as is a value that no node here can have.
tl::expected<core::NodeOptions, FormFault> read_node_form(const xml::Element& form, std::string_view form_type);

// The form to fill in, with the values of `config`, and the same as a result that tells of a node (§5.4).
void write_node_form(const core::NodeConfig& config, xml::Element& parent);
void write_node_metadata(const core::NodeConfig& config, std::string_view owner, xml::Element& parent);

}  // namespace confab::xmpp
