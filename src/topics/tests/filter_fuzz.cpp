// Two texts: what is a filter covers itself, and what it covers matches no name that it does not match.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "topics/filter.h"

namespace {
using namespace confab::topics;

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = text.find('\n');
  const auto first = split_filter(text.substr(0, line));
  const std::string_view second = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
  if (!first) return 0;
  require(is_topic_filter(first->filter), "half of a split filter that is none");
  require(covers(first->filter, first->filter), "a filter that does not cover itself");
  if (is_topic_name(first->filter)) require(matches(first->filter, first->filter), "a name that does not match itself");
  if (is_topic_name(second)) {
    require(is_topic_filter(second), "a name that is no filter");
    require(covers(first->filter, second) == matches(first->filter, second), "covering a name is matching it");
  }
  return 0;
}
