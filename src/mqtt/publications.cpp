// PUBLISH both ways, and what acknowledges it (MQTT 5 §3.3 to §3.7, §4.3, §4.4, §4.9).
#include <algorithm>

#include "mqtt/session.h"
#include "mqtt/timers.h"

namespace confab::mqtt {
namespace {
constexpr std::int64_t kBurstUs = 10'000'000;
}

using session::CloseReason;

bool Session::pay(Outbox& out) {
  const std::uint32_t rate = site_.config.messages_per_second;
  if (rate == 0) return true;
  const std::int64_t now_us = heard_.ms * 1000;
  paid_until_us_ = std::max(paid_until_us_, now_us) + 1'000'000 / rate;
  const std::int64_t over_us = paid_until_us_ - now_us - kBurstUs;
  if (over_us <= 0) return true;
  wait(kWaitRate, out);
  out.arm(kRateTimer, milliseconds(over_us / 1000 + 1));
  return false;
}

void Session::on_publish(const Publish& publish, Outbox& out) {
  Publish named = publish;
  if (publish.topic_alias) {
    const std::string* name = receiving_.name_of_alias(*publish.topic_alias, publish.topic, site_.config.topic_aliases);
    // §3.3.2-8, §3.3.4: over our maximum; a number that was never told.
    const bool over = *publish.topic_alias > site_.config.topic_aliases;
    if (name == nullptr) {
      return end(over ? Reason::topic_alias_invalid : Reason::protocol_error, CloseReason::violation, out);
    }
    named.topic = *name;
  }
  if (publish.qos > 0) {
    const Receiving::Kind kind = receiving_.begin(publish.id, publish.qos);
    if (kind == Receiving::Kind::waiting) return;
    if (kind == Receiving::Kind::answered)
      return send(Ack{Ack::Kind::pubrec, publish.id, Reason::success, {}, {}}, out);
    // §3.3.4-7.
    if (is_v5() && receiving_.under_way() > site_.config.receive_maximum) {
      return end(Reason::receive_maximum_exceeded, CloseReason::violation, out);
    }
  }
  pay(out);
  if (!has_valid_payload(named)) {
    if (publish.qos == 0) return end(Reason::payload_format_invalid, CloseReason::violation, out);
    return settle(publish.id, publish.qos, Reason::payload_format_invalid, out);
  }
  profile_->on_publish(named, out);
}

void Session::settle(PacketId id, std::uint8_t qos, Reason reason, Outbox& out) {
  if (qos == 0 || phase_ == Phase::over) return;
  receiving_.settle(id, qos, reason);
  send_settled(out);
}

void Session::send_settled(Outbox& out) {
  while (const std::optional<Ack> ack = receiving_.next()) write(*ack, who_.level, out.bytes());
}

void Session::on_ack(const Ack& ack, Outbox& out) {
  const bool failed = static_cast<unsigned>(ack.reason) >= 0x80;
  if (ack.kind == Ack::Kind::pubrel) return on_release(ack, out);
  std::optional<UnderWay> over;
  if (ack.kind == Ack::Kind::puback) {
    over = sending_.end(ack.id, 1);
    if (over) profile_->on_taken(*over, out);
  } else if (ack.kind == Ack::Kind::pubcomp) {
    over = sending_.complete(ack.id);
  } else if (failed) {
    // §4.3.3: the receiver does not want it; that is the end of it.
    over = sending_.end(ack.id, 2);
    if (over) profile_->on_taken(*over, out);
  } else {
    bool again = false;
    const UnderWay* released = sending_.release(ack.id, again);
    Ack answer{Ack::Kind::pubrel, ack.id, Reason::success, {}, {}};
    if (released == nullptr) answer.reason = Reason::packet_identifier_not_found;
    write(answer, who_.level, out.bytes());
    if (released != nullptr && !again) profile_->on_taken(UnderWay(*released), out);
    return;
  }
  if (over && phase_ == Phase::open) profile_->on_room(out);
}

void Session::on_release(const Ack& ack, Outbox& out) {
  Ack answer{Ack::Kind::pubcomp, ack.id, Reason::success, {}, {}};
  if (receiving_.release(ack.id)) {
    profile_->on_released(ack.id, out);
  } else {
    answer.reason = Reason::packet_identifier_not_found;
  }
  write(answer, who_.level, out.bytes());
}

bool Session::publish(Publish& publish, std::uint64_t token, Outbox& out, PacketId wanted) {
  if (phase_ == Phase::over) return false;
  if (publish.qos > 0) publish.id = sending_.begin(publish.qos, token, wanted);
  const std::string_view topic = publish.topic;
  const Sending::Alias alias = is_v5() ? sending_.alias(topic) : Sending::Alias();
  if (alias.number != 0) publish.topic_alias = alias.number;
  if (alias.known) publish.topic = {};
  const bool sent = write(publish, who_.level, out.bytes(), who_.maximum_packet_size);
  publish.topic = topic;
  if (!sent && alias.number != 0 && !alias.known) sending_.unlearn(alias.number);
  if (sent || publish.qos == 0) return sent;
  // §3.1.2-25: what is too long for the client is as if it had been sent.
  if (const auto over = sending_.end(publish.id, publish.qos)) profile_->on_taken(*over, out);
  return false;
}

void Session::on_disconnect(const Disconnect& disconnect, Outbox& out) {
  // §3.14.2.2.2: what began as a session without a life of its own cannot get one at its end.
  if (disconnect.session_expiry.value_or(0) != 0 && who_.expiry == 0) {
    return end(Reason::protocol_error, CloseReason::violation, out);
  }
  clean_ = true;
  if (phase_ == Phase::open) {
    // §3.1.2.5: with any other reason the will is said.
    profile_->on_close(disconnect.reason != Reason::success, disconnect.session_expiry, out);
  }
  phase_ = Phase::over;
  out.close(CloseReason::finished);
}

}  // namespace confab::mqtt
