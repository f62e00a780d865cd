// What a server's memory has grown by.
#pragma once

#include "cost.h"
#include "poller.h"
#include "report.h"

namespace confab::load {

// Waits until the server's memory has kept still for two seconds, or until `limit`.
Memory settled_memory(Poller& poller, const Processes& server, Clock::time_point limit);

void report_growth(Report& report, const Memory& before, const Memory& after, long sessions);

}  // namespace confab::load
