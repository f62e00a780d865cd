// XEP-0163 Personal Eventing Protocol, and what of XEP-0060 Publish-Subscribe it needs <-> core's nodes.
#include <charconv>

#include "xmpp/data_form.h"
#include "xmpp/ext/pubsub/node.h"
#include "xmpp/result_set.h"

namespace confab::xmpp {
namespace pubsub {

std::optional<OwnNode> own_node(const xml::Element& named, Iq& iq) {
  OwnNode node{std::string(named.attr("node")), nullptr};
  node.view = iq.place.extensions.node_view(node.name);
  if (node.name.empty()) {
    pubsub_error(iq, kBadRequest, "nodeid-required");
  } else if (node.view != nullptr && node.view->hidden) {
    iq.error(kForbidden);
  } else {
    return node;
  }
  return std::nullopt;
}

std::optional<core::NodeOptions> read_options(const xml::Element* holder, std::string_view form_type, Iq& iq) {
  if (holder == nullptr) return core::NodeOptions{};
  const xml::Element* form = holder->child("x", kFormNs);
  if (form == nullptr) return core::NodeOptions{};
  auto options = read_node_form(*form, form_type);
  if (options) return std::move(*options);
  pubsub_error(iq, options.error().error, options.error().condition, options.error().text);
  return std::nullopt;
}

void unsupported(std::string_view feature, Iq& iq) {
  pubsub_error(iq, kFeatureNotImplemented, "unsupported", {}, feature);
}

}  // namespace pubsub

namespace {

using pubsub::own_node;
using pubsub::OwnNode;
using pubsub::unsupported;

bool is_true(std::string_view text) {
  return text == "1" || text == "true";
}

// §7.1. Whatever is wrong with the item is answered before anything is asked.
const xml::Element* read_item(const xml::Element& publish, Iq& iq) {
  const xml::Element* item = publish.first_child();
  if (item == nullptr || !item->is("item", kPubsubNs)) {
    pubsub_error(iq, kBadRequest, "item-required");
  } else if (item->following() != nullptr) {
    iq.error(kBadRequest, "more than one item");  // §7.1.1
  } else if (item->first_child() == nullptr) {
    pubsub_error(iq, kBadRequest, "payload-required");
  } else if (item->first_child()->following() != nullptr) {
    pubsub_error(iq, kBadRequest, "invalid-payload");
  } else {
    return item;
  }
  return nullptr;
}

void publish(const xml::Element& request, const xml::Element& publish, Iq& iq) {
  const std::optional<OwnNode> node = own_node(publish, iq);
  const xml::Element* item = node ? read_item(publish, iq) : nullptr;
  if (item == nullptr) return;
  const xml::Element& payload = *item->first_child();
  auto options = pubsub::read_options(request.child("publish-options", kPubsubNs), kPublishOptionsForm, iq);
  if (!options) return;
  if (node->is_fixed() && !agrees(*node->view->config, *options)) {
    return pubsub_error(iq, kConflict, "precondition-not-met");
  }
  core::Publish command;
  command.publications.push_back(
      {node->name, std::string(item->attr("id")), write_payload(payload), std::move(*options)});
  if (node->view != nullptr && node->view->publish != nullptr) {
    return node->view->publish(std::move(command), payload, iq);
  }
  ask_publish(std::move(command), node->name, iq);
}

// §7.2.
void retract(const xml::Element& retract, Iq& iq) {
  const std::optional<OwnNode> node = own_node(retract, iq);
  if (!node) return;
  core::Publish command;
  for (const xml::Element& item : retract.children()) {
    if (!item.is("item", kPubsubNs) || item.attr("id").empty()) {
      return pubsub_error(iq, kBadRequest, "item-required");
    }
    command.retractions.push_back({node->name, std::string(item.attr("id")), is_true(retract.attr("notify"))});
  }
  if (command.retractions.empty()) return pubsub_error(iq, kBadRequest, "item-required");
  if (node->view != nullptr && node->view->retract != nullptr) return node->view->retract(std::move(command), iq);
  ask_pubsub(std::move(command), iq);
}

// Nothing: it is no number.
std::optional<std::uint32_t> read_count(std::string_view text) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return count;
}

// §6.5.2 to §6.5.8, and XEP-0059 by items' ids. false: it was answered.
bool read_query(const xml::Element& request, const xml::Element& items, core::ItemQuery& query, Iq& iq) {
  for (const xml::Element& item : items.children()) {
    if (item.is("item", kPubsubNs) && !item.attr("id").empty()) query.ids.emplace_back(item.attr("id"));
  }
  const xml::Element* set = request.child("set", kRsmNs);
  const auto part = [set](std::string_view name) {
    const xml::Element* child = set == nullptr ? nullptr : set->child(name, kRsmNs);
    return child == nullptr ? std::string_view() : child->text();
  };
  query.before = std::string(part("before"));
  query.after = std::string(part("after"));
  for (const std::string_view most : {items.attr("max_items"), part("max")}) {
    if (most.empty()) continue;
    const std::optional<std::uint32_t> count = read_count(most);
    if (!count) {
      iq.error(kBadRequest, "max_items");
      return false;
    }
    query.max = std::min(query.max, *count);
  }
  return true;
}

void give_items(const xml::Element& request, const xml::Element& items, Iq& iq) {
  core::GetItems command;
  if (iq.to_other()) command.of = iq.to().bare();
  command.node = std::string(items.attr("node"));
  if (command.node.empty()) return pubsub_error(iq, kBadRequest, "nodeid-required");
  const NodeView* view = iq.place.extensions.node_view(command.node);
  if (view != nullptr && view->hidden) return iq.error(kItemNotFound);
  if (!read_query(request, items, command.query, iq)) return;
  if (view != nullptr && view->items != nullptr) return view->items(std::move(command), iq);
  ask_items(std::move(command), iq);
}

void answer_get(const xml::Element& request, Iq& iq) {
  for (const xml::Element& child : request.children()) {
    if (child.is("items", kPubsubNs)) return give_items(request, child, iq);
    if (child.is("subscriptions", kPubsubNs)) return unsupported("retrieve-subscriptions", iq);
    if (child.is("affiliations", kPubsubNs)) return unsupported("retrieve-affiliations", iq);
    if (child.is("options", kPubsubNs)) return unsupported("subscription-options", iq);
    if (child.is("default", kPubsubNs)) return unsupported("retrieve-default-sub", iq);
  }
  iq.error(kBadRequest);
}

void answer_set(const xml::Element& request, Iq& iq) {
  for (const xml::Element& child : request.children()) {
    const bool subscribes = child.is("subscribe", kPubsubNs) || child.is("unsubscribe", kPubsubNs);
    if (subscribes) return unsupported("subscribe", iq);
    if (child.is("options", kPubsubNs)) return unsupported("subscription-options", iq);
    if (iq.to_other()) return iq.error(kForbidden);  // §7.1.3.1: the owner is the one publisher
    if (child.is("publish", kPubsubNs)) return publish(request, child, iq);
    if (child.is("retract", kPubsubNs)) return retract(child, iq);
    if (child.is("create", kPubsubNs)) return pubsub::create(request, child, iq);
  }
  iq.error(kBadRequest);
}

std::string_view name_of(core::Published::What what) {
  using What = core::Published::What;
  switch (what) {
    case What::purged:
      return "purge";
    case What::deleted:
      return "delete";
    case What::configured:
      return "configuration";
    case What::item:
    case What::retracted:
      break;
  }
  return "items";
}

// XEP-0163 §4.3: from the bare address, to the session.
void write_event(const core::Published& published, const Outbound& out, xml::Element& stanza) {
  using What = core::Published::What;
  stanza.unset("type");
  if (published.headline) stanza.set("type", "headline");
  xml::Element& told = stanza.add("event", kPubsubEventNs).add(name_of(published.what)).set("node", published.node);
  if (published.what == What::retracted) told.add("retract").set("id", published.item);
  if (published.what != What::item) return;
  xml::Element& item = told.add("item").set("id", published.item);
  if (!published.payload.empty()) add_payload(published.payload, out.place.config, item);
}

// What of XEP-0060 §10 an account has.
constexpr std::string_view kFeatures[] = {"access-open",
                                          "access-presence",
                                          "access-roster",
                                          "access-whitelist",
                                          "auto-create",
                                          "auto-subscribe",
                                          "config-node",
                                          "config-node-max",
                                          "create-and-configure",
                                          "create-nodes",
                                          "delete-items",
                                          "delete-nodes",
                                          "filtered-notifications",
                                          "instant-nodes",
                                          "item-ids",
                                          "last-published",
                                          "meta-data",
                                          "multi-items",
                                          "persistent-items",
                                          "presence-notifications",
                                          "presence-subscribe",
                                          "publish",
                                          "publish-options",
                                          "pubsub-on-a-jid",
                                          "purge-nodes",
                                          "retract-items",
                                          "retrieve-default",
                                          "retrieve-items",
                                          "rsm"};

}  // namespace

void install_pubsub(Extensions& on) {
  on.spec("XEP-0060", "1.30.0", "Publish-Subscribe");
  on.spec("XEP-0163", "1.2.2", "Personal Eventing Protocol");
  on.spec("XEP-0223", "1.1.1", "Persistent Storage of Private Data via PubSub");
  on.account_identity({"pubsub", "pep", ""}).account_feature(kPubsubNs);
  for (const std::string_view feature : kFeatures) {
    on.account_feature(std::string(kPubsubNs).append("#").append(feature));
  }
  // XEP-0223 §6 asks the server for it.
  on.identity({"pubsub", "pep", ""}).feature(std::string(kPubsubNs).append("#publish-options"));
  on.iq(IqType::get, "pubsub", kPubsubNs, answer_get, IqTo::self | IqTo::other);
  on.iq(IqType::set, "pubsub", kPubsubNs, answer_set, IqTo::self | IqTo::other);
  on.iq(IqType::get, "pubsub", kPubsubOwnerNs, pubsub::answer_owner_get, IqTo::self | IqTo::other);
  on.iq(IqType::set, "pubsub", kPubsubOwnerNs, pubsub::answer_owner_set, IqTo::self | IqTo::other);
  on.write(write_event);
}

}  // namespace confab::xmpp
