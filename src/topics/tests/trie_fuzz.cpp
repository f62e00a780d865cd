// Lines that are put in, or taken out again: what a name finds is what comparing it with each filter finds.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "topics/trie.h"

namespace {
using namespace confab::topics;

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void toggle(Trie& trie, std::set<std::string>& filters, const std::string& filter) {
  const auto place = trie.insert(filter);
  if (filters.insert(filter).second) {
    trie.leaf(place).subscribers.emplace_back();
    return;
  }
  filters.erase(filter);
  trie.leaf(place).subscribers.clear();
  trie.release(place);
}

void look(const Trie& trie, const std::set<std::string>& filters, const std::string& name) {
  std::size_t found = 0;
  trie.match(name, [&](Trie::Place place, const Leaf&) {
    const std::string filter = trie.filter_of(place);
    require(filters.contains(filter) && matches(filter, name), "a filter that does not match");
    ++found;
  });
  const auto expected =
      std::count_if(filters.begin(), filters.end(), [&](const auto& filter) { return matches(filter, name); });
  require(found == static_cast<std::size_t>(expected), "a filter that was not found, or twice");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  Trie trie(7);
  std::set<std::string> filters;
  for (std::size_t at = 0; at < text.size();) {
    const std::string line(text.substr(at, text.find('\n', at) - at));
    at += line.size() + 1;
    if (is_topic_name(line)) look(trie, filters, line);
    if (is_topic_filter(line)) toggle(trie, filters, line);
  }
  for (const std::string& filter : std::set<std::string>(filters)) toggle(trie, filters, filter);
  require(trie.nodes() == 1, "nodes that nobody needs");
  return 0;
}
