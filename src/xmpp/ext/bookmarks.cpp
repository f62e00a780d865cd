// XEP-0402 PEP Native Bookmarks, and the list of XEP-0048 as a node that is made of them (§5.2, #compat-pep).
#include "xmpp/bookmarks.h"

#include <algorithm>

#include "names/names.h"
#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kCurrent = "current";  // XEP-0048 §3.1: the one item of the list
const core::NodeConfig kListConfig{.access = core::Access::whitelist};

// XEP-0402 §3: the room names the item.
void publish_room(core::Publish command, const xml::Element& payload, Iq& iq) {
  if (!payload.is("conference", kBookmarksNs)) return pubsub_error(iq, kBadRequest, "invalid-payload");
  if (!names::parse_address(command.publications.front().item)) return iq.error(kJidMalformed);
  ask_publish(std::move(command), std::string(kBookmarksNs), iq);
}

void publish_list(core::Publish command, const xml::Element& payload, Iq& iq) {
  if (!payload.is("storage", kBookmarkListNs)) return pubsub_error(iq, kBadRequest, "invalid-payload");
  std::string item = std::move(command.publications.front().item);
  if (item.empty()) item = kCurrent;
  ask_bookmarks(
      {},
      [list = write_payload(payload), item = std::move(item)](Bookmarks before, Iq& then) {
        xml::Document document;
        core::Publish changes;
        const xml::Element* read = read_payload(list, then.place.config, document);
        const Result<> changed =
            read == nullptr ? fail(Errc::bad_payload) : change_bookmarks(before, *read, then.place.config, changes);
        if (!changed) return then.error(changed.error().code, changed.error().text);
        then.ask_anyway(std::move(changes), [item](const core::Reply& reply, Iq& last) {
          if (const auto* refused = std::get_if<core::Refused>(&reply)) return pubsub_refused(last, *refused);
          xml::Element& publish = last.result().add("pubsub", kPubsubNs).add("publish").set("node", kBookmarkListNs);
          publish.add("item").set("id", item);
        });
      },
      iq);
}

void give_list(core::GetItems command, Iq& iq) {
  ask_bookmarks(
      command.of,
      [query = std::move(command.query)](Bookmarks bookmarks, Iq& then) {
        const bool meant = query.max > 0 && (query.ids.empty() || std::find(query.ids.begin(), query.ids.end(),
                                                                            kCurrent) != query.ids.end());
        if (!bookmarks.there && bookmarks.rest.empty()) return then.error(kItemNotFound);
        xml::Element& items = then.result().add("pubsub", kPubsubNs).add("items").set("node", kBookmarkListNs);
        if (meant) write_list(bookmarks, then.place.config, items.add("item").set("id", kCurrent));
      },
      iq);
}

// Nothing is left in the list.
void empty_list(Iq& iq) {
  ask_bookmarks(
      {},
      [](Bookmarks before, Iq& then) {
        xml::Document document;
        core::Publish changes;
        const Result<> changed =
            change_bookmarks(before, document.make("storage", kBookmarkListNs), then.place.config, changes);
        if (changed) ask_pubsub(std::move(changes), then);
      },
      iq);
}

void retract_list(core::Publish command, Iq& iq) {
  if (command.retractions.front().item != kCurrent) return iq.error(kItemNotFound);
  empty_list(iq);
}

void clear_list(core::ClearNode, Iq& iq) {
  empty_list(iq);
}

bool is_there(const core::NodesFound& nodes) {
  return std::any_of(nodes.nodes.begin(), nodes.nodes.end(),
                     [](const core::Node& node) { return node.name == kBookmarksNs; });
}

}  // namespace

void install_bookmarks(Extensions& on) {
  on.spec("XEP-0402", "1.2.0", "PEP Native Bookmarks");
  on.spec("XEP-0048", "1.2", "Bookmarks");
  on.account_feature(std::string(kBookmarksNs) + "#compat").account_feature(std::string(kBookmarksNs) + "#compat-pep");
  on.node(kBookmarksNs, {.publish = publish_room});
  on.node(kBookmarkListNs, {.publish = publish_list,
                            .retract = retract_list,
                            .clear = clear_list,
                            .items = give_list,
                            .config = &kListConfig,
                            .is_there = is_there,
                            .made_of = kBookmarksNs});
}

}  // namespace confab::xmpp
