// The client's stanzas once it is bound (RFC 6120 §8, §10; RFC 6121 §8).
#include <algorithm>

#include "names/names.h"
#include "xmpp/map.h"
#include "xmpp/message.h"
#include "xmpp/presence.h"
#include "xmpp/roster.h"
#include "xmpp/session.h"
#include "xmpp/timers.h"
#include "xmpp/wire.h"

namespace confab::xmpp {
namespace {

constexpr std::int64_t kBurstUs = 10'000'000;  // ten seconds' worth at once

bool may_be_answered(const xml::Element& stanza) {
  const std::string_view type = stanza.attr("type");
  return type != "error" && (stanza.name() != "iq" || type != "result");  // RFC 6120 §8.3.1
}

}  // namespace

bool Session::is_own_address(std::string_view from) const {
  if (from == full_) return true;
  const Result<Address> address = names::parse_address(from);
  return address && address->same_bare(me_) && (address->is_bare() || address->resource == me_.resource);
}

// The generic cell rate algorithm. false: over the limit; reading pauses behind this stanza.
bool Session::pay(Outbox& out) {
  const std::uint32_t rate = site_.config.messages_per_second;
  if (rate == 0) return true;
  const std::int64_t now_us = site_.now().mono.ms * 1000;
  paid_until_us_ = std::max(paid_until_us_, now_us) + 1'000'000 / rate;
  const std::int64_t over_us = paid_until_us_ - now_us - kBurstUs;
  if (over_us <= 0) return true;
  wait(kWaitRate, out);
  out.arm(kRateTimer, milliseconds(over_us / 1000 + 1));
  return false;
}

Request Session::request_of(Request::Kind kind, const xml::Element& stanza) const {
  Request request;
  request.kind = kind;
  request.id = std::string(stanza.attr("id"));
  request.to = std::string(stanza.attr("to"));
  return request;
}

void Session::send_error(const xml::Element& stanza, StanzaError error, Outbox& out, std::string_view text) {
  if (!may_be_answered(stanza)) return;
  xml::Element& answer = make_error(scratch(), stanza, error, text);
  if (!full_.empty()) answer.set("to", full_);
  send(answer, out);
}

void Session::send_result(std::string_view id, std::string_view to, Outbox& out) {
  xml::Element& answer = scratch().make("iq", kClientNs);
  if (!to.empty()) answer.set("from", to);
  if (!full_.empty()) answer.set("to", full_);
  send(answer.set("id", id).set("type", "result"), out);
}

void Session::on_stanza(const xml::Element& stanza, Outbox& out) {
  if (stanza.ns() == kSmNs) return on_management(stanza, out);
  const bool message = stanza.name() == "message";
  const bool presence = stanza.name() == "presence";
  if (stanza.ns() != kClientNs || (!message && !presence && stanza.name() != "iq")) {
    return fail_stream("unsupported-stanza-type", out);  // RFC 6120 §4.9.3.24
  }
  const std::string_view from = stanza.attr("from");
  if (!from.empty() && !is_own_address(from)) return fail_stream("invalid-from", out);  // RFC 6120 §8.1.2.1
  pay(out);
  if (sm_ != nullptr) ++sm_->handled;
  Address to;
  if (const std::string_view text = stanza.attr("to"); !text.empty()) {
    Result<Address> address = names::parse_address(text);
    if (!address) return send_error(stanza, kJidMalformed, out);
    to = std::move(*address);
  }
  if (message) return on_message(stanza, std::move(to), out);
  if (presence) return on_presence(stanza, std::move(to), out);
  on_iq(stanza, std::move(to), out);
}

void Session::on_message(const xml::Element& stanza, Address to, Outbox& out) {
  const std::string_view type = stanza.attr("type");
  if (to.empty()) to = me_.bare();  // RFC 6120 §10.3.1
  if (type == "error") {
    if (!to.is_bare() && !to.local.empty()) out.submit(0, core::Send{read_bounce(place(), stanza, to), {}, {}});
    return;
  }
  // To the bare domain an administrator speaks to everybody.
  if (type == "groupchat" || (to.local.empty() && !to.resource.empty() && to.domain == site_.config.domain)) {
    return send_error(stanza, kServiceUnavailable, out);
  }
  Result<ReadStanza> read = read_message(place(), stanza, to, lang_);
  if (!read) return send_error(stanza, stanza_error_of(read.error().code), out, read.error().text);
  if (read->read_marker) submit(request_of(Request::Kind::silent, stanza), std::move(*read->read_marker), out);
  for (core::Event& event : read->events) {
    if (std::holds_alternative<core::ChatState>(event.body)) {
      out.submit(0, core::Send{std::move(event), {}, {}});
      continue;
    }
    const bool first = &event == &read->events.front() && !std::holds_alternative<core::Receipt>(event.body);
    core::DedupeKey dedupe = dedupe_key(event, read->by_origin_id, me_.resource);
    std::string alias = alias_of(event);
    submit(first ? request_of(Request::Kind::message, stanza) : request_of(Request::Kind::silent, stanza),
           core::Send{std::move(event), std::move(dedupe), std::move(alias)}, out);
  }
}

void Session::on_presence(const xml::Element& stanza, Address to, Outbox& out) {
  const std::string_view type = stanza.attr("type");
  if (const auto step = subscription_step(type)) {
    if (to.empty()) return send_error(stanza, kBadRequest, out);
    core::Event event = read_subscription(place(), stanza, *step, to.bare(), lang_);
    return submit(request_of(Request::Kind::presence, stanza), core::Subscribe{std::move(event)}, out);
  }
  if (type == "probe" || type == "error") return;  // RFC 6121 §4.3: the server probes, not the client
  if (!type.empty() && type != "unavailable") return send_error(stanza, kBadRequest, out);
  if (to.local.empty() && to.domain == site_.config.domain) return;
  Result<core::Event> event = read_presence(place(), stanza, to, lang_);
  if (!event) return send_error(stanza, stanza_error_of(event.error().code), out, event.error().text);
  submit(request_of(to.empty() ? Request::Kind::silent : Request::Kind::presence, stanza),
         core::SetPresence{std::move(*event)}, out);
  if (to.empty()) follow_capabilities(stanza, out);
}

void Session::on_iq(const xml::Element& stanza, Address to, Outbox& out) {
  const std::string_view type = stanza.attr("type");
  const bool answer = type == "result" || type == "error";
  if ((!answer && type != "get" && type != "set") || stanza.attr("id").empty()) {
    return send_error(stanza, kBadRequest, out);
  }
  const bool elsewhere = !to.is_bare() || (!to.empty() && to.domain != site_.config.domain);
  if (answer && elsewhere) return forward_iq(stanza, std::move(to), out);
  if (answer) return to.local.empty() ? on_answer(stanza, out) : void();  // else to nobody who had asked
  const xml::Element* payload = stanza.first_child();
  if (payload == nullptr || payload->following() != nullptr) return send_error(stanza, kBadRequest, out);
  if (elsewhere) return forward_iq(stanza, std::move(to), out);
  on_request(stanza, to, out);
}

void Session::on_request(const xml::Element& stanza, const Address& to, Outbox& out) {
  const xml::Element& payload = *stanza.first_child();
  const IqType type = stanza.attr("type") == "get" ? IqType::get : IqType::set;
  const bool self = to.empty() || to.same_bare(me_);
  const IqTo to_kind = self ? IqTo::self : to.local.empty() ? IqTo::server : IqTo::other;
  if (payload.is("query", kRosterNs) && to_kind != IqTo::server) {
    return self ? on_roster_request(stanza, payload, out) : send_error(stanza, kForbidden, out);
  }
  if (payload.is("session", kSessionNs)) return send_result(stanza.attr("id"), stanza.attr("to"), out);
  if (payload.is("bind", kBindNs)) return send_error(stanza, kNotAllowed, out);
  const Extensions::AnswerIq answerer = site_.extensions.iq_answerer(type, payload, to_kind);
  if (answerer == nullptr) return send_error(stanza, kServiceUnavailable, out);
  const Place here = place();
  Iq iq(here, scratch(), type, to, to_kind, stanza.attr("id"));
  answerer(payload, iq);
  answer_iq(iq, stanza.attr("to"), false, out);
}

void Session::answer_iq(Iq& iq, std::string_view to, bool told, Outbox& out) {
  if (iq.question()) {
    Request request;
    request.kind = Request::Kind::iq;
    request.id = std::string(iq.id());
    request.to = std::string(to);
    request.iq_type = iq.type();
    request.iq_to = iq.to_kind();
    request.refusals_too = iq.question()->refusals_too;
    request.told = told;
    request.then = std::move(iq.question()->then);
    if (auto* query = std::get_if<core::QueryArchive>(&iq.question()->command)) {
      request.kind = Request::Kind::archive;
      return ask_archive(std::move(request), std::move(*query), out);
    }
    return submit(std::move(request), std::move(iq.question()->command), out);
  }
  if (iq.answer() == nullptr) iq.error(kFeatureNotImplemented);
  for (const xml::Element* stanza : iq.before()) send(*stanza, out);
  if (told) return tell_view(iq.answer(), out);
  if (!to.empty()) iq.answer()->set("from", to);
  if (send_if_it_fits(iq.answer()->set("to", full_).set("id", iq.id()), out)) return;
  // Whoever asks for more than he acknowledges is not thrown out for it: he may ask again.
  iq.error(kResourceConstraint, "queue_bytes");
  if (!to.empty()) iq.answer()->set("from", to);
  send(iq.answer()->set("to", full_).set("id", iq.id()), out);
}

void Session::on_roster_request(const xml::Element& stanza, const xml::Element& query, Outbox& out) {
  if (stanza.attr("type") == "get") {
    return submit(request_of(Request::Kind::roster, stanza), read_roster_get(query), out);
  }
  tl::expected<core::Command, StanzaError> command = read_roster_set(place(), query);
  if (!command) return send_error(stanza, command.error(), out);
  submit(request_of(Request::Kind::iq, stanza), std::move(*command), out);
}

// Between two clients: the server looks into nothing but the addresses.
void Session::forward_iq(const xml::Element& stanza, Address to, Outbox& out) {
  core::Event event;
  event.from = me_;
  event.to = std::move(to);
  event.cid = std::string(stanza.attr("id"));
  event.source = core::Wire::xmpp;
  event.body = core::Opaque{};
  event.annex.push_back({core::Wire::xmpp, "iq", std::string(stanza.attr("type"))});
  std::string content;
  for (const xml::Element& child : stanza.children()) xml::write(child, content, kClientNs);
  event.annex.push_back({core::Wire::xmpp, std::string(kXmlKey), std::move(content)});
  if (!may_be_answered(stanza)) return out.submit(0, core::Send{std::move(event), {}, {}});
  submit(request_of(Request::Kind::forward, stanza), core::Send{std::move(event), {}, {}}, out);
}

}  // namespace confab::xmpp
