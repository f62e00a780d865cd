// What all sessions of one site share.
#pragma once

#include <functional>

#include "base/ids.h"
#include "base/time.h"
#include "session/login_limits.h"
#include "xmpp/config.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

// Outlives its sessions. Lives on: anywhere; nothing here changes while sessions live.
struct Site {
  Config config;
  Extensions extensions;
  std::function<Now()> now;                // callable on every shard
  RandomBytes random;                      // callable on every shard
  session::LoginLimits* limits = nullptr;  // null: nobody is slowed down
};

}  // namespace confab::xmpp
