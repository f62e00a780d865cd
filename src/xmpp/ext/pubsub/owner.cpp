// XEP-0060 §8: what the owner does with nodes <-> core::ConfigureNode and ClearNode.
#include "xmpp/data_form.h"
#include "xmpp/ext/pubsub/node.h"

namespace confab::xmpp::pubsub {
namespace {

void write_config(const core::NodeConfig& config, const std::string& node, Iq& iq) {
  write_node_form(config, iq.result().add("pubsub", kPubsubOwnerNs).add("configure").set("node", node));
}

// §8.2.1.
void get_config(const xml::Element& configure, Iq& iq) {
  std::optional<OwnNode> node = own_node(configure, iq);
  if (!node) return;
  if (node->is_fixed()) return iq.error(kNotAllowed);  // §8.2.3.4
  iq.ask(core::GetNodes{}, [name = std::move(node->name)](const core::Reply& reply, Iq& then) {
    if (const auto* found = std::get_if<core::NodesFound>(&reply)) {
      for (const core::Node& each : found->nodes) {
        if (each.name == name) return write_config(each.config, name, then);
      }
    }
    then.error(kItemNotFound);
  });
}

// §8.2.4.
void set_config(const xml::Element& configure, Iq& iq) {
  std::optional<OwnNode> node = own_node(configure, iq);
  if (!node) return;
  if (node->is_fixed()) return iq.error(kNotAllowed);
  const xml::Element* form = configure.child("x", kFormNs);
  if (form == nullptr) return iq.error(kBadRequest, "a form is missing");
  if (form->attr("type") == "cancel") {
    iq.result();
    return;
  }
  std::optional<core::NodeOptions> options = read_options(&configure, kNodeConfigForm, iq);
  if (options) ask_pubsub(core::ConfigureNode{std::move(node->name), std::move(*options)}, iq);
}

// §8.4 and §8.5.
void clear(const xml::Element& named, bool whole, Iq& iq) {
  std::optional<OwnNode> node = own_node(named, iq);
  if (!node) return;
  core::ClearNode command{std::move(node->name), whole, {}};
  if (node->view != nullptr && node->view->clear != nullptr) return node->view->clear(std::move(command), iq);
  ask_pubsub(std::move(command), iq);
}

}  // namespace

void create(const xml::Element& pubsub, const xml::Element& create, Iq& iq) {
  const std::string name(create.attr("node"));
  const NodeView* view = iq.place.extensions.node_view(name);
  if (view != nullptr && (view->hidden || view->config != nullptr)) return iq.error(kConflict);
  std::optional<core::NodeOptions> options = read_options(pubsub.child("configure", kPubsubNs), kNodeConfigForm, iq);
  if (!options) return;
  iq.ask_anyway(core::ConfigureNode{name, std::move(*options), true},
                [named = !name.empty()](const core::Reply& reply, Iq& then) {
                  if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
                  xml::Element& result = then.result();
                  const auto* made = std::get_if<core::NodeMade>(&reply);
                  // §8.1.2: the server named it.
                  if (made != nullptr && !named) result.add("pubsub", kPubsubNs).add("create").set("node", made->node);
                });
}

void answer_owner_get(const xml::Element& pubsub, Iq& iq) {
  if (iq.to_other()) return iq.error(kForbidden);
  const xml::Element* request = pubsub.first_child();
  if (request == nullptr) return iq.error(kBadRequest);
  if (request->name() == "configure") return get_config(*request, iq);
  if (request->name() == "default") {
    if (!request->attr("type").empty() && request->attr("type") != "leaf") return unsupported("collections", iq);
    return write_node_form({}, iq.result().add("pubsub", kPubsubOwnerNs).add("default"));
  }
  if (request->name() == "affiliations") return unsupported("modify-affiliations", iq);
  if (request->name() == "subscriptions") return unsupported("manage-subscriptions", iq);
  iq.error(kBadRequest);
}

void answer_owner_set(const xml::Element& pubsub, Iq& iq) {
  if (iq.to_other()) return iq.error(kForbidden);
  const xml::Element* request = pubsub.first_child();
  if (request == nullptr) return iq.error(kBadRequest);
  if (request->name() == "configure") return set_config(*request, iq);
  if (request->name() == "delete") return clear(*request, true, iq);
  if (request->name() == "purge") return clear(*request, false, iq);
  if (request->name() == "affiliations") return unsupported("modify-affiliations", iq);
  if (request->name() == "subscriptions") return unsupported("manage-subscriptions", iq);
  iq.error(kBadRequest);
}

}  // namespace confab::xmpp::pubsub
