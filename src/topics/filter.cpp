#include "topics/filter.h"

#include <algorithm>

namespace confab::topics {
namespace {

constexpr std::string_view kShare = "$share/";

bool is_sized(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTopicBytes && text.find('\0') == std::string_view::npos;
}

bool is_wild(std::string_view filter) {
  return filter.starts_with('+') || filter.starts_with('#');
}

// What "#" stands for begins with its parent, which has no level of its own if "#" is all there is: "+/#" is the same.
bool is_everything(std::string_view filter) {
  return filter == "#" || filter == "+/#";
}

}  // namespace

std::string_view Levels::next() {
  const std::size_t slash = rest_.find('/');
  const std::string_view level = rest_.substr(0, slash);
  done_ = slash == std::string_view::npos;
  rest_.remove_prefix(done_ ? rest_.size() : slash + 1);
  return level;
}

std::size_t count_levels(std::string_view text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '/'));
}

bool is_topic_name(std::string_view text) {
  return is_sized(text) && !has_wildcard(text);
}

bool is_topic_filter(std::string_view text) {
  if (!is_sized(text)) return false;
  for (Levels levels(text); !levels.done();) {
    const std::string_view level = levels.next();
    if (has_wildcard(level) && level.size() != 1) return false;
    if (level == "#" && !levels.done()) return false;
  }
  return true;
}

std::optional<SplitFilter> split_filter(std::string_view text) {
  SplitFilter split{{}, text};
  if (text.starts_with(kShare)) {
    const std::string_view rest = text.substr(kShare.size());
    const std::size_t slash = rest.find('/');
    if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
    split = {rest.substr(0, slash), rest.substr(slash + 1)};
    if (has_wildcard(split.group) || text.size() > kMaxTopicBytes) return std::nullopt;
    if (split.group.find('\0') != std::string_view::npos) return std::nullopt;
  }
  if (!is_topic_filter(split.filter)) return std::nullopt;
  return split;
}

bool matches(std::string_view filter, std::string_view name) {
  if (is_dollar(name) && is_wild(filter)) return false;
  Levels wanted(filter);
  Levels given(name);
  while (!wanted.done()) {
    const std::string_view level = wanted.next();
    if (level == "#") return true;
    if (given.done()) return false;
    const std::string_view there = given.next();
    if (level != "+" && level != there) return false;
    // "a/#" matches "a", too (§4.7.1.2).
    if (given.done() && !wanted.done()) return wanted.next() == "#";
  }
  return given.done();
}

bool covers(std::string_view wide, std::string_view narrow) {
  if (is_dollar(narrow) && is_wild(wide)) return false;
  if (is_everything(wide)) return true;
  Levels outer(wide);
  Levels inner(narrow);
  while (!outer.done()) {
    const std::string_view level = outer.next();
    if (level == "#") return true;
    if (inner.done()) return false;
    const std::string_view there = inner.next();
    if (there == "#") return false;
    if (level != "+" && level != there) return false;
    if (inner.done() && !outer.done()) return outer.next() == "#";
  }
  return inner.done();
}

}  // namespace confab::topics
