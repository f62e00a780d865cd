// The name under which entity capabilities are known, and the hash over them (XEP-0115 §5).
#pragma once

#include <string>
#include <string_view>

#include "xmpp/extension.h"

namespace confab::xmpp {

inline constexpr std::string_view kCapsNode = "urn:x-confab";

// base64(SHA-1) over what disco#info of the server names. What is named twice counts once.
std::string caps_version(const Extensions& extensions);

// Sorted by bytes (i;octet), each once: as disco#info names them and as the hash takes them.
std::vector<std::string> sorted_features(std::vector<std::string> features);

}  // namespace confab::xmpp
