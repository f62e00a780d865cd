#include "app/event_json.h"

#include <array>

#include "base/bytes.h"

namespace confab::app {
namespace {

template <class Enum, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

constexpr std::array<std::string_view, 4> kMessageKinds{"chat", "normal", "headline", "group"};
constexpr std::array<std::string_view, 3> kReceiptKinds{"delivered", "read", "played"};
constexpr std::array<std::string_view, 5> kChatStates{"active", "composing", "paused", "inactive", "gone"};
constexpr std::array<std::string_view, 5> kStatuses{"offline", "online", "away", "dnd", "busy"};
constexpr std::array<std::string_view, 4> kSteps{"subscribe", "subscribed", "unsubscribe", "unsubscribed"};
constexpr std::array<std::string_view, 8> kChanges{"created", "joined",  "left",    "removed",
                                                   "role",    "renamed", "subject", "destroyed"};

std::vector<std::string> media_json(const std::vector<core::MediaLink>& links) {
  std::vector<std::string> items;
  for (const core::MediaLink& link : links) {
    JsonObject item;
    item.text("url", link.url).text("mime", link.mime).text("name", link.name).number("size", link.size);
    item.text("sha256", link.sha256).number("width", link.width).number("height", link.height);
    items.push_back(item.number("duration_ms", link.duration_ms).take());
  }
  return items;
}

std::vector<std::string> wishes_json(core::Ask wants) {
  std::vector<std::string> items;
  if (core::asks(wants, core::Ask::delivered)) items.emplace_back("\"delivered\"");
  if (core::asks(wants, core::Ask::read)) items.emplace_back("\"read\"");
  if (core::asks(wants, core::Ask::played)) items.emplace_back("\"played\"");
  return items;
}

void write_message(const core::Message& message, JsonObject& out) {
  out.text("message_type", name_in(kMessageKinds, message.kind));
  out.list("texts", texts_json(message.bodies)).list("subjects", texts_json(message.subjects));
  out.text("thread", message.thread).text("answers", message.re).list("media", media_json(message.media));
  if (!message.app.app.empty() || !message.app.data.empty()) {
    JsonObject app;
    out.always("app", app.text("app", message.app.app).text("data", message.app.data).take());
  }
  out.list("wants", wishes_json(message.wants));
}

std::string one_about(const std::string& id) {
  return json_quotes({id});
}

// What each kind of event says. One for each alternative: a new one has to be decided here.
struct WriteBody {
  JsonObject& out;

  void operator()(const core::Message& m) const {
    out.text("kind", "message");
    write_message(m, out);
  }
  void operator()(const core::Edit& e) const {
    out.text("kind", "edit").always("about", one_about(e.about));
    write_message(e.content, out);
  }
  void operator()(const core::Recall& r) const { out.text("kind", "recall").always("about", one_about(r.about)); }
  void operator()(const core::Receipt& r) const {
    out.text("kind", "receipt").text("receipt", name_in(kReceiptKinds, r.kind)).always("about", json_quotes(r.about));
  }
  void operator()(const core::ReadMarker& m) const {
    out.text("kind", "read_marker").text("conversation", to_string(m.conversation));
    out.always("about", one_about(to_string(m.upto)));
  }
  void operator()(const core::ChatState& s) const {
    out.text("kind", "chat_state").text("state", name_in(kChatStates, s.state)).text("thread", s.thread);
  }
  void operator()(const core::Reaction& r) const {
    out.text("kind", "reaction").always("about", one_about(r.about)).always("set", json_quotes(r.set));
  }
  void operator()(const core::Presence& p) const {
    out.text("kind", "presence").text("status", name_of(p.status)).list("signature", texts_json(p.signature));
  }
  void operator()(const core::PresenceProbe&) const { out.text("kind", "presence_probe"); }
  void operator()(const core::Subscription& s) const {
    out.text("kind", "subscription").text("step", name_in(kSteps, s.step)).list("note", texts_json(s.note));
  }
  void operator()(const core::RosterChange& c) const {
    out.text("kind", "roster_change").text("contact", to_string(c.item.peer));
  }
  void operator()(const core::BlockChange& c) const { out.text("kind", "block_change").flag("blocked", c.blocked); }
  void operator()(const core::GroupChange& c) const {
    out.text("kind", "group_change").text("change", name_in(kChanges, c.what)).text("group", to_string(c.group));
    out.text("member", to_string(c.member)).text("role", c.role).text("text", c.text);
  }
  void operator()(const core::Opaque&) const { out.text("kind", "opaque"); }
  void operator()(const core::Bounce& b) const { out.text("kind", "bounce").always("about", one_about(b.about)); }
  void operator()(const core::Published& p) const {
    out.text("kind", "published").text("node", p.node).text("item", p.item).text("payload", p.payload);
  }
  void operator()(const core::Listening& l) const { out.text("kind", "listening").text("text", l.text); }
  void operator()(const core::Withdrawn& w) const {
    out.text("kind", "withdrawn").text("message_type", name_in(kMessageKinds, w.kind)).text("by", to_string(w.by));
    out.text("withdrawn_at", format_utc(w.at));
  }
};

std::string_view direction_of(const core::Event& event, const Address& owner) {
  if (!event.from.same_bare(owner)) return "in";
  return event.to.same_bare(owner) ? "self" : "out";
}

}  // namespace

std::string_view name_of(core::Status status) {
  return name_in(kStatuses, status);
}

std::vector<std::string> texts_json(const std::vector<core::Text>& texts) {
  std::vector<std::string> items;
  for (const core::Text& text : texts) {
    JsonObject item;
    items.push_back(item.text("lang", text.lang).always("text", json_quote(text.text)).take());
  }
  return items;
}

std::vector<std::string> annex_json(const core::Annex& annex) {
  std::vector<std::string> items;
  for (const core::AnnexItem& kept : annex) {
    JsonObject item;
    item.text("wire", core::name_of(kept.wire)).text("key", kept.key);
    const bool readable = is_utf8(kept.bytes);
    item.always(readable ? "text" : "base64", json_quote(readable ? kept.bytes : encode_base64(kept.bytes)));
    items.push_back(item.take());
  }
  return items;
}

std::string event_json(Upos seq, const core::Event& event, const Address& owner) {
  JsonObject out;
  out.text("type", "event").always("seq", std::to_string(seq)).text("id", to_string(event.id));
  out.text("at", format_utc(event.at)).text("from", to_string(event.from)).text("to", to_string(event.to));
  out.text("direction", direction_of(event, owner));
  out.text("wire", core::name_of(event.source)).text("cid", event.cid);
  std::visit(WriteBody{out}, event.body);
  std::vector<std::string> ids;
  for (const MsgId& id : event.about) ids.push_back(to_string(id));
  if (!ids.empty()) out.always("about_ids", json_quotes(ids));
  return out.list("annex", annex_json(event.annex)).take();
}

}  // namespace confab::app
