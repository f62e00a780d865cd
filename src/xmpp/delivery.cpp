// What comes back from the domain: replies, and events on their way to the client.
#include <algorithm>

#include "names/names.h"
#include "xmpp/forwarded.h"
#include "xmpp/map.h"
#include "xmpp/message.h"
#include "xmpp/presence.h"
#include "xmpp/roster.h"
#include "xmpp/session.h"
#include "xmpp/wire.h"

namespace confab::xmpp {

void Session::on_reply(session::RequestId id, const core::Reply& reply, Outbox& out) {
  Request request = requests_.take(id);
  if (phase_ == Phase::over) return;
  scratch().clear();
  const auto* refused = std::get_if<core::Refused>(&reply);
  switch (request.kind) {
    case Request::Kind::none:
      return;
    case Request::Kind::silent:
      break;
    case Request::Kind::login:
      if (login_ != nullptr) perform(login_->on_reply(reply), out);
      if (login_ != nullptr && login_->held_failure.empty()) go_on(kWaitLogin, out);
      return;
    case Request::Kind::enrol:
      on_enrolled(request, reply, out);
      return go_on(kWaitLogin, out);
    case Request::Kind::bind:
      on_bound(request, reply, out);
      return go_on(kWaitLogin, out);
    case Request::Kind::message:
    case Request::Kind::presence:
    case Request::Kind::forward:
      if (refused != nullptr) on_refused(request, *refused, out);
      break;
    case Request::Kind::iq:
      on_iq_reply(std::move(request), reply, out);
      break;
    case Request::Kind::archive:
      on_iq_reply(std::move(request), reply, out);
      on_archive_answered(out);
      break;
    case Request::Kind::roster:
      on_roster(request, reply, out);
      break;
  }
  if (sm_ != nullptr && sm_->answer_wanted) answer_ack_request(out);
  if (requests_.size() < site_.config.requests_under_way / 2 + 1) go_on(kWaitReplies, out);
}

void Session::on_refused(const Request& request, const core::Refused& refused, Outbox& out) {
  std::string_view name = "message";
  if (request.kind == Request::Kind::presence) name = "presence";
  if (request.kind == Request::Kind::forward) name = "iq";
  const bool foreign = split_address(request.to).domain != site_.config.domain;
  const StanzaError error = delivery_error_of(refused.code, foreign && !request.to.empty());
  xml::Element& answer = make_error(scratch(), name, request.id, request.to, error).set("to", full_);
  if (refused.code == Errc::not_allowed) {  // the sender's own block list (XEP-0191 §3.3)
    answer.child("error", kClientNs)->add("blocked", "urn:xmpp:blocking:errors");
  }
  send(answer, out);
}

void Session::on_iq_reply(Request request, const core::Reply& reply, Outbox& out) {
  Address to;
  if (!request.to.empty()) to = names::parse_address(request.to).value_or(Address());
  const Place here = place();
  Iq iq(here, scratch(), request.iq_type, to, request.iq_to, request.id);
  const auto* refused = std::get_if<core::Refused>(&reply);
  if (refused != nullptr && !request.refusals_too) {
    iq.error(refused->code);
  } else if (request.then) {
    request.then(reply, iq);
  } else {
    iq.result();
  }
  answer_iq(iq, request.to, request.told, out);
}

void Session::on_roster(const Request& request, const core::Reply& reply, Outbox& out) {
  const auto* roster = std::get_if<core::RosterItems>(&reply);
  if (roster == nullptr) {
    const auto* refused = std::get_if<core::Refused>(&reply);
    const StanzaError error = refused != nullptr ? stanza_error_of(refused->code) : kInternalServerError;
    return send(make_error(scratch(), "iq", request.id, request.to, error).set("to", full_), out);
  }
  xml::Element& answer = scratch().make("iq", kClientNs);
  if (!request.to.empty()) answer.set("from", request.to);
  answer.set("to", full_).set("id", request.id).set("type", "result");
  write_roster(*roster, answer);
  send(answer, out);
  if (roster->full) return;
  for (const core::RosterItem& item : roster->items) push_roster(item, item.version, out);
}

void Session::push_roster(const core::RosterItem& item, std::uint64_t version, Outbox& out) {
  if (!item.listed && !item.deleted) return;  // RFC 6121 §3.1.3: a mere request is not in the roster
  xml::Element& push = scratch().make("iq", kClientNs);
  push.set("to", full_).set("id", random_id(site_.random)).set("type", "set");
  write_roster_push(item, version, push);
  send(push, out);
}

void Session::on_delivery(const core::Delivery& delivery, Outbox& out) {
  if (phase_ == Phase::over || !bound_ || delivery.event == nullptr) return;
  if (delivery.paged) backlog_ = true;
  const core::Body& body = delivery.event->body;
  if (std::holds_alternative<core::Published>(body) || std::holds_alternative<core::Listening>(body)) {
    return tell(delivery, out);
  }
  scratch().clear();
  const Place here = place();
  deliver(Outbound{here, delivery, *delivery.event}, out);
}

void Session::deliver(const Outbound& outbound, Outbox& out) {
  const core::Event& event = outbound.event;
  const Upos seq = outbound.delivery.seq;
  if (const auto* change = std::get_if<core::RosterChange>(&event.body)) {
    push_roster(change->item, change->version, out);
    return note_delivered(seq, out);
  }
  if (deliver_push(outbound, out)) return note_delivered(seq, out);
  if (const auto* presence = std::get_if<core::Presence>(&event.body)) {
    xml::Element& stanza = scratch().make("presence", kClientNs);
    write_presence(outbound, *presence, stanza);
    site_.extensions.write_body(outbound, stanza);
    write_annex(event, stanza);
    return send(stanza, out, seq);
  }
  if (const auto* subscription = std::get_if<core::Subscription>(&event.body)) {
    xml::Element& stanza = scratch().make("presence", kClientNs);
    write_subscription(outbound, *subscription, stanza);
    write_annex(event, stanza);
    send(stanza, out, seq);
    return greet(*subscription, event.from, out);
  }
  if (std::holds_alternative<core::Opaque>(event.body)) {
    const core::AnnexItem* type = core::find(event.annex, core::Wire::xmpp, "iq");
    if (type == nullptr) return note_delivered(seq, out);  // another wire's business
    xml::Element& iq = scratch().make("iq", kClientNs).set("from", to_string(event.from));
    iq.set("to", full_).set("id", event.cid).set("type", type->bytes);
    write_annex(event, iq);
    return send(iq, out, seq);
  }
  // What was taken back before it got here was never here; how far the person has read, only some clients want to know.
  if (!is_message(site_.extensions, event) || std::holds_alternative<core::Withdrawn>(event.body) ||
      !is_wanted(event)) {
    return note_delivered(seq, out);
  }
  if (outbound.delivery.copy || outbound.delivery.own) return deliver_copy(outbound, out);
  xml::Element& stanza = scratch().make("message", kClientNs);
  write_stanza(outbound, stanza);
  send(stanza, out, seq);
}

// XEP-0280 §7 and §8: of what another session of the account was sent, or sent.
void Session::deliver_copy(const Outbound& outbound, Outbox& out) {
  const Upos seq = outbound.delivery.seq;
  const bool wanted =
      outbound.delivery.copy && core::find(outbound.event.annex, core::Wire::xmpp, kNoCopyKey) == nullptr;
  if (!wanted) return note_delivered(seq, out);
  xml::Element& stanza = scratch().make("message", kClientNs);
  stanza.set("from", to_string(me_.bare())).set("to", full_);
  xml::Element& side = stanza.add(outbound.delivery.own ? "sent" : "received", "urn:xmpp:carbons:2");
  const std::string_view type = write_forwarded(outbound, side);
  if (!type.empty()) stanza.set("type", type);
  send(stanza, out, seq);
}

bool Session::deliver_push(const Outbound& outbound, Outbox& out) {
  if (!site_.extensions.pushes(outbound.event)) return false;
  xml::Element& push = scratch().make("iq", kClientNs);
  push.set("to", full_).set("id", random_id(site_.random)).set("type", "set");
  if (site_.extensions.write_push(outbound, push)) send(push, out);
  return true;
}

// A row of the log that made no stanza of its own is with the client once the one before it is.
void Session::note_delivered(Upos seq, Outbox& out) {
  if (seq == 0) return;
  if (sm_ == nullptr) {
    delivered_ = seq;
  } else if (sm_->queue.raise_seq(seq)) {
    if (!detached_) request_ack(out);  // nothing else may come that would ask
  } else {
    out.submit(0, core::Acknowledge{seq});
    if (std::exchange(backlog_, false)) out.submit(0, core::WantBacklog{});
  }
}

}  // namespace confab::xmpp
