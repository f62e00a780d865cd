// Which topic filters an account's session may have (wire-mqtt.md §2): what it is told anyway, and no more.
#pragma once

#include <string>
#include <string_view>

#include "api/viewer.h"
#include "base/address.h"

namespace confab::mqtt {

enum class Access : std::uint8_t {
  granted,
  refused,
  friends,  // presence of one person: granted to who sees it
  invalid,  // no filter
};
struct Verdict {
  Access access = Access::refused;
  Address person = {};        // of `friends`
  bool names_domain = false;  // the own topics are named with the domain
};

// What a wildcard matches beyond the allowed is never sent: the filter is cut down to the rest.
Verdict judge(std::string_view filter, const api::Viewer& viewer);

// Whether some topic is matched by both. Valid filters, not shared.
bool intersects(std::string_view one, std::string_view other);

}  // namespace confab::mqtt
