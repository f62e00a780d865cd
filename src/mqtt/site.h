// What all MQTT sessions of one site share.
#pragma once

#include <functional>

#include "base/ids.h"
#include "base/time.h"
#include "mqtt/config.h"
#include "session/login_limits.h"

namespace confab::mqtt {

// Outlives its sessions. Lives on: anywhere; nothing here changes while sessions live.
struct Site {
  Config config;
  std::function<Now()> now;                // callable on every shard
  RandomBytes random;                      // callable on every shard
  session::LoginLimits* limits = nullptr;  // null: nobody is slowed down
};

}  // namespace confab::mqtt
