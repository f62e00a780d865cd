// mqtt-idle: what a connection costs that does nothing after CONNACK.
#include "crowd.h"
#include "growth.h"
#include "mqtt_client.h"
#include "run.h"

namespace confab::load {
namespace {

// A first connection, opened and closed: what the server loads once is no session's.
std::string warm_up(Poller& poller, MqttSite& site) {
  CrowdOf<MqttClient> first(poller, site);
  first.add(site.account(0, "first"));
  const std::string why = first.open(1, Clock::now() + std::chrono::seconds(10));
  first.end();
  return why;
}

}  // namespace

int run_mqtt_idle(Options& options) {
  MqttSite site = read_mqtt_site(options);
  site.waits_for_sync = site.im;
  const Processes server = read_processes(options);
  const long connections = std::max(1L, options.number("connections", 1000));
  const long users = std::max(1L, options.number("users", connections));
  const long parallel = std::max(1L, options.number("parallel", 50));
  const auto settle = std::chrono::seconds(options.number("settle-seconds", 20));
  const Clock::time_point limit = Clock::now() + std::chrono::seconds(options.number("seconds", 120));
  const bool json = options.flag("json");
  if (const int refused = refuse_unknown(options); refused != 0) return refused;

  Poller poller;
  if (const std::string why = warm_up(poller, site); !why.empty()) return fail_run(why);
  const Memory before = settled_memory(poller, server, Clock::now() + settle);
  CrowdOf<MqttClient> crowd(poller, site);
  for (long i = 0; i < connections; ++i) crowd.add(site.account(i % users, "i" + std::to_string(i / users)));
  const Clock::time_point began = Clock::now();
  if (const std::string why = crowd.open(parallel, limit); !why.empty()) return fail_run(why);
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  const Memory after = settled_memory(poller, server, Clock::now() + settle);
  if (const std::string why = crowd.failure(); !why.empty()) return fail_run(why);

  Report report;
  report.add("command", "mqtt-idle");
  report.add("profile", site.im ? "im" : "open");
  report.add("sessions", connections);
  report.add("tls", site.tls == Tls::none ? "no" : "direct");
  report.add("login_seconds", seconds);
  if (!server.empty()) report_growth(report, before, after, connections);
  print(report, json);
  crowd.end();
  return 0;
}

}  // namespace confab::load
