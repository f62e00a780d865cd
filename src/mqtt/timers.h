// The session's timers.
#pragma once

#include "session/session.h"

namespace confab::mqtt {

inline constexpr session::TimerId kLoginTimer = 1;   // from the connection to CONNACK
inline constexpr session::TimerId kAnswerTimer = 2;  // a failed login's answer waits
inline constexpr session::TimerId kRateTimer = 3;    // limits.messages_per_second
inline constexpr session::TimerId kAliveTimer = 4;   // keep alive
inline constexpr session::TimerId kProfileTimer = 5;

}  // namespace confab::mqtt
