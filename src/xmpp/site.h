// What all sessions of one site share.
#pragma once

#include <functional>
#include <memory>

#include "base/ids.h"
#include "base/time.h"
#include "session/login_limits.h"
#include "xmpp/config.h"
#include "xmpp/extension.h"
#include "xmpp/interests.h"

namespace confab::xmpp {

// Outlives its sessions. Lives on: anywhere; nothing here changes while sessions live, but for what is in `caps`.
struct Site {
  Config config;
  Extensions extensions;
  std::function<Now()> now;                // callable on every shard
  RandomBytes random;                      // callable on every shard
  session::LoginLimits* limits = nullptr;  // null: nobody is slowed down
  std::unique_ptr<CapsCache> caps;
};

}  // namespace confab::xmpp
