// What the client is told.
#include <utility>

#include "api/message.h"
#include "api/receipt.h"
#include "api/roster.h"
#include "api/topic_name.h"
#include "api/topics.h"
#include "json/write.h"

namespace confab::api {
namespace {

constexpr std::string_view kAnnouncements = "im/sys/announce";

// One for each alternative of core::Body: a new one has to be decided here.
struct WriteBody {
  const core::Event& event;
  Upos seq;
  const Viewer& viewer;
  std::string& topic;
  std::string& payload;
  using Told = std::optional<Kind>;

  Kind to(const Address& person, std::string_view leaf, Kind kind) const {
    append_person_topic(topic, person, leaf, viewer);
    return kind;
  }
  Kind envelope() const {
    write_envelope(event, seq, viewer, payload);
    return to(viewer.me, "msg", Kind::message);
  }
  Kind roster(std::string_view json) const {
    payload += json;
    return to(viewer.me, "roster", Kind::roster);
  }

  Told operator()(const core::Message& message) const {
    if (message.kind == core::Message::Kind::group) return {};  // groups have topics of their own
    const bool news = message.kind == core::Message::Kind::headline && event.from.is_domain();
    if (!news) return envelope();
    write_envelope(event, seq, viewer, payload);
    topic += kAnnouncements;
    return Kind::announcement;
  }
  Told operator()(const core::Edit&) const { return envelope(); }
  Told operator()(const core::Recall&) const { return envelope(); }
  Told operator()(const core::Reaction&) const { return envelope(); }
  Told operator()(const core::Withdrawn&) const { return envelope(); }
  Told operator()(const core::Receipt& receipt) const {
    write_receipt(event, receipt, seq, viewer, payload);
    return to(viewer.me, "rcpt", Kind::receipt);
  }
  Told operator()(const core::ReadMarker& marker) const {
    write_read_marker(event, marker, seq, payload);
    return to(viewer.me, "rcpt", Kind::receipt);
  }
  Told operator()(const core::ChatState& state) const {
    write_chat_state(event, state, viewer, payload);
    return to(viewer.me, "typing", Kind::typing);
  }
  Told operator()(const core::Listening& listening) const {
    write_listening(event, listening.text, payload);
    return to(event.from, "presence/listening", Kind::listening);
  }
  Told operator()(const core::RosterChange& change) const {
    if (!change.item.listed && !change.item.deleted) return {};
    return roster(write_change(change));
  }
  // The other steps are told by what they change in the roster.
  Told operator()(const core::Subscription& subscription) const {
    if (subscription.step != core::Subscription::Step::subscribe) return {};
    return roster(write_request(event, subscription));
  }
  Told operator()(const core::BlockChange& change) const { return roster(write_block_change(change)); }
  Told operator()(const core::Bounce& bounce) const {
    const Outgoing told = write_refused(bounce.about, Error{static_cast<Errc>(bounce.code), {}}, viewer);
    topic += told.topic;
    payload += told.payload;
    return told.kind;
  }
  Told operator()(const core::Presence&) const { return {}; }       // several topics
  Told operator()(const core::PresenceProbe&) const { return {}; }  // answered by the server
  Told operator()(const core::GroupChange&) const { return {}; }    // groups have topics of their own
  Told operator()(const core::Opaque&) const { return {}; }         // another wire's
  Told operator()(const core::Published&) const { return {}; }      // likewise
};

Outgoing answer(std::string_view member, std::string_view json, std::string_view rest, const Viewer& viewer) {
  std::string payload = "{";
  if (!json.empty()) {
    json::append_string(payload, member);
    payload.append(1, ':').append(json).append(1, ',');
  }
  return {Kind::result, person_topic(viewer.me, "res", viewer), payload.append(rest.substr(1))};
}

}  // namespace

std::optional<Kind> write(const core::Delivery& delivery, const Viewer& viewer, std::string& topic,
                          std::string& payload) {
  if (delivery.event == nullptr) return std::nullopt;
  return std::visit(WriteBody{*delivery.event, delivery.seq, viewer, topic, payload}, delivery.event->body);
}

std::vector<Outgoing> write_presence(const core::Event& said, const core::Presence& presence, const Viewer& viewer) {
  std::vector<Outgoing> out;
  const auto facet = [&](Kind kind, std::string_view leaf) -> std::string& {
    return out.emplace_back(Outgoing{kind, person_topic(said.from, leaf, viewer), {}}).payload;
  };
  write_status(said, presence, facet(Kind::status, "presence/status"));
  if (!presence.signature.empty()) {
    write_signature(said, presence.signature, facet(Kind::signature, "presence/signature"));
  }
  // What the annex has belongs to the status.
  core::Event plain;
  plain.from = said.from;
  plain.at = said.at;
  if (!presence.listening.empty()) {
    write_listening(plain, presence.listening, facet(Kind::listening, "presence/listening"));
  }
  return out;
}

std::vector<Outgoing> write_all(const core::Delivery& delivery, const Viewer& viewer) {
  if (delivery.event == nullptr) return {};
  const auto* presence = std::get_if<core::Presence>(&delivery.event->body);
  if (presence != nullptr) return write_presence(*delivery.event, *presence, viewer);
  Outgoing one;
  const std::optional<Kind> kind = write(delivery, viewer, one.topic, one.payload);
  if (!kind) return {};
  one.kind = *kind;
  return {std::move(one)};
}

std::vector<Outgoing> write_roster(const core::RosterItems& items, const Viewer& viewer) {
  std::vector<Outgoing> out;
  const std::string topic = person_topic(viewer.me, "roster", viewer);
  if (items.full) return {{Kind::roster, topic, write_full(items), items.version}};
  for (const core::RosterItem& item : items.items) {
    out.push_back({Kind::roster, topic, write_change({.item = item, .version = item.version}), item.version});
  }
  return out;
}

Outgoing write_sent(std::string_view cid, const core::Sent& sent, const Viewer& viewer) {
  json::ObjectText result;
  result.text("id", to_string(sent.id)).number("ts", sent.at.ms).number("seq", static_cast<std::int64_t>(sent.seq));
  json::ObjectText out;
  return answer("cid", json::quoted(cid), out.number("status", 0).raw("result", result.take()).take(), viewer);
}

Outgoing write_refused(std::string_view cid, const Error& error, const Viewer& viewer) {
  return answer("cid", cid.empty() ? std::string() : json::quoted(cid), error_json(error), viewer);
}

Outgoing write_result(std::string_view rid, std::string_view reply, const Viewer& viewer) {
  return answer("rid", rid, reply, viewer);
}

std::string error_json(const Error& error) {
  json::ObjectText out;
  out.number("status", -1).text("error", to_string(error.code));
  return out.text("message", error.text).take();
}

Outgoing write_sync(const Sync& sync, const Viewer& viewer) {
  json::ObjectText out;
  out.text("st", sync.ends ? "end" : "begin").number("seq", static_cast<std::int64_t>(sync.seq));
  out.text("session", sync.resumed ? "resumed" : "new");
  out.number("roster_ver", static_cast<std::int64_t>(sync.roster_version));
  if (sync.gap) out.flag("gap", true);
  if (sync.unread) out.number("unread", static_cast<std::int64_t>(*sync.unread));
  return {Kind::sync, person_topic(viewer.me, "sync", viewer), out.take()};
}

Outgoing write_device(std::string_view what, const Viewer& viewer) {
  json::ObjectText out;
  return {Kind::device, person_topic(viewer.me, "dev", viewer), out.text("st", what).take()};
}

}  // namespace confab::api
