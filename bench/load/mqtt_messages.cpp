// mqtt-messages.
#include "mqtt_traffic.h"
#include "run.h"

namespace confab::load {
namespace {

struct MessagesRun {
  MqttShape shape;
  MqttSite site;
  Processes server;
  long count = 0;
  long warmup = 0;
  long parallel = 0;
  std::chrono::seconds limit{};
  bool json = false;
};

MqttPayload read_payload(Options& options) {
  const std::string name = options.text("payload", "text");
  return name == "json" ? MqttPayload::json : name == "cid" ? MqttPayload::cid : MqttPayload::text;
}

MessagesRun read_run(Options& options) {
  MessagesRun run;
  run.site = read_mqtt_site(options);
  run.site.waits_for_sync = run.site.im;
  run.shape.pairs = std::max(1L, options.number("pairs", 100));
  run.shape.window = std::max(1L, options.number("window", 1));
  run.shape.rate = options.number("rate", 0);
  run.shape.qos = options.number("qos", 0) > 0 ? 1 : 0;
  run.shape.payload_bytes = options.number("body", 200);
  run.shape.payload = read_payload(options);
  run.shape.stall = std::chrono::seconds(options.number("stall-seconds", 5));
  run.server = read_processes(options);
  run.count = options.number("count", 100000);
  run.warmup = options.number("warmup", 2000);
  run.parallel = options.number("parallel", 20);
  run.limit = std::chrono::seconds(options.number("seconds", 60));
  run.json = options.flag("json");
  return run;
}

void add_clients(CrowdOf<MqttClient>& crowd, const MessagesRun& run, const std::string& run_name) {
  for (long i = 0; i < 2 * run.shape.pairs; ++i) {
    MqttClient& client = crowd.add(run.site.account(i, "load"));
    const bool listens = i % 2 == 1 && !run.site.im;
    if (listens) client.subscribe_to(free_topic(run_name, static_cast<std::size_t>(i / 2)), run.shape.qos);
  }
}

}  // namespace

int run_mqtt_messages(Options& options) {
  MessagesRun run = read_run(options);
  if (const int refused = refuse_unknown(options); refused != 0) return refused;
  const Clock::time_point limit = Clock::now() + run.limit;
  const std::string run_name = fresh_run_name();
  Poller poller;
  CrowdOf<MqttClient> crowd(poller, run.site);
  add_clients(crowd, run, run_name);
  if (const std::string why = crowd.open(run.parallel, limit); !why.empty()) return fail_run(why);

  MqttTraffic traffic(poller, crowd, run.site.im, run.shape, run_name);
  if (run.warmup > 0 && traffic.run(run.warmup, limit) != MqttTraffic::End::all_arrived) {
    return fail_run("the warm-up did not arrive");
  }
  const Meter meter(run.server);
  const MqttTraffic::End end = traffic.run(run.count, limit);
  Report report;
  report.add("command", "mqtt-messages");
  report.add("profile", run.site.im ? "im" : "open");
  report.add("qos", static_cast<long>(run.shape.qos));
  report.add("pairs", run.shape.pairs);
  report.add(run.shape.rate > 0 ? "rate" : "window", run.shape.rate > 0 ? run.shape.rate : run.shape.window);
  traffic.report(report);
  meter.report(report, traffic.received(), traffic.seconds());
  if (const std::string why = crowd.failure(); !why.empty()) return fail_run(why);
  print(report, run.json);
  crowd.end();
  return end == MqttTraffic::End::stalled ? 1 : 0;
}

}  // namespace confab::load
