// Whose session it is that is told something, or speaks.
#pragma once

#include "base/address.h"

namespace confab::api {

struct Viewer {
  Address me;                // bare or full; its domain is the site's
  bool with_domain = false;  // topics name people of the site with their domain: what the client subscribed by
};

}  // namespace confab::api
