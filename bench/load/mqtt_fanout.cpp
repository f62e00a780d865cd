// mqtt-fanout: one publishes, many subscribe to it.
#include <vector>

#include "crowd.h"
#include "mqtt_client.h"
#include "run.h"
#include "stamp.h"

namespace confab::load {
namespace {

struct FanoutShape {
  long subscribers = 1000;
  long window = 1;
  int qos = 0;
  long payload_bytes = 200;
  Clock::duration stall = std::chrono::seconds(5);
};

// Client 0 publishes; the next publication leaves when every subscriber has one that is under way.
class Fanout {
 public:
  Fanout(Poller& poller, CrowdOf<MqttClient>& clients, FanoutShape shape, const std::string& run_name)
      : poller_(poller), clients_(clients), shape_(shape), topic_("bench/" + run_name), stamp_(run_name) {
    has_.resize(static_cast<std::size_t>(shape.subscribers));
    for (std::size_t i = 0; i < has_.size(); ++i) {
      clients[i + 1].take_publications([this, i](const Publication& publication) { on_received(i, publication); });
    }
    clients[0].take_pubacks([this](const Answer& answer) {
      ++acked_;
      if (answer.reason >= kRefused) ++errors_;
    });
  }

  // Whether all of it arrived.
  bool run(long publications, Clock::time_point limit) {
    wanted_ = publications;
    sent_ = complete_ = deliveries_ = duplicates_ = errors_ = acked_ = 0;
    latencies_ = {};
    started_ = last_arrival_ = Clock::now();
    poller_.run_until([this] { return go_on(); }, limit);
    return done();
  }

  void report(Report& to) {
    to.add("publications", sent_);
    to.add("deliveries", deliveries_);
    to.add("lost", sent_ * shape_.subscribers - deliveries_);
    to.add("duplicates", duplicates_);
    to.add("errors", errors_);
    to.add("run_seconds", seconds());
    to.add("messages_per_second", static_cast<double>(deliveries_) / seconds());
    latencies_.report(to);
  }
  long deliveries() const { return deliveries_; }
  double seconds() const { return std::chrono::duration<double>(last_arrival_ - started_).count(); }

 private:
  bool done() const { return complete_ >= wanted_ && (shape_.qos == 0 || acked_ >= wanted_); }

  bool go_on() {
    while (sent_ < wanted_ && sent_ - complete_ < shape_.window) publish();
    return done() || Clock::now() - last_arrival_ > shape_.stall;
  }

  void publish() {
    payload_.clear();
    stamp_.write(payload_, missing_.size(), Clock::now(), static_cast<std::size_t>(shape_.payload_bytes));
    clients_[0].publish({.topic = topic_, .payload = payload_, .qos = shape_.qos});
    missing_.push_back(shape_.subscribers);
    ++sent_;
  }

  void on_received(std::size_t at, const Publication& publication) {
    const std::optional<Stamp::Read> stamp = stamp_.find(publication.payload);
    if (!stamp || stamp->number >= missing_.size()) return;
    std::vector<bool>& has = has_[at];
    has.resize(missing_.size());
    if (has[stamp->number]) {
      ++duplicates_;
      return;
    }
    has[stamp->number] = true;
    ++deliveries_;
    if (--missing_[stamp->number] == 0) ++complete_;
    last_arrival_ = Clock::now();
    const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(last_arrival_ - stamp->sent);
    latencies_.add(static_cast<std::uint32_t>(taken.count()));
  }

  Poller& poller_;
  CrowdOf<MqttClient>& clients_;
  FanoutShape shape_;
  std::string topic_;
  Stamp stamp_;
  std::string payload_;
  std::vector<std::vector<bool>> has_;  // by subscriber: which publications
  std::vector<long> missing_;           // by publication: how many subscribers
  Latencies latencies_;
  Clock::time_point started_;
  Clock::time_point last_arrival_;
  long wanted_ = 0;
  long sent_ = 0;
  long complete_ = 0;
  long deliveries_ = 0;
  long duplicates_ = 0;
  long errors_ = 0;
  long acked_ = 0;
};

// The relay's ends say by their resource what they are.
void add_clients(CrowdOf<MqttClient>& crowd, const MqttSite& site, const FanoutShape& shape,
                 const std::string& run_name) {
  crowd.add(site.account(0, site.relay ? "speaker" : "load"));
  for (long i = 1; i <= shape.subscribers; ++i) {
    MqttClient& client = crowd.add(site.account(i, site.relay ? "listener" : "load"));
    if (!site.relay) client.subscribe_to("bench/" + run_name, shape.qos);
  }
}

}  // namespace

int run_mqtt_fanout(Options& options) {
  MqttSite site = read_mqtt_site(options);
  site.relay = options.flag("relay");
  FanoutShape shape;
  shape.subscribers = std::max(1L, options.number("subscribers", 1000));
  shape.window = std::max(1L, options.number("window", 1));
  shape.qos = options.number("qos", 0) > 0 ? 1 : 0;
  shape.payload_bytes = options.number("body", 200);
  shape.stall = std::chrono::seconds(options.number("stall-seconds", 5));
  const Processes server = read_processes(options);
  const long count = options.number("count", 500);
  const long warmup = options.number("warmup", 20);
  const long parallel = options.number("parallel", 50);
  const Clock::time_point limit = Clock::now() + std::chrono::seconds(options.number("seconds", 60));
  const bool json = options.flag("json");
  if (const int refused = refuse_unknown(options); refused != 0) return refused;

  const std::string run_name = fresh_run_name();
  Poller poller;
  CrowdOf<MqttClient> crowd(poller, site);
  add_clients(crowd, site, shape, run_name);
  if (const std::string why = crowd.open(parallel, limit); !why.empty()) return fail_run(why);
  Fanout fanout(poller, crowd, shape, run_name);
  if (warmup > 0 && !fanout.run(warmup, limit)) return fail_run("the warm-up did not arrive");
  const Meter meter(server);
  const bool all = fanout.run(count, limit);
  Report report;
  report.add("command", "mqtt-fanout");
  report.add("subscribers", shape.subscribers);
  report.add("qos", static_cast<long>(shape.qos));
  report.add("window", shape.window);
  fanout.report(report);
  meter.report(report, fanout.deliveries(), fanout.seconds());
  if (const std::string why = crowd.failure(); !why.empty()) return fail_run(why);
  print(report, json);
  crowd.end();
  return all ? 0 : 1;
}

}  // namespace confab::load
