#include "traffic.h"

#include <charconv>

#include "markup.h"

namespace confab::load {
namespace {

template <class Number>
Number read_whole(std::string_view text, Number otherwise) {
  Number value = otherwise;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

// Everything after the id. The hint is XEP-0334's: an archive doesn't keep it.
std::string make_tail(const TrafficShape& shape) {
  const bool hint = !shape.stored && !shape.headline;
  return "'><body>" + std::string(static_cast<std::size_t>(shape.body_bytes), 'x') + "</body>" +
         (hint ? "<no-store xmlns='urn:xmpp:hints'/>" : "") + "</message>";
}

}  // namespace

Traffic::Traffic(Poller& poller, Crowd& crowd, TrafficShape shape, const std::string& run_name)
    : poller_(poller), shape_(shape), id_prefix_(run_name + "-"), tail_(make_tail(shape)) {
  pairs_.resize(static_cast<std::size_t>(shape.pairs));
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    Pair& pair = pairs_[i];
    pair.sender = &crowd[2 * i];
    pair.receiver = &crowd[2 * i + 1];
    pair.base = pair.sender->counted_before_ready();
    const std::string to =
        shape.to_bare || pair.receiver->jid().empty() ? pair.receiver->bare_jid() : pair.receiver->jid();
    pair.head = "<message type='" + std::string(shape.headline ? "headline" : "chat") + "' to='" + escape_xml(to) +
                "' id='" + id_prefix_;
    pair.receiver->take_stanzas([this, i](Client&, std::string_view stanza) { on_received(i, stanza); });
    pair.sender->take_stanzas([this, i](Client&, std::string_view stanza) { on_sender_stanza(i, stanza); });
  }
}

void Traffic::want(std::size_t pair) {
  if (pairs_[pair].waiting) return;
  pairs_[pair].waiting = true;
  refill_.push_back(pair);
}

void Traffic::begin(long count) {
  wanted_ = count;
  sent_ = received_ = duplicates_ = errors_ = acked_ = 0;
  latencies_ = {};
  latencies_.reserve(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    Pair& pair = pairs_[i];
    pair.to_send = (count + static_cast<long>(i)) / shape_.pairs;  // adds up to `count`
    const std::size_t room = pair.sent_at.size() + static_cast<std::size_t>(pair.to_send);
    pair.sent_at.reserve(room);
    pair.arrived.reserve(room);
    want(i);
  }
  started_ = last_arrival_ = Clock::now();
}

Traffic::End Traffic::run(long count, Clock::time_point limit) {
  begin(count);
  const auto finished = [this] {
    refill();
    return done() || Clock::now() - last_arrival_ > shape_.stall;
  };
  const bool in_time = poller_.run_until(finished, limit);
  end_ = done() ? End::all_arrived : in_time ? End::stalled : End::time_limit;
  for (Pair& pair : pairs_) pair.to_send = pair.under_way = 0;
  refill_.clear();
  for (Pair& pair : pairs_) pair.waiting = false;
  return end_;
}

bool Traffic::done() const {
  return received_ + errors_ >= wanted_ && (!shape_.acks || acked_ >= wanted_);
}

// Between two turns of the loop: what a turn made room for leaves together.
void Traffic::refill() {
  for (const std::size_t at : refill_) {
    Pair& pair = pairs_[at];
    pair.waiting = false;
    const long before = pair.to_send;
    while (pair.to_send > 0 && pair.under_way < shape_.window) send_one(pair);
    if (shape_.acks && pair.to_send != before) pair.sender->send("<r xmlns='urn:xmpp:sm:3'/>");
  }
  refill_.clear();
}

void Traffic::send_one(Pair& pair) {
  const std::string id = std::to_string(pair.sent_at.size());
  pair.sender->send(pair.head);
  pair.sender->send(id);
  pair.sender->send(tail_);
  pair.sent_at.push_back(Clock::now());
  pair.arrived.push_back(false);
  --pair.to_send;
  ++pair.under_way;
  ++sent_;
}

void Traffic::on_received(std::size_t at, std::string_view stanza) {
  if (element_name(stanza) != "message") return;
  const std::string_view id = attribute(stanza, "id");
  if (!id.starts_with(id_prefix_)) return;
  Pair& pair = pairs_[at];
  const auto number = read_whole<std::size_t>(id.substr(id_prefix_.size()), pair.arrived.size());
  if (number >= pair.arrived.size()) return;
  if (pair.arrived[number]) {
    ++duplicates_;
    return;
  }
  pair.arrived[number] = true;
  ++received_;
  last_arrival_ = Clock::now();
  const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(last_arrival_ - pair.sent_at[number]);
  latencies_.add(static_cast<std::uint32_t>(taken.count()));
  --pair.under_way;
  want(at);
}

void Traffic::on_sender_stanza(std::size_t at, std::string_view stanza) {
  Pair& pair = pairs_[at];
  const std::string_view name = element_name(stanza);
  if (name == "a") {
    const auto h = read_whole<unsigned long>(attribute(stanza, "h"), 0);
    if (h <= pair.base) return;
    acked_ += static_cast<long>(h - pair.base);
    pair.base = h;
    last_arrival_ = Clock::now();
  } else if (name == "message" && attribute(stanza, "type") == "error") {
    ++errors_;
    --pair.under_way;
    want(at);
  }
}

double Traffic::seconds() const {
  return std::chrono::duration<double>(last_arrival_ - started_).count();
}

void Traffic::report(Report& to) {
  to.add("sent", sent_);
  to.add("received", received_);
  // What is still on its way when time is up isn't lost.
  const long missing = sent_ - received_ - errors_;
  to.add("end", end_ == End::all_arrived ? "all arrived" : end_ == End::stalled ? "stalled" : "time limit");
  to.add("lost", end_ == End::time_limit ? 0L : missing);
  if (end_ == End::time_limit) to.add("under_way", missing);
  to.add("duplicates", duplicates_);
  to.add("errors", errors_);
  if (shape_.acks) to.add("acked", acked_);
  to.add("run_seconds", seconds());
  to.add("messages_per_second", static_cast<double>(received_) / seconds());
  latencies_.report(to);
}

}  // namespace confab::load
