#include "xmpp/result_set.h"

#include <charconv>

namespace confab::xmpp {

Result<PageWanted> read_page_wanted(const xml::Element* set) {
  PageWanted page;
  if (set == nullptr) return page;
  if (set->has_child("index", kRsmNs)) return fail(Errc::unsupported, "rsm: index");
  if (const xml::Element* max = set->child("max", kRsmNs)) {
    const std::string_view text = max->text();
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return fail(Errc::bad_payload, "rsm: max");
    page.max = number;
  }
  if (const xml::Element* after = set->child("after", kRsmNs)) page.after = after->text();
  if (const xml::Element* before = set->child("before", kRsmNs)) {
    page.before = before->text();
    page.last = page.before.empty();
  }
  return page;
}

void write_page_given(const PageGiven& page, xml::Element& parent) {
  xml::Element& set = parent.add("set", kRsmNs);
  if (!page.first.empty()) {
    set.add("first").text(page.first);
    set.add("last").text(page.last);
  }
  if (page.count) set.add("count").text(std::to_string(*page.count));
}

}  // namespace confab::xmpp
