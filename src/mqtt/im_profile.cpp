#include "mqtt/im_profile.h"

#include <algorithm>

#include "api/topic_name.h"
#include "auth/hash.h"
#include "topics/filter.h"

namespace confab::mqtt {
namespace {

Reason reason_of(Errc code) {
  switch (code) {
    case Errc::bad_payload:
    case Errc::bad_frame:
      return Reason::payload_format_invalid;
    case Errc::bad_address:
    case Errc::unsupported:
      return Reason::topic_name_invalid;
    case Errc::too_big:
    case Errc::too_fast:
    case Errc::no_space:
      return Reason::quota_exceeded;
    case Errc::no_message:
      return Reason::implementation_specific;
    case Errc::unavailable:
    case Errc::closed:
      return Reason::unspecified;
    default:
      return Reason::not_authorized;  // whether there is such a person is not told
  }
}

bool may_pass(Errc code) {
  return code == Errc::unavailable || code == Errc::no_space || code == Errc::closed || code == Errc::too_fast;
}

// Without a name of its own a message is told from its repeat by where it stood (wire-mqtt.md §4).
core::DedupeKey key_of(const Publish& publish, const std::string& client, bool resumed) {
  std::string key = "p:" + client + ":" + std::to_string(publish.id) + ":";
  std::string text(publish.topic);
  text.append(1, '\n').append(publish.payload);
  key += auth::digest(auth::Hash::sha256, text).substr(0, 16);
  return {.key = std::move(key), .kept = seconds(86'400), .fresh = !(publish.dup && resumed)};
}

}  // namespace

void ImProfile::on_publish(const Publish& publish, Outbox& out) {
  const api::Incoming in{publish.topic, publish.payload, publish.properties.content_type,
                         publish.properties.correlation.value_or(std::string_view()), publish.properties.expiry};
  const std::string_view response = publish.properties.response_topic;
  Result<api::Said> said = api::read(in, viewer_, session_.site().config.message_bytes);
  if (said && !response.empty() && !topics::covers(api::person_topic(viewer_.me, "#", viewer_), response)) {
    said = fail(Errc::unsupported, "response topic");
  }
  if (!said) {
    const bool no_topic = said.error().code == Errc::not_found;
    const Reason reason = no_topic ? Reason::topic_name_invalid : reason_of(said.error().code);
    return refuse({publish.id, publish.qos, api::named_in(in)}, said.error(), reason, out);
  }
  on_said(std::move(*said), publish, out);
}

void ImProfile::on_said(api::Said said, const Publish& publish, Outbox& out) {
  const auto settled = [this, asked = Asked{publish.id, publish.qos, {}}](const core::Reply& reply, Outbox& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) {
      return refuse(asked, Error{refused->code, refused->text}, reason_of(refused->code), then);
    }
    session_.settle(asked.id, asked.qos, Reason::success, then);
  };
  if (auto* message = std::get_if<core::Send>(&said)) return send(std::move(*message), publish, out);
  if (auto* marker = std::get_if<core::SetReadMarker>(&said)) return session_.ask(std::move(*marker), out, settled);
  if (auto* listening = std::get_if<core::SetListening>(&said)) {
    return session_.ask(std::move(*listening), out, settled);
  }
  if (const auto* change = std::get_if<api::PresenceChange>(&said)) {
    auto next = std::make_unique<core::Event>(own_presence());
    // What was said of the signature is the account's: it need not be said again.
    std::get<core::Presence>(next->body).signature.clear();
    api::apply(*change, *next);
    said_ = std::move(next);
    return set_presence(*said_, out, settled);
  }
  call(std::move(std::get<api::Request>(said)), publish, out);
}

void ImProfile::send(core::Send send, const Publish& publish, Outbox& out) {
  Asked asked{publish.id, publish.qos, send.event.cid};
  if (send.dedupe.key.empty() && publish.qos > 0 && core::is_kept(send.event)) {
    send.dedupe = key_of(publish, viewer_.me.resource, resumed_);
  }
  session_.ask(std::move(send), out, [this, asked = std::move(asked)](const core::Reply& reply, Outbox& then) {
    on_sent(asked, reply, then);
  });
}

// rulings.md, "the sender learns the id".
void ImProfile::on_sent(const Asked& asked, const core::Reply& reply, Outbox& out) {
  if (const auto* refused = std::get_if<core::Refused>(&reply)) {
    return refuse(asked, Error{refused->code, refused->text}, reason_of(refused->code), out);
  }
  session_.settle(asked.id, asked.qos, Reason::success, out);
  const auto* sent = std::get_if<core::Sent>(&reply);
  if (sent != nullptr && !asked.cid.empty() && sent->seq + (sent->duplicate ? 1 : 0) != 0) {
    tell(api::write_sent(asked.cid, *sent, viewer_), out);
  }
}

// 3.1.1 has no acknowledgement that says no: it is told on `res`, as it is to everybody who named what was refused.
// What may be tried again is not acknowledged at all.
void ImProfile::refuse(const Asked& asked, const Error& error, Reason reason, Outbox& out) {
  const bool told_by_ack = session_.is_v5() && asked.qos > 0;
  if (!session_.is_v5() && asked.qos > 0 && may_pass(error.code)) {
    return session_.end(Reason::server_busy, session::CloseReason::violation, out);
  }
  session_.settle(asked.id, asked.qos, reason, out);
  if (!told_by_ack || !asked.cid.empty()) tell(api::write_refused(asked.cid, error, viewer_), out);
}

void ImProfile::on_end(session::CloseReason reason, Outbox& out) {
  std::string_view what = "closed";
  if (reason == session::CloseReason::replaced) what = "replaced";
  if (reason == session::CloseReason::removed) what = "removed";
  if (reason == session::CloseReason::shutdown) what = "shutdown";
  if (auto_) send_made(api::write_device(what, viewer_), false, out);
}

void ImProfile::say_will(Outbox& out) {
  // Rights are looked at now, not when the will was made.
  const Result<api::Said> said = api::read({will_->topic, will_->payload, will_->content_type, {}, std::nullopt},
                                           viewer_, session_.site().config.message_bytes);
  if (!said) return;
  if (const auto* send = std::get_if<core::Send>(&*said)) out.submit(0, core::Send(*send));
}

void ImProfile::on_close(bool will, std::optional<std::uint32_t> expiry, Outbox& out) {
  if (!held_token_.empty() && will) {
    detached_ = true;
    return out.submit(0, core::SetAttached{false});
  }
  core::CloseSession close{.clean = !will, .last_word = {}, .grace = {}, .expiry = expiry};
  if (will && will_ != nullptr) {
    if (will_->presence == nullptr) {
      say_will(out);
    } else {
      close.last_word = will_->presence;
      if (will_->delay > 0) close.grace = seconds(will_->delay);
    }
  }
  out.submit(0, std::move(close));
}

void ImProfile::on_expired(Outbox& out) {
  if (!std::exchange(detached_, false)) return;
  say_will(out);
  out.submit(0, core::CloseSession{.clean = false, .last_word = {}, .grace = seconds(0), .expiry = {}});
}

std::size_t ImProfile::memory() const {
  std::size_t filters = 0;
  for (const std::string& filter : filters_) filters += sizeof(filter) + filter.capacity();
  return sizeof(*this) + filters + waiting_bytes_ + rows_.capacity() * sizeof(Row) + waiting_.size() * sizeof(Waiting) +
         (said_ == nullptr ? 0 : sizeof(core::Event)) + (will_ == nullptr ? 0 : sizeof(LastWill));
}

}  // namespace confab::mqtt
