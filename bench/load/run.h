// What every command begins and ends with.
#pragma once

#include <string>
#include <string_view>
#include <utility>

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

// What the server and this process spend from here on.
class Meter {
 public:
  explicit Meter(Processes server) : server_(std::move(server)), cpu_(cpu_seconds(server_)), own_(own_cpu_seconds()) {}

  // For so many messages or deliveries in so many seconds.
  void report(Report& to, long count, double seconds) const;

 private:
  Processes server_;
  double cpu_ = 0;
  double own_ = 0;
};

// A name that no other run has.
std::string fresh_run_name();

// The commands: the program's exit status.
int run_messages(Options& options, bool relay);
int run_logins(Options& options);
int run_idle(Options& options);
int run_befriend(Options& options);
int run_relay(Options& options);
int run_archive(Options& options);
int run_mqtt_messages(Options& options);
int run_mqtt_fanout(Options& options);
int run_mqtt_logins(Options& options);
int run_mqtt_idle(Options& options);

}  // namespace confab::load
