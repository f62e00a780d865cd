// XEP-0030 Service Discovery: what the server and the own account are, and what they can do.
#include "xmpp/caps_version.h"
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kInfoNs = "http://jabber.org/protocol/disco#info";
constexpr std::string_view kItemsNs = "http://jabber.org/protocol/disco#items";

// The one node there is stands for the server's capabilities (XEP-0115 §6.2).
bool is_known_node(std::string_view node, const Iq& iq) {
  if (node.empty()) return true;
  if (!iq.to_server() || !node.starts_with(kCapsNode)) return false;
  node.remove_prefix(kCapsNode.size());
  return node.starts_with('#') && node.substr(1) == caps_version(iq.place.extensions);
}

void answer_info(const xml::Element& payload, Iq& iq) {
  const std::string_view node = payload.attr("node");
  if (!is_known_node(node, iq)) return iq.error(kItemNotFound);
  const Extensions& extensions = iq.place.extensions;
  xml::Element& query = iq.result().add("query", kInfoNs);
  if (!node.empty()) query.set("node", node);
  for (const Identity& one : iq.to_server() ? extensions.identities() : extensions.account_identities()) {
    xml::Element& identity = query.add("identity").set("category", one.category).set("type", one.type);
    if (!one.name.empty()) identity.set("name", one.name);
  }
  for (const std::string& feature :
       sorted_features(iq.to_server() ? extensions.features() : extensions.account_features())) {
    query.add("feature").set("var", feature);
  }
}

void answer_items(const xml::Element& payload, Iq& iq) {
  if (!payload.attr("node").empty()) return iq.error(kItemNotFound);
  xml::Element& query = iq.result().add("query", kItemsNs);
  if (!iq.to_server()) return;
  for (const DiscoItem& one : iq.place.extensions.items()) {
    xml::Element& item = query.add("item").set("jid", one.jid);
    if (!one.name.empty()) item.set("name", one.name);
  }
}

}  // namespace

// Other accounts are not asked: service-unavailable, as for accounts that do not exist (XEP-0030 §9.1).
void install_disco(Extensions& on) {
  on.spec("XEP-0030", "2.5.0", "Service Discovery");
  on.identity({"server", "im", "Confab"}).account_identity({"account", "registered", ""});
  for (const std::string_view ns : {kInfoNs, kItemsNs}) on.feature(ns).account_feature(ns);
  on.iq(IqType::get, "query", kInfoNs, answer_info).iq(IqType::get, "query", kItemsNs, answer_items);
}

}  // namespace confab::xmpp
