// Pairs of clients with a window of messages under way: the next one is sent when the recipient has one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crowd.h"
#include "report.h"

namespace confab::load {

struct TrafficShape {
  long pairs = 100;
  long window = 1;
  bool stored = false;
  bool headline = false;
  bool to_bare = false;
  bool acks = false;
  long body_bytes = 200;
  Clock::duration stall = std::chrono::seconds(5);  // nothing arrives for so long: the rest is lost
};

class Traffic {
 public:
  // Clients 2n and 2n+1 of `crowd`, which are ready, are sender and receiver of pair n. `run_name` marks the ids of
  // this run's messages: what an earlier run left on its way isn't counted.
  Traffic(Poller& poller, Crowd& crowd, TrafficShape shape, const std::string& run_name);

  enum class End : unsigned char { all_arrived, stalled, time_limit };

  // Sends `count` messages, and waits until they have arrived. Counts begin anew at each call.
  End run(long count, Clock::time_point limit);

  // Messages that arrived, each counted once.
  long received() const { return received_; }
  double seconds() const;
  void report(Report& to);

 private:
  struct Pair {
    Client* sender = nullptr;
    Client* receiver = nullptr;
    std::string head;  // of the stanza, up to the id
    long to_send = 0;
    long under_way = 0;
    unsigned long base = 0;  // what is acknowledged at least when the run begins
    bool waiting = false;    // in refill_
    std::vector<Clock::time_point> sent_at;
    std::vector<bool> arrived;
  };

  void begin(long count);
  void refill();
  void send_one(Pair& pair);
  void want(std::size_t pair);
  void on_received(std::size_t pair, std::string_view stanza);
  void on_sender_stanza(std::size_t pair, std::string_view stanza);
  bool done() const;

  Poller& poller_;
  TrafficShape shape_;
  std::string id_prefix_;
  std::string tail_;
  std::vector<Pair> pairs_;
  std::vector<std::size_t> refill_;
  Latencies latencies_;
  Clock::time_point started_;
  Clock::time_point last_arrival_;
  End end_ = End::all_arrived;
  long wanted_ = 0;
  long sent_ = 0;
  long received_ = 0;
  long duplicates_ = 0;
  long errors_ = 0;
  long acked_ = 0;
};

}  // namespace confab::load
