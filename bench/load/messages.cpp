// xmpp-messages and relay-messages.
#include "run.h"
#include "traffic.h"

namespace confab::load {
namespace {

struct MessagesRun {
  TrafficShape shape;
  Site site;
  Processes server;
  long count = 0;
  long warmup = 0;
  long parallel = 0;
  long devices = 1;
  bool one_recipient = false;
  std::chrono::seconds limit{};
  bool json = false;
};

MessagesRun read_run(Options& options, bool relay) {
  MessagesRun run;
  run.site = read_site(options);
  run.shape.pairs = std::max(1L, options.number("pairs", 100));
  run.shape.window = std::max(1L, options.number("window", 1));
  run.shape.stored = options.text("kind", "transient") == "stored";
  run.shape.headline = options.flag("headline");
  run.shape.acks = options.flag("ack") && !relay;
  run.shape.to_bare = options.text("to", "full") == "bare";
  run.shape.body_bytes = options.number("body", 200);
  run.shape.stall = std::chrono::seconds(options.number("stall-seconds", 5));
  run.devices = std::max(1L, options.number("devices", 1));
  run.one_recipient = options.flag("one-recipient");
  run.site.carbons = run.devices > 1;
  run.site.relay = relay;
  run.site.acks = run.shape.acks;
  run.server = read_processes(options);
  run.count = options.number("count", 100000);
  run.warmup = options.number("warmup", 2000);
  run.parallel = options.number("parallel", 20);
  run.limit = std::chrono::seconds(options.number("seconds", 60));
  run.json = options.flag("json");
  return run;
}

// The relay's ends are named by their pair; accounts are one each.
void add_clients(Crowd& crowd, const MessagesRun& run) {
  for (long i = 0; i < 2 * run.shape.pairs; ++i) {
    Account account = run.site.account(i, "load");
    if (run.site.relay) account.user = std::to_string(i / 2);
    if (run.one_recipient && i % 2 == 1) account = run.site.account(1, "load" + std::to_string(i));
    crowd.add(std::move(account));
  }
  // They take what comes.
  for (long device = 1; device < run.devices; ++device) {
    for (long i = 1; i < 2 * run.shape.pairs; i += 2) crowd.add(run.site.account(i, "device" + std::to_string(device)));
  }
}

}  // namespace

int run_messages(Options& options, bool relay) {
  MessagesRun run = read_run(options, relay);
  if (const int refused = refuse_unknown(options); refused != 0) return refused;
  const Clock::time_point limit = Clock::now() + run.limit;
  Poller poller;
  Crowd crowd(poller, run.site);
  add_clients(crowd, run);
  // The two ends of a relay's pair wait for each other, so both must be on their way.
  const long parallel = relay ? 2 * run.shape.pairs : run.parallel;
  if (const std::string why = crowd.open(parallel, limit); !why.empty()) return fail_run(why);

  Traffic traffic(poller, crowd, run.shape, fresh_run_name());
  if (run.warmup > 0 && traffic.run(run.warmup, limit) != Traffic::End::all_arrived) {
    return fail_run("the warm-up did not arrive");
  }
  const Meter meter(run.server);
  const Traffic::End end = traffic.run(run.count, limit);
  Report report;
  report.add("command", relay ? "relay-messages" : "xmpp-messages");
  report.add("kind", relay ? "relay" : run.shape.stored ? "stored" : run.shape.headline ? "headline" : "transient");
  report.add("pairs", run.shape.pairs);
  report.add("devices", run.devices);
  report.add("window", run.shape.window);
  traffic.report(report);
  meter.report(report, traffic.received(), traffic.seconds());
  if (const std::string why = crowd.failure(); !why.empty()) return fail_run(why);
  print(report, run.json);
  crowd.end();
  return end == Traffic::End::stalled ? 1 : 0;
}

}  // namespace confab::load
