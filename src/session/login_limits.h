// Slows down whoever guesses passwords: failures are counted per address and per account (limits.login_failures).
#pragma once

#include <string_view>

#include "base/time.h"

namespace confab::session {

// Lives on: anywhere; called once or twice in a login.
class LoginLimits {
 public:
  virtual ~LoginLimits() = default;

  // How long the answer to the next attempt must wait: 0 as long as failures are few.
  virtual milliseconds delay(std::string_view peer_address, std::string_view account) = 0;
  virtual void failed(std::string_view peer_address, std::string_view account) = 0;
  virtual void succeeded(std::string_view peer_address, std::string_view account) = 0;
};

}  // namespace confab::session
