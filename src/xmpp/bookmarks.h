// Bookmarks: the items of urn:xmpp:bookmarks:1 (XEP-0402) are what there is; the one list of XEP-0048 is made of them,
// and changes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/command.h"
#include "xml/element.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

inline constexpr std::string_view kBookmarksNs = "urn:xmpp:bookmarks:1";
inline constexpr std::string_view kBookmarkListNs = "storage:bookmarks";
inline constexpr std::string_view kPrivateNs = "jabber:iq:private";

// An element of private storage (XEP-0049), as it is found again by its name and namespace.
std::string private_item(std::string_view name, std::string_view ns);
core::Publication private_publication(const xml::Element& element);

// All that a list is made of.
struct Bookmarks {
  bool there = false;  // there is a node of them, be it empty
  std::vector<core::Item> rooms;
  std::string rest;  // <storage/> with what of the last list was no room; empty: nothing
};
// <storage xmlns='storage:bookmarks'/> into `parent`. Elements of <extensions/> are for those who know the new form.
void write_list(const Bookmarks& bookmarks, const Config& config, xml::Element& parent);

// Makes the rooms of `list` those that there are: what differs is published, what is missing is retracted, the rest
// goes into private storage. Errors: bad_address.
Result<> change_bookmarks(const Bookmarks& before, const xml::Element& list, const Config& config,
                          core::Publish& command);

// Asks for all of them; a refusal is answered in XEP-0060's words, without `then`. `of`: empty for the own.
void ask_bookmarks(const Address& of, UniqueFunction<void(Bookmarks bookmarks, Iq& iq)> then, Iq& iq);

}  // namespace confab::xmpp
