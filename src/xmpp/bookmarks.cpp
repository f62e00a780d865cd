#include "xmpp/bookmarks.h"

#include <algorithm>
#include <map>

#include "names/names.h"
#include "xml/writer.h"
#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

bool is_true(std::string_view text) {
  return text == "1" || text == "true";
}

std::string rest_item() {
  return private_item("storage", kBookmarkListNs);
}

// The room's address, as different clients write it. Empty: it is none.
std::string room_of(std::string_view text) {
  const Result<Address> address = names::parse_address(text);
  return address ? to_string(*address) : std::string();
}

void write_room(const core::Item& item, const Config& config, xml::Element& list) {
  xml::Document document;
  const xml::Element* room = read_payload(item.payload, config, document);
  if (room == nullptr || !room->is("conference", kBookmarksNs)) return;
  xml::Element& old = list.add("conference").set("jid", item.id);
  for (const std::string_view name : {"name", "autojoin"}) {
    if (const xml::Attribute* attribute = room->find_attr(name)) old.set(name, attribute->value);
  }
  for (const std::string_view name : {"nick", "password"}) {
    if (const xml::Element* child = room->child(name, kBookmarksNs)) old.add(name).text(child->text());
  }
}

// What clients add of their own goes into <extensions/>, where the others leave it alone; what is there of the same
// kind is replaced, and the rest stays: whoever writes the list never saw it.
void write_extensions(const xml::Element& listed, const xml::Element* before, xml::Element& room) {
  const xml::Element* kept = before == nullptr ? nullptr : before->child("extensions", kBookmarksNs);
  const auto is_own = [](const xml::Element& child) { return child.ns() == kBookmarkListNs; };
  bool any = kept != nullptr;
  for (const xml::Element& child : listed.children()) any = any || !is_own(child);
  if (!any) return;
  xml::Element& extensions = kept == nullptr ? room.add("extensions") : room.copy(*kept);
  for (const xml::Element& child : listed.children()) {
    if (is_own(child)) continue;
    extensions.remove(child.name(), child.ns());
    extensions.copy(child);
  }
}

// The new form of a room in a list. `before`: as it stands in the node; null: not yet.
xml::Element& make_room(const xml::Element& listed, const xml::Element* before, xml::Document& document) {
  xml::Element& room = document.make("conference", kBookmarksNs);
  if (const xml::Attribute* name = listed.find_attr("name")) room.set("name", name->value);
  const std::string_view old = before == nullptr ? std::string_view() : before->attr("autojoin");
  const bool joins = is_true(listed.attr("autojoin"));
  if (!old.empty() && is_true(old) == joins) {
    room.set("autojoin", old);  // the same in other letters is no change
  } else if (joins) {
    room.set("autojoin", "true");
  }
  for (const std::string_view name : {"nick", "password"}) {
    if (const xml::Element* child = listed.child(name, kBookmarkListNs)) room.add(name).text(child->text());
  }
  write_extensions(listed, before, room);
  return room;
}

void publish_room(const std::string& id, const xml::Element& listed, const core::Item* known, const Config& config,
                  core::Publish& command) {
  xml::Document kept;
  xml::Document document;
  const xml::Element* before = known == nullptr ? nullptr : read_payload(known->payload, config, kept);
  const xml::Element& room = make_room(listed, before, document);
  if (before != nullptr && xml::equal(*before, room)) return;
  command.publications.push_back({.node = std::string(kBookmarksNs),
                                  .item = known == nullptr ? id : known->id,
                                  .payload = write_payload(room),
                                  .options = private_options(),
                                  .insists = false});
}

// What is in a list beside rooms: addresses of the web, and whatever else clients keep there.
void change_rest(const Bookmarks& before, const xml::Element& list, core::Publish& command) {
  xml::Document document;
  xml::Element& rest = document.copy(list);
  rest.remove("conference", kBookmarkListNs);
  if (rest.first_child() != nullptr) {
    if (write_payload(rest) != before.rest) command.publications.push_back(private_publication(rest));
  } else if (!before.rest.empty()) {
    command.retractions.push_back({std::string(kPrivateNs), rest_item(), false});
  }
}

}  // namespace

std::string private_item(std::string_view name, std::string_view ns) {
  return std::string(name) + " " + std::string(ns);
}

core::Publication private_publication(const xml::Element& element) {
  core::NodeOptions options = private_options();
  options.notify = false;
  options.listed = false;
  return {.node = std::string(kPrivateNs),
          .item = private_item(element.name(), element.ns()),
          .payload = write_payload(element),
          .options = std::move(options),
          .insists = false};
}

void write_list(const Bookmarks& bookmarks, const Config& config, xml::Element& parent) {
  xml::Element& list = parent.add("storage", kBookmarkListNs);
  for (const core::Item& item : bookmarks.rooms) write_room(item, config, list);
  if (bookmarks.rest.empty()) return;
  xml::Document document;
  const xml::Element* rest = read_payload(bookmarks.rest, config, document);
  if (rest == nullptr) return;
  for (const xml::Element& child : rest->children()) list.copy(child);
}

Result<> change_bookmarks(const Bookmarks& before, const xml::Element& list, const Config& config,
                          core::Publish& command) {
  std::map<std::string, const core::Item*> known;
  for (const core::Item& item : before.rooms) known.emplace(room_of(item.id), &item);
  std::map<std::string, const xml::Element*> listed;
  for (const xml::Element& child : list.children()) {
    if (!child.is("conference", kBookmarkListNs)) continue;
    std::string room = room_of(child.attr("jid"));
    if (room.empty()) return fail(Errc::bad_address, child.attr("jid"));
    listed[std::move(room)] = &child;
  }
  for (const auto& [room, element] : listed) {
    const auto at = known.find(room);
    publish_room(room, *element, at == known.end() ? nullptr : at->second, config, command);
  }
  for (const auto& [room, item] : known) {
    if (!listed.contains(room)) command.retractions.push_back({std::string(kBookmarksNs), item->id, true});
  }
  change_rest(before, list, command);
  return {};
}

void ask_bookmarks(const Address& of, UniqueFunction<void(Bookmarks bookmarks, Iq& iq)> then, Iq& iq) {
  core::GetItems rooms{of, std::string(kBookmarksNs), {}};
  rooms.query.whole = of.empty();  // all of them, to be compared with a list
  iq.ask_anyway(std::move(rooms),
                [own = of.empty(), then = std::move(then)](const core::Reply& reply, Iq& next) mutable {
                  const auto* refused = std::get_if<core::Refused>(&reply);
                  // The own are just not there yet.
                  if (refused != nullptr && (!own || refused->code != Errc::not_found))
                    return pubsub_refused(next, *refused);
                  Bookmarks bookmarks;
                  const auto* rooms_found = std::get_if<core::ItemsFound>(&reply);
                  bookmarks.there = rooms_found != nullptr;
                  if (rooms_found != nullptr) bookmarks.rooms = rooms_found->page.items;
                  if (!own) return then(std::move(bookmarks), next);
                  core::GetItems rest{{}, std::string(kPrivateNs), {}};
                  rest.query.ids.push_back(rest_item());
                  next.ask_anyway(std::move(rest), [bookmarks = std::move(bookmarks), then = std::move(then)](
                                                       const core::Reply& kept, Iq& last) mutable {
                    const auto* failed = std::get_if<core::Refused>(&kept);
                    if (failed != nullptr && failed->code != Errc::not_found) return pubsub_refused(last, *failed);
                    const auto* found = std::get_if<core::ItemsFound>(&kept);
                    if (found != nullptr && !found->page.items.empty())
                      bookmarks.rest = found->page.items.front().payload;
                    then(std::move(bookmarks), last);
                  });
                });
}

}  // namespace confab::xmpp
