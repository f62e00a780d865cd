// docs/xmpp.md: every specification that is implemented here, out of the registration itself.
#pragma once

#include <string>

#include "xmpp/extension.h"

namespace confab::xmpp {

// The whole page, as Markdown.
std::string write_spec_page(const Extensions& installed);

}  // namespace confab::xmpp
