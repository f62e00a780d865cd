// The own node that a request names, and the forms that go with it.
#pragma once

#include <optional>
#include <string>

#include "xmpp/node_forms.h"
#include "xmpp/publishing.h"

namespace confab::xmpp::pubsub {

struct OwnNode {
  std::string name;
  const NodeView* view = nullptr;  // null: an ordinary node

  // Nothing is stored in the node itself.
  bool is_fixed() const { return view != nullptr && view->config != nullptr; }
};
// By the attribute `node`. nullopt: it was answered.
std::optional<OwnNode> own_node(const xml::Element& named, Iq& iq);

// What the form in `holder` asks for; without one: nothing. nullopt: it was answered.
std::optional<core::NodeOptions> read_options(const xml::Element* holder, std::string_view form_type, Iq& iq);

void unsupported(std::string_view feature, Iq& iq);

// owner.cpp: making, configuring, purging and deleting nodes (XEP-0060 §8).
void create(const xml::Element& pubsub, const xml::Element& create, Iq& iq);
void answer_owner_get(const xml::Element& pubsub, Iq& iq);
void answer_owner_set(const xml::Element& pubsub, Iq& iq);

}  // namespace confab::xmpp::pubsub
