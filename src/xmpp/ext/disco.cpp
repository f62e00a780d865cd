// XEP-0030 Service Discovery: what the server and accounts are, and what they can do; the nodes that accounts publish
// in (XEP-0060 §5).
#include "xmpp/caps_version.h"
#include "xmpp/node_forms.h"
#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kInfoNs = "http://jabber.org/protocol/disco#info";
constexpr std::string_view kItemsNs = "http://jabber.org/protocol/disco#items";

// The one node of the server stands for the server's capabilities (XEP-0115 §6.2).
bool is_known_node(std::string_view node, const Iq& iq) {
  if (node.empty()) return true;
  if (!node.starts_with(kCapsNode)) return false;
  node.remove_prefix(kCapsNode.size());
  return node.starts_with('#') && node.substr(1) == caps_version(iq.place.extensions);
}

void write_identities(const std::vector<Identity>& identities, xml::Element& query) {
  for (const Identity& one : identities) {
    xml::Element& identity = query.add("identity").set("category", one.category).set("type", one.type);
    if (!one.name.empty()) identity.set("name", one.name);
  }
}

void write_features(const std::vector<std::string>& features, xml::Element& query) {
  for (const std::string& feature : sorted_features(features)) query.add("feature").set("var", feature);
}

// What is there without having been made, and may be known to whoever asks.
bool is_shown(const NodeView& view, const core::NodesFound& nodes, const Iq& iq) {
  return view.config != nullptr && view.is_there(nodes) &&
         (!iq.to_other() || view.config->access != core::Access::whitelist);
}

// Null: there is no such node.
const core::NodeConfig* find_config(const core::NodesFound& nodes, const std::string& name, const Iq& iq) {
  const NodeView* view = iq.place.extensions.node_view(name);
  if (view != nullptr && view->config != nullptr) return is_shown(*view, nodes, iq) ? view->config : nullptr;
  for (const core::Node& node : nodes.nodes) {
    if (node.name == name) return &node.config;
  }
  return nullptr;
}

// XEP-0060 §5.3 and §5.4.
void write_node(const core::NodeConfig& config, const std::string& name, Iq& iq) {
  const Address owner = iq.to_other() ? iq.to().bare() : iq.place.me.bare();
  xml::Element& query = iq.result().add("query", kInfoNs).set("node", name);
  query.add("identity").set("category", "pubsub").set("type", "leaf");
  query.add("feature").set("var", kPubsubNs);
  write_node_metadata(config, to_string(owner), query);
}

void write_account(Iq& iq) {
  xml::Element& query = iq.result().add("query", kInfoNs);
  write_identities(iq.place.extensions.account_identities(), query);
  write_features(iq.place.extensions.account_features(), query);
}

// Another account is as if it did not exist, unless one sees its presence (XEP-0030 §9.1, XEP-0163 §6.2).
void ask_nodes(Iq& iq, Iq::Then then) {
  const StanzaError nobody = iq.to_other() ? kServiceUnavailable : kItemNotFound;
  iq.ask_anyway(core::GetNodes{iq.to_other() ? iq.to().bare() : Address()},
                [nobody, then = std::move(then)](const core::Reply& reply, Iq& answer) mutable {
                  if (!std::holds_alternative<core::NodesFound>(reply)) return answer.error(nobody);
                  then(reply, answer);
                });
}

void answer_info(const xml::Element& payload, Iq& iq) {
  const std::string node(payload.attr("node"));
  if (!iq.to_server() && (iq.to_other() || !node.empty())) {
    return ask_nodes(iq, [node](const core::Reply& reply, Iq& then) {
      if (node.empty()) return write_account(then);
      const auto& nodes = std::get<core::NodesFound>(reply);
      const core::NodeConfig* config = find_config(nodes, node, then);
      if (config == nullptr) return then.error(kItemNotFound);
      write_node(*config, node, then);
    });
  }
  if (iq.to_self()) return write_account(iq);
  if (!is_known_node(node, iq)) return iq.error(kItemNotFound);
  xml::Element& query = iq.result().add("query", kInfoNs);
  if (!node.empty()) query.set("node", node);
  write_identities(iq.place.extensions.identities(), query);
  write_features(iq.place.extensions.features(), query);
}

void write_nodes(const core::NodesFound& nodes, Iq& iq) {
  const std::string owner = to_string(iq.to_other() ? iq.to().bare() : iq.place.me.bare());
  xml::Element& query = iq.result().add("query", kItemsNs);
  for (const core::Node& node : nodes.nodes) {
    xml::Element& item = query.add("item").set("jid", owner).set("node", node.name);
    if (!node.config.title.empty()) item.set("name", node.config.title);
  }
  for (const auto& [name, view] : iq.place.extensions.node_views()) {
    // Those of the owner alone are found by who knows their names.
    const bool listed = is_shown(view, nodes, iq) && view.config->access != core::Access::whitelist;
    if (listed) query.add("item").set("jid", owner).set("node", name);
  }
}

// XEP-0060 §5.5, as far as they fit into one answer; not of what is made on the way.
void write_item_names(const std::string& node, Iq& iq) {
  core::GetItems command{iq.to_other() ? iq.to().bare() : Address(), node, {}};
  iq.ask_anyway(std::move(command), [node](const core::Reply& reply, Iq& then) {
    const std::string owner = to_string(then.to_other() ? then.to().bare() : then.place.me.bare());
    xml::Element& query = then.result().add("query", kItemsNs).set("node", node);
    const auto* found = std::get_if<core::ItemsFound>(&reply);
    if (found == nullptr) return;
    for (const core::Item& item : found->page.items) query.add("item").set("jid", owner).set("name", item.id);
  });
}

void answer_items(const xml::Element& payload, Iq& iq) {
  const std::string node(payload.attr("node"));
  if (!iq.to_server()) {
    return ask_nodes(iq, [node](const core::Reply& reply, Iq& then) {
      const auto& nodes = std::get<core::NodesFound>(reply);
      if (node.empty()) return write_nodes(nodes, then);
      if (find_config(nodes, node, then) == nullptr) return then.error(kItemNotFound);
      write_item_names(node, then);
    });
  }
  if (!node.empty()) return iq.error(kItemNotFound);
  xml::Element& query = iq.result().add("query", kItemsNs);
  for (const DiscoItem& one : iq.place.extensions.items()) {
    xml::Element& item = query.add("item").set("jid", one.jid);
    if (!one.name.empty()) item.set("name", one.name);
  }
}

}  // namespace

void install_disco(Extensions& on) {
  on.spec("XEP-0030", "2.5.0", "Service Discovery");
  on.identity({"server", "im", "Confab"}).account_identity({"account", "registered", ""});
  for (const std::string_view ns : {kInfoNs, kItemsNs}) on.feature(ns).account_feature(ns);
  constexpr IqTo kAll = IqTo::self | IqTo::server | IqTo::other;
  on.iq(IqType::get, "query", kInfoNs, answer_info, kAll).iq(IqType::get, "query", kItemsNs, answer_items, kAll);
}

}  // namespace confab::xmpp
