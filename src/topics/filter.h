// Topic names and topic filters (MQTT 5.0 §4.7), and filters that a group shares (§4.8.2).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace confab::topics {

inline constexpr std::size_t kMaxTopicBytes = 65535;  // §4.7.3

// Goes over the levels of a name or filter, which may be empty (§4.7.1.1). There is always at least one.
class Levels {
 public:
  explicit Levels(std::string_view text) : rest_(text) {}

  bool done() const { return done_; }
  std::string_view next();  // only if not done()

 private:
  std::string_view rest_;
  bool done_ = false;
};
std::size_t count_levels(std::string_view text);

// 1 to 65535 bytes, no wildcard, no U+0000 (§4.7.1, §4.7.3). Whether it is UTF-8 is the wire's to see (§1.5.4).
bool is_topic_name(std::string_view text);
// Likewise, with "+" as a whole level and "#" as the whole last one (§4.7.1). A shared one is none: split it first.
bool is_topic_filter(std::string_view text);

inline bool has_wildcard(std::string_view filter) {
  return filter.find_first_of("+#") != std::string_view::npos;
}
// Names that wildcards of the first level do not match (§4.7.2).
inline bool is_dollar(std::string_view name) {
  return name.starts_with('$');
}

// A filter as it stands in SUBSCRIBE.
struct SplitFilter {
  std::string_view group;   // of $share/GROUP/FILTER; empty: not shared
  std::string_view filter;  // slices of what was split
  bool shared() const { return !group.empty(); }
};
// nullopt: not a valid filter, or a shared one whose group is empty or has a wildcard in it, or without a filter
// (§4.8.2).
std::optional<SplitFilter> split_filter(std::string_view text);

// Whether `name` is one that `filter` is after (§4.7). Both valid; not shared.
bool matches(std::string_view filter, std::string_view name);

// Whether every name that `narrow` matches is matched by `wide`, too. Both valid; not shared. Exact, but that it does
// not see that "/#" has no parent which could be a name: "/+/#" is said not to cover it.
bool covers(std::string_view wide, std::string_view narrow);

}  // namespace confab::topics
