// What every command begins and ends with.
#pragma once

#include <string_view>

#include "cost.h"
#include "options.h"
#include "report.h"

namespace confab::load {

// Reads --server-pid PID[,PID...] and --tree.
Processes read_processes(Options& options);

// 2, with a word on stderr, if an option is left that nobody asked for; 0 otherwise. Call once all are read.
int refuse_unknown(const Options& options);

int fail_run(std::string_view why);

// Prints to stdout. Returns 0.
int print(const Report& report, bool json);

// The commands: the program's exit status.
int run_messages(Options& options, bool relay);
int run_logins(Options& options);
int run_idle(Options& options);
int run_befriend(Options& options);
int run_relay(Options& options);
int run_archive(Options& options);

}  // namespace confab::load
