#include "mqtt/im_access.h"

#include "api/topic_name.h"
#include "topics/filter.h"

namespace confab::mqtt {

bool intersects(std::string_view one, std::string_view other) {
  topics::Levels a(one);
  topics::Levels b(other);
  while (!a.done() && !b.done()) {
    const std::string_view x = a.next();
    const std::string_view y = b.next();
    if (x == "#" || y == "#") return true;
    if (x != y && x != "+" && y != "+") return false;
  }
  // "a/#" matches "a", too (MQTT 5 §4.7.1.2).
  const auto only_rest = [](topics::Levels& rest) { return !rest.done() && rest.next() == "#" && rest.done(); };
  if (a.done() && b.done()) return true;
  return a.done() ? only_rest(b) : only_rest(a);
}

Verdict judge(std::string_view filter, const api::Viewer& viewer) {
  const auto split = topics::split_filter(filter);
  if (!split) return {Access::invalid, {}, false};
  if (split->shared()) return {Access::refused, {}, false};
  for (const bool with_domain : {false, true}) {
    const std::string own = api::person_topic(viewer.me, "#", {viewer.me, with_domain});
    if (topics::covers(own, split->filter)) return {Access::granted, {}, with_domain};
    if (topics::has_wildcard(filter) && intersects(own, split->filter)) return {Access::granted, {}, false};
  }
  if (topics::covers("im/sys/announce/#", split->filter)) return {Access::granted, {}, false};
  if (!intersects("im/u/+/presence/+", split->filter)) {
    const bool cut_down = topics::has_wildcard(filter) && intersects("im/sys/announce/#", split->filter);
    return {cut_down ? Access::granted : Access::refused, {}, false};
  }
  const std::string_view person = api::split_topic(split->filter)[2];
  if (person == "+" || person == "#") return {Access::granted, {}, false};
  const Result<Address> address = api::read_person(person, viewer);
  if (!address) return {Access::refused, {}, false};
  return {Access::friends, address->bare(), false};
}

}  // namespace confab::mqtt
