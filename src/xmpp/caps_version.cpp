#include "xmpp/caps_version.h"

#include <algorithm>

#include "auth/hash.h"
#include "base/bytes.h"

namespace confab::xmpp {

std::vector<std::string> sorted_features(std::vector<std::string> features) {
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  return features;
}

// XEP-0115 §5.1. Our identities have no language, and there are no forms.
std::string caps_version(const Extensions& extensions) {
  std::vector<std::string> identities;
  for (const Identity& identity : extensions.identities()) {
    identities.push_back(identity.category + "/" + identity.type + "//" + identity.name);
  }
  std::sort(identities.begin(), identities.end());
  std::string text;
  for (const std::string& identity : identities) text.append(identity).append(1, '<');
  for (const std::string& feature : sorted_features(extensions.features())) text.append(feature).append(1, '<');
  return encode_base64(auth::digest(auth::Hash::sha1, text));
}

}  // namespace confab::xmpp
