// What all MQTT sessions of one site share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/ids.h"
#include "base/time.h"
#include "mqtt/config.h"
#include "session/login_limits.h"

namespace confab::mqtt {

// Outlives its sessions. Lives on: anywhere; nothing here changes while sessions live.
struct Site {
  Config config;
  std::function<Now()> now;                       // callable on every shard
  RandomBytes random;                             // callable on every shard
  session::LoginLimits* limits = nullptr;         // null: nobody is slowed down
  std::atomic<std::uint64_t>* dropped = nullptr;  // counts QoS 0 of free topics that slow readers do not get
};

}  // namespace confab::mqtt
