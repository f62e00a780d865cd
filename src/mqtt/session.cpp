#include "mqtt/session.h"

#include "mqtt/map.h"
#include "mqtt/reasons.h"
#include "mqtt/timers.h"

namespace confab::mqtt {
namespace {

constexpr std::size_t kRequestsUnderWay = 2000;  // beyond it reading pauses

Reason reason_of(session::CloseReason reason) {
  switch (reason) {
    case session::CloseReason::shutdown:
      return Reason::server_shutting_down;
    case session::CloseReason::replaced:
      return Reason::session_taken_over;
    case session::CloseReason::removed:
      return Reason::not_authorized;
    case session::CloseReason::timed_out:
      return Reason::keep_alive_timeout;
    case session::CloseReason::slow_reader:
      return Reason::quota_exceeded;
    default:
      return Reason::unspecified;
  }
}

// What a login ends with is CONNACK's to say; of one that is not the first DISCONNECT has to say it otherwise.
Reason in_disconnect(Reason reason) {
  if (may_say(Type::disconnect, reason, From::server)) return reason;
  return reason == Reason::bad_user_name_or_password ? Reason::not_authorized : Reason::unspecified;
}

}  // namespace

using session::CloseReason;

Session::Session(const Site& site, MakeProfile make_profile, bool anonymous, std::uint16_t keep_alive_max)
    : site_(site),
      reader_(site.config.packet_bytes_before),
      profile_(make_profile(*this)),
      keep_alive_max_(keep_alive_max),
      anonymous_(anonymous) {}

void Session::on_open(const session::PeerInfo& peer, Outbox& out) {
  peer_ = peer;
  out.arm(kLoginTimer, site_.config.login_time);
}

void Session::on_secured(const session::TlsInfo&, Outbox&) {
  secure_ = true;
}

void Session::on_bytes(ByteSpan bytes, Outbox& out) {
  if (phase_ == Phase::over) return;
  if (wait_ != 0 && reader_.buffered() > site_.config.packet_bytes()) {
    return end(Reason::quota_exceeded, CloseReason::violation, out);
  }
  heard_ = site_.now().mono;
  reader_.feed(as_text(bytes));
  drain(out);
}

void Session::drain(Outbox& out) {
  while (wait_ == 0 && phase_ != Phase::over) {
    const Result<std::optional<Packet>> packet = reader_.next();
    if (!packet) return fail(out);
    if (!*packet) return;
    take(**packet, out);
  }
  if (phase_ != Phase::over) reader_.keep();
}

void Session::take(const Packet& packet, Outbox& out) {
  if (phase_ == Phase::open) return take_open(packet, out);
  if (phase_ == Phase::connect) {
    if (const auto* connect = std::get_if<Connect>(&packet)) return on_connect(*connect, out);
    return finish(CloseReason::violation, out);  // §3.1.0-1: the first packet is CONNECT
  }
  if (const auto* auth = std::get_if<Auth>(&packet); auth != nullptr && phase_ == Phase::login) {
    return on_auth(*auth, out);
  }
  if (const auto* leave = std::get_if<Disconnect>(&packet)) return on_disconnect(*leave, out);
  refuse(Reason::protocol_error, out);  // §4.12.0-4: nothing but AUTH before CONNACK
}

void Session::take_open(const Packet& packet, Outbox& out) {
  if (const auto* publish = std::get_if<Publish>(&packet)) {
    on_publish(*publish, out);
  } else if (const auto* ack = std::get_if<Ack>(&packet)) {
    on_ack(*ack, out);
  } else if (const auto* subscribe = std::get_if<Subscribe>(&packet)) {
    profile_->on_subscribe(*subscribe, out);
  } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&packet)) {
    profile_->on_unsubscribe(*unsubscribe, out);
  } else if (std::holds_alternative<Pingreq>(packet)) {
    send(Pingresp{}, out);
  } else if (const auto* leave = std::get_if<Disconnect>(&packet)) {
    on_disconnect(*leave, out);
  } else if (const auto* auth = std::get_if<Auth>(&packet)) {
    on_auth(*auth, out);
  } else {
    end(Reason::protocol_error, CloseReason::violation, out);  // §3.1.0-2: a second CONNECT
  }
}

// §4.13: the reason is told before the end, where the packet for it is there.
void Session::fail(Outbox& out) {
  // §3.1.0-2: a second CONNECT is one fault, whatever else is wrong with it.
  const bool second = reader_.failed_in_connect() && phase_ != Phase::connect;
  const Reason reason = second ? Reason::protocol_error : reader_.problem();
  if (phase_ == Phase::connect) {
    who_.level = reader_.level();
    if (!reader_.failed_in_connect()) return finish(CloseReason::violation, out);
    return refuse(reason, out);
  }
  end(reason, CloseReason::violation, out);
}

void Session::wait(Wait why, Outbox& out) {
  if (wait_ == 0) out.pause();
  wait_ |= why;
}

void Session::go_on(Wait why, Outbox& out) {
  if ((wait_ & why) == 0) return;
  wait_ = static_cast<std::uint8_t>(wait_ & ~why);
  if (wait_ != 0 || phase_ == Phase::over) return;
  out.resume();
  drain(out);
}

void Session::send(const Packet& packet, Outbox& out) {
  if (phase_ == Phase::over) return;
  if (write(packet, who_.level, out.bytes(), who_.maximum_packet_size)) return;
  // What answers the client cannot be left out as a message can: it would wait for ever.
  end(Reason::packet_too_large, CloseReason::violation, out);
}

void Session::ask(core::Command command, Outbox& out, Then then) {
  out.submit(asked_.add(std::move(then)), std::move(command));
  if (asked_.size() >= kRequestsUnderWay) wait(kWaitReplies, out);
}

void Session::on_reply(session::RequestId request, const core::Reply& reply, Outbox& out) {
  Then then = asked_.take(request);
  if (phase_ == Phase::over || !then) return;
  then(reply, out);
  if (asked_.size() < kRequestsUnderWay / 2) go_on(kWaitReplies, out);
}

void Session::on_delivery(const core::Delivery& delivery, Outbox& out) {
  if (phase_ == Phase::open && delivery.event != nullptr) profile_->on_delivery(delivery, out);
}

void Session::on_topic(const core::TopicDelivery& delivery, Outbox& out) {
  if (phase_ == Phase::open) profile_->on_topic(delivery, out);
}

void Session::on_flushed(Outbox& out) {
  if (phase_ == Phase::open) profile_->on_flushed(out);
}

// Whatever the client sends counts (§3.1.2.10); the timer looks only now and then whether something came.
void Session::watch(Outbox& out) {
  if (who_.keep_alive != 0) out.arm(kAliveTimer, milliseconds(1500 * who_.keep_alive));
}

void Session::on_silence(Outbox& out) {
  const milliseconds allowed(1500 * who_.keep_alive);
  const std::int64_t silent = site_.now().mono.ms - heard_.ms;
  // A client that is not read from cannot be blamed for its silence.
  if (silent >= allowed.count() && wait_ == 0) return end(Reason::keep_alive_timeout, CloseReason::timed_out, out);
  out.arm(kAliveTimer, wait_ != 0 ? allowed : milliseconds(allowed.count() - silent));
}

void Session::on_timer(session::TimerId timer, Outbox& out) {
  if (phase_ == Phase::over) return;
  if (timer == kLoginTimer && phase_ != Phase::open) {
    finish(CloseReason::timed_out, out);
  } else if (timer == kAnswerTimer) {
    answer_failure(out);
  } else if (timer == kRateTimer) {
    go_on(kWaitRate, out);
  } else if (timer == kAliveTimer && phase_ == Phase::open) {
    on_silence(out);
  }
}

void Session::end(Reason reason, CloseReason why, Outbox& out, std::string_view text) {
  if (phase_ == Phase::over) return;
  if (phase_ != Phase::open) return refuse(reason, out, text);
  if (is_v5()) {
    Disconnect disconnect;
    disconnect.reason = in_disconnect(reason);
    if (who_.problem_information) disconnect.reason_string = text;
    write(disconnect, who_.level, out.bytes(), who_.maximum_packet_size);
  }
  finish(why, out);
}

void Session::finish(CloseReason reason, Outbox& out) {
  if (phase_ == Phase::open) profile_->on_close(!clean_, std::nullopt, out);
  phase_ = Phase::over;
  out.close(reason);
}

void Session::on_end(CloseReason reason, Outbox& out) {
  if (phase_ == Phase::over) {
    // Kept for the will's sake, and replaced: there is nothing to be said any more.
    out.submit(0, core::CloseSession{false});
    return out.close(reason);
  }
  if (phase_ != Phase::open) return finish(reason, out);
  profile_->on_end(reason, out);
  end(reason_of(reason), reason, out);
}

void Session::on_close(CloseReason, Outbox& out) {
  if (phase_ == Phase::open) profile_->on_close(!clean_, std::nullopt, out);
  phase_ = Phase::over;
}

void Session::on_expired(Outbox& out) {
  profile_->on_expired(out);
}

std::size_t Session::memory() const {
  return sizeof(*this) + profile_->memory() + reader_.memory() + sending_.memory() + receiving_.memory() +
         who_.client_id.capacity() + (login_ == nullptr ? 0 : sizeof(Login)) +
         (opening_ == nullptr ? 0 : sizeof(Opening)) + asked_.size() * sizeof(Then);
}

}  // namespace confab::mqtt
