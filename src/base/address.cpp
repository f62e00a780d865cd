#include "base/address.h"

namespace confab {

std::string to_string(const Address& address) {
  std::string text;
  text.reserve(address.local.size() + address.domain.size() + address.resource.size() + 2);
  if (!address.local.empty()) text.append(address.local).append("@");
  text += address.domain;
  if (!address.resource.empty()) text.append("/").append(address.resource);
  return text;
}

AddressParts split_address(std::string_view text) {
  AddressParts parts;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    parts.resource = text.substr(slash + 1);
    parts.has_resource = true;
    text = text.substr(0, slash);
  }
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    parts.local = text.substr(0, at);
    parts.has_local = true;
    text = text.substr(at + 1);
  }
  parts.domain = text;
  return parts;
}

}  // namespace confab
