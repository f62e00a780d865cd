// XEP-0118 User Tune <-> core's *listening*. The tune as the client gave it is of the annex; to other wires it is a
// line of text, and what they say is a tune with a title.
#include <algorithm>

#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kTuneKey = "tune";       // annex: the element
constexpr std::string_view kItemKey = "tune-item";  // annex: the item's id
constexpr std::string_view kCurrent = "current";    // the item's id, where nobody gave one
const core::NodeConfig kConfig;                     // XEP-0163's own

std::string_view part_of(const xml::Element& tune, std::string_view name) {
  const xml::Element* part = tune.child(name, kTuneNs);
  return part == nullptr ? std::string_view() : part->text();
}

// Cut where a character ends.
std::string cut(std::string text) {
  std::size_t size = std::min(text.size(), core::kMaxListening);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) --size;
  text.resize(size);
  return text;
}

// "Yes – Heart of the Sunrise", or whatever is known of it. Empty: silence.
std::string text_of(const xml::Element& tune) {
  std::string text(part_of(tune, "artist"));
  const std::string_view title = part_of(tune, "title");
  if (!text.empty() && !title.empty()) text += " \xE2\x80\x93 ";
  text += title;
  for (const std::string_view name : {"source", "track", "uri"}) {
    if (text.empty()) text = std::string(part_of(tune, name));
  }
  return cut(std::move(text));
}

std::string item_of(const core::Event& event) {
  const core::AnnexItem* id = core::find(event.annex, core::Wire::xmpp, kItemKey);
  return id == nullptr ? std::string(kCurrent) : id->bytes;
}

void add_tune(const core::Event& event, const Config& config, xml::Element& item) {
  const core::AnnexItem* tune = core::find(event.annex, core::Wire::xmpp, kTuneKey);
  if (tune != nullptr && add_payload(tune->bytes, config, item) != nullptr) return;
  xml::Element& made = item.add("tune", kTuneNs);
  const std::string& text = std::get<core::Listening>(event.body).text;
  if (!text.empty()) made.add("title").text(text);
}

// §2.2, examples 1 and 3: an empty element is silence.
void publish(core::Publish command, const xml::Element& payload, Iq& iq) {
  core::Publication& one = command.publications.front();
  if (!payload.is("tune", kTuneNs)) return pubsub_error(iq, kBadRequest, "invalid-payload");
  if (one.item.empty()) one.item = kCurrent;
  core::SetListening listening{text_of(payload), {}};
  listening.annex.push_back({core::Wire::xmpp, std::string(kTuneKey), std::move(one.payload)});
  listening.annex.push_back({core::Wire::xmpp, std::string(kItemKey), one.item});
  iq.ask_anyway(std::move(listening), [item = one.item](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
    xml::Element& publish = then.result().add("pubsub", kPubsubNs).add("publish").set("node", kTuneNs);
    publish.add("item").set("id", item);
  });
}

// What there is to be told. Null: the last that was said is that there is nothing more.
const core::Event* tune_in(const core::ListeningFound& found) {
  if (found.event == nullptr) return nullptr;
  const bool said = core::find(found.event->annex, core::Wire::xmpp, kTuneKey) != nullptr;
  return said || !std::get<core::Listening>(found.event->body).text.empty() ? found.event.get() : nullptr;
}

bool means(const core::ItemQuery& query, const std::string& item) {
  if (query.max == 0) return false;
  return query.ids.empty() || std::find(query.ids.begin(), query.ids.end(), item) != query.ids.end();
}

void items(core::GetItems command, Iq& iq) {
  iq.ask_anyway(core::GetListening{command.of}, [query = std::move(command.query)](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
    const auto* found = std::get_if<core::ListeningFound>(&reply);
    if (found == nullptr || found->event == nullptr) return then.error(kItemNotFound);
    xml::Element& list = then.result().add("pubsub", kPubsubNs).add("items").set("node", kTuneNs);
    const core::Event* tune = tune_in(*found);
    if (tune == nullptr || !means(query, item_of(*tune))) return;
    add_tune(*tune, then.place.config, list.add("item").set("id", item_of(*tune)));
  });
}

void retract(core::Publish command, Iq& iq) {
  iq.ask_anyway(core::GetListening{},
                [item = std::move(command.retractions.front().item)](const core::Reply& reply, Iq& then) {
                  if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(then, *refused);
                  const auto* found = std::get_if<core::ListeningFound>(&reply);
                  const core::Event* tune = found == nullptr ? nullptr : tune_in(*found);
                  if (tune == nullptr || item_of(*tune) != item) return then.error(kItemNotFound);
                  ask_pubsub(core::SetListening{}, then);
                });
}

void clear(core::ClearNode, Iq& iq) {
  ask_pubsub(core::SetListening{}, iq);
}

bool is_there(const core::NodesFound& nodes) {
  return nodes.listening;
}

void write_event(const core::Listening&, const Outbound& out, xml::Element& stanza) {
  stanza.set("type", "headline");
  xml::Element& items = stanza.add("event", kPubsubEventNs).add("items").set("node", kTuneNs);
  add_tune(out.event, out.place.config, items.add("item").set("id", item_of(out.event)));
}

}  // namespace

void install_tune(Extensions& on) {
  on.spec("XEP-0118", "1.3.0", "User Tune");
  on.node(kTuneNs, {.publish = publish,
                    .retract = retract,
                    .clear = clear,
                    .items = items,
                    .config = &kConfig,
                    .is_there = is_there});
  on.write(write_event);
}

}  // namespace confab::xmpp
