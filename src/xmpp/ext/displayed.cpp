// XEP-0490 Message Displayed Synchronization <-> core::ReadMarker: how far the person has read, as a node that is made
// of what every wire says of it. The element as the client gave it is of the annex.
#include <algorithm>

#include "names/names.h"
#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kSidNs = "urn:xmpp:sid:0";
constexpr std::string_view kKey = "displayed";  // annex: the element

// §3.1: for the owner alone, one item for each conversation, told to nobody who comes.
const core::NodeConfig& config() {
  static const core::NodeConfig kConfig = core::configured({}, private_options());
  return kConfig;
}

const xml::Element* place_in(const xml::Element& displayed) {
  const xml::Element* id = displayed.child("stanza-id", kSidNs);
  return id == nullptr || id->attr("id").empty() || id->following() != nullptr ? nullptr : id;
}

// Errors: bad_payload; bad_address.
Result<core::SetReadMarker> read_marker(const xml::Element& displayed, std::string_view conversation) {
  Result<Address> with = names::parse_address(conversation);
  if (!with) return fail(std::move(with.error()));
  const xml::Element* place = displayed.is("displayed", kDisplayedNs) ? place_in(displayed) : nullptr;
  if (place == nullptr) return fail(Errc::bad_payload, "displayed: no stanza-id");
  core::SetReadMarker marker;
  marker.conversation = std::move(*with);
  marker.upto = parse_msg_id(place->attr("id")).value_or(MsgId());
  marker.annex.push_back({core::Wire::xmpp, std::string(kKey), write_payload(displayed)});
  return marker;
}

void write_displayed(const core::ReadMarker& marker, const core::Annex& annex, const Place& place, xml::Element& item) {
  item.set("id", to_string(marker.conversation));
  const core::AnnexItem* own = core::find(annex, core::Wire::xmpp, kKey);
  if (own != nullptr && add_payload(own->bytes, place.config, item) != nullptr) return;
  xml::Element& id = item.add("displayed", kDisplayedNs).add("stanza-id", kSidNs);
  id.set("by", to_string(place.me.bare())).set("id", to_string(marker.upto));
}

void publish(core::Publish command, const xml::Element& payload, Iq& iq) {
  std::string item = std::move(command.publications.front().item);
  Result<core::SetReadMarker> marker = read_marker(payload, item);
  if (!marker) {
    if (marker.error().code == Errc::bad_address) return iq.error(kJidMalformed);
    return pubsub_error(iq, kBadRequest, "invalid-payload");
  }
  iq.ask_anyway(std::move(*marker), [item = std::move(item)](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
    xml::Element& published = then.result().add("pubsub", kPubsubNs).add("publish").set("node", kDisplayedNs);
    published.add("item").set("id", item);
  });
}

void items(core::GetItems command, Iq& iq) {
  if (!command.of.empty()) return iq.error(kItemNotFound);
  iq.ask_anyway(core::GetReadMarkers{}, [query = std::move(command.query)](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
    xml::Element& list = then.result().add("pubsub", kPubsubNs).add("items").set("node", kDisplayedNs);
    const auto* found = std::get_if<core::ReadMarkersFound>(&reply);
    if (found == nullptr) return;
    std::uint32_t left = query.max;
    for (const core::ReadMarkersFound::One& one : found->markers) {
      const std::string id = to_string(one.marker.conversation);
      const bool meant = query.ids.empty() || std::find(query.ids.begin(), query.ids.end(), id) != query.ids.end();
      if (!meant || left-- == 0) continue;
      write_displayed(one.marker, one.annex, then.place, list.add("item"));
    }
  });
}

// A person does not unread, and the node is as long there as the account is.
void refuse_retract(core::Publish, Iq& iq) {
  iq.error(kNotAllowed);
}
void refuse_clear(core::ClearNode, Iq& iq) {
  iq.error(kNotAllowed);
}
bool is_there(const core::NodesFound&) {
  return true;
}

void write_event(const core::ReadMarker& marker, const Outbound& out, xml::Element& stanza) {
  stanza.set("type", "headline");
  xml::Element& items = stanza.add("event", kPubsubEventNs).add("items").set("node", kDisplayedNs);
  write_displayed(marker, out.event.annex, out.place, items.add("item"));
}

// §4.2.2, server assist: it goes no further than here (§5.2).
Result<> take_out(const xml::Element& displayed, Inbound& in) {
  const Result<core::SetReadMarker> marker = read_marker(displayed, to_string(in.to));
  if (!marker) return fail(marker.error());
  return {};
}
void assist(Inbound& in) {
  const xml::Element* displayed = in.stanza.child("displayed", kDisplayedNs);
  if (displayed == nullptr) return;
  if (Result<core::SetReadMarker> marker = read_marker(*displayed, to_string(in.to))) {
    in.read_marker = std::move(*marker);
  }
}

}  // namespace

void install_displayed(Extensions& on) {
  on.spec("XEP-0490", "1.0.1", "Message Displayed Synchronization");
  on.account_feature("urn:xmpp:mds:server-assist:0");
  on.node(kDisplayedNs, {.publish = publish,
                         .retract = refuse_retract,
                         .clear = refuse_clear,
                         .items = items,
                         .config = &config(),
                         .is_there = is_there});
  on.read("displayed", kDisplayedNs, take_out).finish(assist).write(write_event);
}

}  // namespace confab::xmpp
