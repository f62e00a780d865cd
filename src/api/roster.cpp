#include "api/roster.h"

#include "json/write.h"

namespace confab::api {
namespace {

std::string_view subscription_of(const core::RosterItem& item) {
  if (item.deleted) return "remove";
  if (item.to) return item.from ? "both" : "to";
  return item.from ? "from" : "none";
}

std::string_view pending_of(const core::RosterItem& item) {
  if (item.pending_in) return item.pending_out ? "both" : "in";
  return item.pending_out ? "out" : "";
}

std::string named_item(const Address& peer) {
  json::ObjectText item;
  return item.text("jid", to_string(peer)).take();
}

void write_members(const core::RosterItem& item, json::ObjectText& out) {
  out.text("jid", to_string(item.peer)).text("name", item.name).raw("groups", json::array_of_texts(item.groups));
  out.text("sub", subscription_of(item)).text("dept", "");
  if (const std::string_view pending = pending_of(item); !pending.empty()) out.text("pending", pending);
}

}  // namespace

std::string write_item(const core::RosterItem& item) {
  json::ObjectText out;
  write_members(item, out);
  return out.take();
}

std::string write_listed(const core::RosterItem& item, std::string_view presence) {
  json::ObjectText out;
  if (item.deleted) {
    out.text("jid", to_string(item.peer)).text("sub", subscription_of(item));
  } else {
    write_members(item, out);
  }
  if (!presence.empty()) out.raw("presence", presence);
  return out.text("subscription", subscription_of(item)).take();
}

std::string write_change(const core::RosterChange& change) {
  json::ObjectText out;
  out.number("ver", static_cast<std::int64_t>(change.version));
  if (change.item.deleted) return out.text("op", "del").raw("item", named_item(change.item.peer)).take();
  return out.text("op", change.added ? "add" : "upd").raw("item", write_item(change.item)).take();
}

// Who asks is not in the roster yet: it has no version of this.
std::string write_request(const core::Event& event, const core::Subscription& subscription) {
  core::RosterItem item;
  item.peer = event.from.bare();
  item.pending_in = true;
  json::ObjectText out;
  out.text("op", "ask").raw("item", write_item(item));
  if (!subscription.note.empty()) out.text("note", subscription.note.front().text);
  return out.number("ts", event.at.ms).take();
}

std::string write_block_change(const core::BlockChange& change) {
  std::vector<std::string> items;
  for (const Address& peer : change.peers) items.push_back(named_item(peer));
  json::ObjectText out;
  return out.text("op", change.blocked ? "block" : "unblock").raw("items", json::array_of(items)).take();
}

std::string write_full(const core::RosterItems& items) {
  std::vector<std::string> list;
  for (const core::RosterItem& item : items.items) {
    if (item.listed && !item.deleted) list.push_back(write_item(item));
  }
  json::ObjectText out;
  out.number("ver", static_cast<std::int64_t>(items.version)).text("op", "full");
  return out.raw("items", json::array_of(list)).take();
}

}  // namespace confab::api
