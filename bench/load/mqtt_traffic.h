// Pairs of MQTT clients: a window of messages under way, or so many a second.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "crowd.h"
#include "mqtt_client.h"
#include "report.h"
#include "stamp.h"

namespace confab::load {

// How a message is written on profile im: as text alone, or as an object, with or without the client's own id.
enum class MqttPayload : unsigned char { text, json, cid };

struct MqttShape {
  long pairs = 100;
  long window = 1;
  long rate = 0;  // messages a second, by all pairs together, however many are under way; 0: the window decides
  int qos = 0;
  long payload_bytes = 200;
  MqttPayload payload = MqttPayload::text;
  Clock::duration stall = std::chrono::seconds(5);  // nothing arrives for so long: the rest is lost
};

// Where pair n writes to, and its recipient listens.
std::string free_topic(const std::string& run_name, std::size_t pair);

class MqttTraffic {
 public:
  using Clients = CrowdOf<MqttClient>;

  // Clients 2n and 2n+1, which are ready, are sender and receiver of pair n.
  MqttTraffic(Poller& poller, Clients& clients, bool im, MqttShape shape, const std::string& run_name);

  enum class End : unsigned char { all_arrived, stalled, time_limit };

  // Sends `count` messages, and waits until they have arrived and, at QoS 1, are acknowledged. Counts begin anew at
  // each call.
  End run(long count, Clock::time_point limit);

  // Messages that arrived, each counted once.
  long received() const { return received_; }
  double seconds() const;
  void report(Report& to);

 private:
  struct Pair {
    MqttClient* sender = nullptr;
    std::string topic;
    long to_send = 0;
    long under_way = 0;
    long unacked = 0;
    bool waiting = false;               // in refill_
    std::deque<Clock::time_point> due;  // by the rate: when each was to be sent
    std::vector<bool> arrived;
  };

  void begin(long count);
  bool run_by_rate(Clock::time_point limit);
  void make_due(Clock::time_point now);
  bool may_send(const Pair& pair) const;
  void refill();
  void send_one(Pair& pair);
  void want(std::size_t pair);
  void on_received(std::size_t pair, const Publication& publication);
  void on_puback(std::size_t pair, const Answer& answer);
  bool is_over() const;
  bool done() const;

  Poller& poller_;
  MqttShape shape_;
  Stamp stamp_;
  std::string run_name_;
  std::vector<Pair> pairs_;
  std::vector<std::size_t> refill_;
  std::string payload_;
  Latencies latencies_;
  Clock::time_point started_;
  Clock::time_point last_arrival_;
  End end_ = End::all_arrived;
  long wanted_ = 0;
  long due_ = 0;
  long sent_ = 0;
  long received_ = 0;
  long duplicates_ = 0;
  long strays_ = 0;  // another pair's
  long errors_ = 0;
  long acked_ = 0;
  long receipts_ = 0;  // im: that the sender is told of
};

}  // namespace confab::load
