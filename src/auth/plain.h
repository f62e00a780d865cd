// SASL PLAIN (RFC 4616).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace confab::auth {

struct PlainMessage {
  std::string authzid;   // empty: authcid itself
  std::string authcid;   // not prepared
  std::string password;  // not prepared; the caller wipes it
};

// [authzid] NUL authcid NUL passwd: well-formed UTF-8, exactly two NULs, authcid and passwd not empty (RFC 4616 §2).
// Errors: bad_payload; too_big beyond 8 KiB.
Result<PlainMessage> read_plain(std::string_view message);

}  // namespace confab::auth
