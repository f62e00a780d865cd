// The session's timers.
#pragma once

#include "session/session.h"

namespace confab::xmpp {

inline constexpr session::TimerId kLoginTimer = 1;   // from the connection to the bound resource
inline constexpr session::TimerId kAnswerTimer = 2;  // a failed login's answer waits
inline constexpr session::TimerId kRateTimer = 3;    // limits.messages_per_second

}  // namespace confab::xmpp
