#include "mqtt_traffic.h"

namespace confab::load {

std::string free_topic(const std::string& run_name, std::size_t pair) {
  return "bench/" + run_name + "/" + std::to_string(pair);
}

MqttTraffic::MqttTraffic(Poller& poller, Clients& clients, bool im, MqttShape shape, const std::string& run_name)
    : poller_(poller), shape_(shape), stamp_(run_name), run_name_(run_name) {
  pairs_.resize(static_cast<std::size_t>(shape.pairs));
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    Pair& pair = pairs_[i];
    pair.sender = &clients[2 * i];
    MqttClient& receiver = clients[2 * i + 1];
    pair.topic = im ? "im/u/" + receiver.user() + "/msg" : free_topic(run_name, i);
    receiver.take_publications([this, i](const Publication& publication) { on_received(i, publication); });
    pair.sender->take_pubacks([this, i](const Answer& answer) { on_puback(i, answer); });
    pair.sender->take_publications([this](const Publication& publication) {
      if (publication.topic.ends_with("/rcpt")) ++receipts_;
    });
  }
}

void MqttTraffic::want(std::size_t pair) {
  if (pairs_[pair].waiting) return;
  pairs_[pair].waiting = true;
  refill_.push_back(pair);
}

void MqttTraffic::begin(long count) {
  wanted_ = count;
  due_ = sent_ = received_ = duplicates_ = strays_ = errors_ = acked_ = receipts_ = 0;
  latencies_ = {};
  latencies_.reserve(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    Pair& pair = pairs_[i];
    pair.to_send = shape_.rate > 0 ? 0 : (count + static_cast<long>(i)) / shape_.pairs;  // adds up to `count`
    want(i);
  }
  started_ = last_arrival_ = Clock::now();
}

MqttTraffic::End MqttTraffic::run(long count, Clock::time_point limit) {
  begin(count);
  const auto finished = [this] {
    refill();
    return is_over();
  };
  const bool in_time = shape_.rate > 0 ? run_by_rate(limit) : poller_.run_until(finished, limit);
  end_ = done() ? End::all_arrived : in_time ? End::stalled : End::time_limit;
  for (Pair& pair : pairs_) {
    pair.to_send = pair.under_way = pair.unacked = 0;
    pair.waiting = false;
    pair.due.clear();
  }
  refill_.clear();
  return end_;
}

// Never sleeps: a turn of epoll's milliseconds would be most of the latency.
bool MqttTraffic::run_by_rate(Clock::time_point limit) {
  while (!is_over()) {
    const Clock::time_point now = Clock::now();
    if (now >= limit) return false;
    make_due(now);
    refill();
    poller_.turn(std::chrono::milliseconds(0));
  }
  return true;
}

// A message's latency counts from when it was due, not from when there was time or room for it.
void MqttTraffic::make_due(Clock::time_point now) {
  for (; due_ < wanted_; ++due_) {
    const Clock::time_point at = started_ + std::chrono::nanoseconds(due_ * 1'000'000'000 / shape_.rate);
    if (at > now) return;
    const auto pair = static_cast<std::size_t>(due_ % shape_.pairs);
    pairs_[pair].due.push_back(at);
    ++pairs_[pair].to_send;
    want(pair);
  }
}

bool MqttTraffic::is_over() const {
  return done() || Clock::now() - last_arrival_ > shape_.stall;
}

bool MqttTraffic::done() const {
  return received_ + errors_ >= wanted_ && (shape_.qos == 0 || acked_ >= wanted_);
}

bool MqttTraffic::may_send(const Pair& pair) const {
  const bool room = shape_.rate > 0 || pair.under_way < shape_.window;
  return pair.to_send > 0 && room && pair.unacked < pair.sender->receive_maximum();
}

// Between two turns of the loop: what a turn made room for leaves together.
void MqttTraffic::refill() {
  for (const std::size_t at : refill_) {
    Pair& pair = pairs_[at];
    pair.waiting = false;
    while (may_send(pair)) send_one(pair);
  }
  refill_.clear();
}

void MqttTraffic::send_one(Pair& pair) {
  Clock::time_point sent = Clock::now();
  if (shape_.rate > 0) {
    sent = pair.due.front();
    pair.due.pop_front();
  }
  const std::size_t number = pair.arrived.size() * pairs_.size() + static_cast<std::size_t>(&pair - pairs_.data());
  payload_.clear();
  if (shape_.payload == MqttPayload::json) payload_ += R"({"body":")";
  if (shape_.payload == MqttPayload::cid) {
    payload_ += R"({"cid":")" + run_name_ + "." + std::to_string(number) + R"(","body":")";
  }
  stamp_.write(payload_, number, sent, static_cast<std::size_t>(shape_.payload_bytes));
  if (shape_.payload != MqttPayload::text) payload_ += "\"}";
  pair.sender->publish({.topic = pair.topic, .payload = payload_, .qos = shape_.qos});
  pair.arrived.push_back(false);
  --pair.to_send;
  ++pair.under_way;
  if (shape_.qos > 0) ++pair.unacked;
  ++sent_;
}

void MqttTraffic::on_received(std::size_t at, const Publication& publication) {
  Pair& pair = pairs_[at];
  const std::optional<Stamp::Read> stamp = stamp_.find(publication.payload);
  if (!stamp) return;
  const std::size_t number = stamp->number / pairs_.size();
  if (stamp->number % pairs_.size() != at || number >= pair.arrived.size()) {
    ++strays_;
    return;
  }
  if (pair.arrived[number]) {
    ++duplicates_;
    return;
  }
  pair.arrived[number] = true;
  ++received_;
  last_arrival_ = Clock::now();
  const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(last_arrival_ - stamp->sent);
  latencies_.add(static_cast<std::uint32_t>(taken.count()));
  --pair.under_way;
  want(at);
}

void MqttTraffic::on_puback(std::size_t at, const Answer& answer) {
  Pair& pair = pairs_[at];
  ++acked_;
  --pair.unacked;
  last_arrival_ = Clock::now();
  if (answer.reason >= kRefused) {
    ++errors_;
    --pair.under_way;
  }
  want(at);
}

double MqttTraffic::seconds() const {
  return std::chrono::duration<double>(last_arrival_ - started_).count();
}

void MqttTraffic::report(Report& to) {
  to.add("sent", sent_);
  to.add("received", received_);
  // What is still on its way when time is up isn't lost.
  const long missing = sent_ - received_ - errors_;
  to.add("end", end_ == End::all_arrived ? "all arrived" : end_ == End::stalled ? "stalled" : "time limit");
  to.add("lost", end_ == End::time_limit ? 0L : missing);
  if (end_ == End::time_limit) to.add("under_way", missing);
  to.add("duplicates", duplicates_);
  if (strays_ > 0) to.add("strays", strays_);
  to.add("errors", errors_);
  if (shape_.qos > 0) to.add("acked", acked_);
  if (receipts_ > 0) to.add("receipts", receipts_);
  to.add("run_seconds", seconds());
  to.add("messages_per_second", static_cast<double>(received_) / seconds());
  latencies_.report(to);
}

}  // namespace confab::load
