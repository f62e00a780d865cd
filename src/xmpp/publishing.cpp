#include "xmpp/publishing.h"

#include "xml/reader.h"
#include "xml/writer.h"
#include "xmpp/map.h"
#include "xmpp/result_set.h"

namespace confab::xmpp {
namespace {

// What one stored payload may consist of; its bytes have a limit of their own.
constexpr std::uint32_t kPayloadElements = 65536;

void write_result_set(const core::ItemPage& page, xml::Element& pubsub) {
  xml::Element& set = pubsub.add("set", kRsmNs);
  if (!page.items.empty()) {
    set.add("first").text(page.items.front().id);
    set.add("last").text(page.items.back().id);
  }
  set.add("count").text(std::to_string(page.count));
}

}  // namespace

std::string write_payload(const xml::Element& payload) {
  std::string bytes;
  xml::write(payload, bytes);
  return bytes;
}

xml::Element* read_payload(std::string_view payload, const Config& config, xml::Document& document) {
  xml::Limits limits;
  limits.bytes = config.stanza_bytes();
  limits.elements = kPayloadElements;
  const Result<xml::Element*> read = xml::read_document(payload, limits, document);
  return read ? *read : nullptr;
}

xml::Element* add_payload(std::string_view payload, const Config& config, xml::Element& parent) {
  xml::Document document;
  const xml::Element* read = read_payload(payload, config, document);
  return read == nullptr ? nullptr : &parent.copy(*read);
}

void pubsub_error(Iq& iq, StanzaError error, std::string_view condition, std::string_view text,
                  std::string_view feature) {
  iq.error(error, text);
  if (condition.empty()) return;
  xml::Element& own = iq.answer()->child("error", kClientNs)->add(condition, kPubsubErrorsNs);
  if (!feature.empty()) own.set("feature", feature);
}

void pubsub_refused(Iq& iq, const core::Refused& refused) {
  if (refused.text == core::why::kPrecondition) return pubsub_error(iq, kConflict, "precondition-not-met");
  if (refused.text == core::why::kGroup) return pubsub_error(iq, kNotAuthorized, "not-in-roster-group");
  if (refused.text == core::why::kClosed) return pubsub_error(iq, kNotAllowed, "closed-node");
  if (refused.text == "pep_item_bytes") return pubsub_error(iq, kNotAcceptable, "payload-too-big", refused.text);
  if (refused.text == "pep_items_per_node") return iq.error(kNotAcceptable, refused.text);
  iq.error(refused.code, refused.code == Errc::too_big ? std::string_view(refused.text) : std::string_view());
}

void ask_publish(core::Publish command, std::string node, Iq& iq) {
  iq.ask_anyway(std::move(command), [node = std::move(node)](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
    xml::Element& publish = then.result().add("pubsub", kPubsubNs).add("publish").set("node", node);
    const auto* published = std::get_if<core::ItemsPublished>(&reply);
    if (published != nullptr && !published->items.empty()) publish.add("item").set("id", published->items.front());
  });
}

void ask_pubsub(core::Command command, Iq& iq) {
  iq.ask_anyway(std::move(command), [](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
    then.result();
  });
}

void ask_items(core::GetItems command, Iq& iq) {
  std::string node = command.node;
  const bool counted = command.query.ids.empty();
  iq.ask_anyway(std::move(command), [node = std::move(node), counted](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
    if (const auto* found = std::get_if<core::ItemsFound>(&reply)) write_items(*found, node, counted, then);
  });
}

void write_items(const core::ItemsFound& found, const std::string& node, bool counted, Iq& iq) {
  if (!found.config.persist) {
    return pubsub_error(iq, kFeatureNotImplemented, "unsupported", {}, "persistent-items");
  }
  xml::Element& pubsub = iq.result().add("pubsub", kPubsubNs);
  xml::Element& items = pubsub.add("items").set("node", node);
  for (const core::Item& each : found.page.items) {
    add_payload(each.payload, iq.place.config, items.add("item").set("id", each.id));
  }
  if (counted && found.page.items.size() < found.page.count) write_result_set(found.page, pubsub);
}

core::NodeOptions private_options() {
  core::NodeOptions options;
  options.access = core::Access::whitelist;
  options.max_items = core::kMaxItems;
  options.persist = true;
  options.send_last = core::SendLast::never;
  return options;
}

}  // namespace confab::xmpp
