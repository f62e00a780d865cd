// Result Set Management (XEP-0059): which page of a result is asked for, and which one this is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "xml/element.h"

namespace confab::xmpp {

inline constexpr std::string_view kRsmNs = "http://jabber.org/protocol/rsm";

struct PageWanted {
  std::optional<std::uint32_t> max;
  std::string_view after;
  std::string_view before;
  bool last = false;  // an empty <before/>: the last page
};

// `set` null: no wishes. Errors: bad_payload; unsupported for <index/>, since nobody here counts what comes before.
Result<PageWanted> read_page_wanted(const xml::Element* set);

struct PageGiven {
  std::string_view first, last;  // empty: nothing is in it
  std::optional<std::uint64_t> count;
};
void write_page_given(const PageGiven& page, xml::Element& parent);

}  // namespace confab::xmpp
