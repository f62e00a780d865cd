// mqtt-logins: TCP, CONNECT, CONNACK, DISCONNECT.
#include "mqtt_client.h"
#include "run.h"
#include "visitors.h"

namespace confab::load {

int run_mqtt_logins(Options& options) {
  MqttSite site = read_mqtt_site(options);
  site.anonymous = false;
  const Processes server = read_processes(options);
  const bool first = options.flag("first");
  const long users = std::max(1L, options.number("users", 200));
  const long count = first ? users : options.number("count", 2000);
  const long parallel = std::max(1L, options.number("parallel", 20));
  const Clock::time_point limit = Clock::now() + std::chrono::seconds(options.number("seconds", 60));
  const bool json = options.flag("json");
  if (const int refused = refuse_unknown(options); refused != 0) return refused;

  Poller poller;
  Visitors<MqttClient> visitors(poller, site, users, parallel);
  // Once by every user: then the server knows the passwords, and no client computes PBKDF2 while it counts.
  if (!first) {
    if (const std::string why = visitors.run(users, limit); !why.empty()) return fail_run(why);
    visitors.forget_latencies();
  }
  const Meter meter(server);
  const Clock::time_point began = Clock::now();
  if (const std::string why = visitors.run(count, limit); !why.empty()) return fail_run(why);

  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  Report report;
  report.add("command", "mqtt-logins");
  report.add("by", site.scram ? "SCRAM-SHA-256" : "password");
  report.add("first", first ? "yes" : "no");
  visitors.report(report, seconds);
  meter.report(report, visitors.logged_in(), seconds);
  return print(report, json);
}

}  // namespace confab::load
