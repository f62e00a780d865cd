#include "xmpp/roster.h"

#include <algorithm>
#include <charconv>

#include "names/names.h"
#include "xmpp/wire.h"

namespace confab::xmpp {
namespace {

std::string_view subscription_of(const core::RosterItem& item) {
  if (item.deleted) return "remove";
  if (item.to) return item.from ? "both" : "to";
  return item.from ? "from" : "none";
}

void write_item(const core::RosterItem& item, xml::Element& query) {
  xml::Element& element = query.add("item");
  element.set("jid", to_string(item.peer));
  element.set("subscription", subscription_of(item));
  if (item.deleted) return;
  if (!item.name.empty()) element.set("name", item.name);
  if (item.pending_out) element.set("ask", "subscribe");
  if (item.approved) element.set("approved", "true");
  for (const std::string& group : item.groups) element.add("group").text(group);
}

}  // namespace

core::GetRoster read_roster_get(const xml::Element& query) {
  const std::string_view ver = query.attr("ver");
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(ver.data(), ver.data() + ver.size(), version);
  if (ver.empty() || error != std::errc{} || end != ver.data() + ver.size()) return {};
  return {version};
}

tl::expected<core::Command, StanzaError> read_roster_set(const Place& place, const xml::Element& query) {
  const xml::Element* item = query.first_child();
  if (item == nullptr || !item->is("item", kRosterNs) || item->following() != nullptr) {
    return tl::unexpected(kBadRequest);
  }
  if (item->attr("jid").empty()) return tl::unexpected(kBadRequest);
  Result<Address> peer = names::parse_address(item->attr("jid"));
  if (!peer) return tl::unexpected(kJidMalformed);
  *peer = peer->bare();
  if (item->attr("subscription") == "remove") return core::RemoveRosterItem{std::move(*peer)};
  if (peer->same_bare(place.me)) return tl::unexpected(kNotAllowed);
  core::SetRosterItem set{std::move(*peer), std::string(item->attr("name")), {}};
  if (set.name.size() > names::kMaxPartBytes) return tl::unexpected(kNotAcceptable);
  for (const xml::Element& child : item->children()) {
    if (!child.is("group", kRosterNs)) continue;
    std::string group(child.text());
    if (group.empty() || group.size() > names::kMaxPartBytes) return tl::unexpected(kNotAcceptable);
    if (std::find(set.groups.begin(), set.groups.end(), group) != set.groups.end()) return tl::unexpected(kBadRequest);
    set.groups.push_back(std::move(group));
  }
  return set;
}

void write_roster(const core::RosterItems& items, xml::Element& iq) {
  if (!items.full) return;
  xml::Element& query = iq.add("query", kRosterNs);
  query.set("ver", std::to_string(items.version));
  for (const core::RosterItem& item : items.items) {
    if (item.listed && !item.deleted) write_item(item, query);
  }
}

void write_roster_push(const core::RosterItem& item, std::uint64_t version, xml::Element& iq) {
  xml::Element& query = iq.add("query", kRosterNs);
  query.set("ver", std::to_string(version));
  write_item(item, query);
}

}  // namespace confab::xmpp
