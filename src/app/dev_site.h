// What `confabd serve --dev` finds in its folder: the people of the examples.
#pragma once

#include "app/config.h"
#include "base/result.h"

namespace confab::app {

// alice, bob and carol (password: name + "-secret"), alice and bob friends of each other. Who is there already stays
// as he is. Blocks on the disk; the site must not run yet.
Result<> prepare_dev_site(const Config& config);

}  // namespace confab::app
