#include "xmpp/message.h"

#include <algorithm>

#include "base/bytes.h"
#include "core/event_codec.h"
#include "core/plan.h"
#include "xmpp/map.h"
#include "xmpp/wire.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kSidNs = "urn:xmpp:sid:0";  // XEP-0359
constexpr seconds kWithoutOriginId{600};

using Kind = core::Message::Kind;

// RFC 6121 §5.2.2: an unknown type is as good as none.
Kind kind_of(std::string_view type) {
  if (type == "chat") return Kind::chat;
  if (type == "headline") return Kind::headline;
  return Kind::normal;
}

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::chat:
      return "chat";
    case Kind::headline:
      return "headline";
    case Kind::group:
      return "groupchat";
    case Kind::normal:
      break;
  }
  return {};
}

std::string_view first_of(std::string_view a, std::string_view b) {
  return a.empty() ? b : a;
}

// body, subject and thread. false: not one of them.
bool read_own_child(const xml::Element& child, std::string_view lang, Inbound& in) {
  if (child.ns() != kClientNs) return false;
  if (child.name() == "body") {
    in.message.bodies.push_back({std::string(first_of(child.lang(), lang)), std::string(child.text())});
  } else if (child.name() == "subject") {
    in.message.subjects.push_back({std::string(first_of(child.lang(), lang)), std::string(child.text())});
  } else if (child.name() == "thread") {
    in.message.thread = std::string(child.text());
    if (const std::string_view parent = child.attr("parent"); !parent.empty()) {
      in.annex.push_back({core::Wire::xmpp, std::string(kParentKey), std::string(parent)});
    }
  } else {
    return false;
  }
  return true;
}

// XEP-0359. A stanza-id that claims to be ours is forged (§6, rule 3 of its business rules).
bool read_sid(const xml::Element& child, Inbound& in) {
  if (child.ns() != kSidNs) return false;
  if (child.name() == "origin-id") {
    in.origin_id = std::string(child.attr("id"));
    in.keep(child);
    return true;
  }
  if (child.name() != "stanza-id") return false;
  const std::string_view by = child.attr("by");
  const AddressParts parts = split_address(by);
  // What stands for one of this site's accounts is said by the site alone.
  if (parts.domain != in.place.config.domain) in.keep(child);
  return true;
}

Result<> read_children(const xml::Element& stanza, std::string_view lang, Inbound& in) {
  std::size_t text_bytes = 0;
  for (const xml::Element& child : stanza.children()) {
    if (read_own_child(child, lang, in)) {
      if (child.name() == "body") text_bytes += in.message.bodies.back().text.size();
      continue;
    }
    if (read_sid(child, in)) continue;
    if (const auto reader = in.place.extensions.message_reader(child.name(), child.ns())) {
      if (Result<> read = reader(child, in); !read) return read;
      continue;
    }
    in.keep(child);
  }
  if (text_bytes > in.place.config.message_bytes) return fail(Errc::too_big, "message_bytes");
  in.place.extensions.finish_message(in);
  return {};
}

bool carries_message(const Inbound& in) {
  if (in.message_taken) return false;
  if (in.has_text() || !in.message.media.empty() || !in.message.app.app.empty()) return true;
  // What was said to the server alone goes no further.
  return in.events.empty() && (!in.read_marker || !in.annex.empty());
}

void add_event(Inbound& in, core::Body body, std::vector<core::Event>& events) {
  core::Event& event = events.emplace_back();
  event.from = in.place.me;
  event.to = in.to;
  event.source = core::Wire::xmpp;
  event.body = std::move(body);
  event.annex = std::exchange(in.annex, {});
}

void write_texts(const std::vector<core::Text>& texts, std::string_view name, std::string_view lang,
                 xml::Element& stanza) {
  for (const core::Text& text : texts) {
    xml::Element& child = stanza.add(name);
    if (text.lang != lang) child.set_lang(text.lang);
    child.text(text.text);
  }
}

void write_content(const core::Message& message, const core::Event& event, xml::Element& stanza) {
  if (const std::string_view type = type_of(message.kind); !type.empty()) stanza.set("type", type);
  std::string_view lang;
  if (!message.bodies.empty()) {
    lang = message.bodies.front().lang;
  } else if (!message.subjects.empty()) {
    lang = message.subjects.front().lang;
  }
  if (!lang.empty()) stanza.set_lang(lang);
  write_texts(message.subjects, "subject", lang, stanza);
  write_texts(message.bodies, "body", lang, stanza);
  if (message.thread.empty()) return;
  xml::Element& thread = stanza.add("thread");
  if (const auto* parent = core::find(event.annex, core::Wire::xmpp, kParentKey)) thread.set("parent", parent->bytes);
  thread.text(message.thread);
}

void write_bounce(const core::Bounce& bounce, const core::Event& event, xml::Element& stanza) {
  stanza.set("type", "error");
  if (!bounce.about.empty()) stanza.set("id", bounce.about);
  if (core::find(event.annex, core::Wire::xmpp, kXmlKey) != nullptr) return;  // the error is in there
  const StanzaError error = delivery_error_of(static_cast<Errc>(bounce.code), false);
  stanza.add("error").set("type", error.type).add(error.condition, kStanzasNs);
}

// rulings.md: the author's cid where given, else the server's id; XMPP's own id, where it differs, to XMPP.
void write_id(const core::Event& event, xml::Element& stanza) {
  if (const auto* id = core::find(event.annex, core::Wire::xmpp, kIdKey)) {
    if (!id->bytes.empty()) stanza.set("id", id->bytes);
  } else if (!event.cid.empty()) {
    stanza.set("id", event.cid);
  } else if (!event.id.empty()) {
    stanza.set("id", to_string(event.id));
  }
}

}  // namespace

std::string stamp_of(const core::Event& event) {
  const unsigned place = time_of(event.id) == event.at ? counter_of(event.id) : 0;
  return format_utc(event.at, std::min(place, 999U));
}

Result<ReadStanza> read_message(const Place& place, const xml::Element& stanza, const Address& to,
                                std::string_view lang) {
  Inbound in{place, stanza, to, std::string(stanza.attr("id")), {}, {}, {}, {}, {}, false};
  const std::string_view type = stanza.attr("type");
  in.message.kind = kind_of(type);
  if (Result<> read = read_children(stanza, first_of(stanza.lang(), lang), in); !read) return fail(read.error());
  const bool other_type = in.message.kind != Kind::chat;
  ReadStanza read;
  read.by_origin_id = !in.origin_id.empty();
  if (carries_message(in)) add_event(in, std::move(in.message), read.events);
  for (core::Body& body : in.events) add_event(in, std::move(body), read.events);
  read.read_marker = std::move(in.read_marker);
  for (core::Event& event : read.events) {
    if (other_type && !std::holds_alternative<core::Message>(event.body)) {
      event.annex.push_back({core::Wire::xmpp, std::string(kTypeKey), std::string(type)});
    }
  }
  if (read.events.empty()) return read;
  // The id names the first, what people read; what came along with it has none of its own.
  core::Event& first = read.events.front();
  if (read.by_origin_id) {
    if (in.origin_id != in.id) first.annex.push_back({core::Wire::xmpp, std::string(kIdKey), in.id});
    first.cid = std::move(in.origin_id);
  } else {
    first.cid = std::move(in.id);
  }
  return read;
}

core::Event read_bounce(const Place& place, const xml::Element& stanza, const Address& to) {
  Inbound in{place, stanza, to, {}, {}, {}, {}, {}, {}, false};
  for (const xml::Element& child : stanza.children()) in.keep(child);
  core::Event event;
  event.from = place.me;
  event.to = to;
  event.source = core::Wire::xmpp;
  event.body = core::Bounce{static_cast<std::uint8_t>(Errc::unavailable), std::string(stanza.attr("id"))};
  event.annex = std::move(in.annex);
  return event;
}

std::string alias_of(const core::Event& event) {
  const auto* id = core::find(event.annex, core::Wire::xmpp, kIdKey);
  return id == nullptr ? std::string() : id->bytes;
}

core::DedupeKey dedupe_key(const core::Event& event, bool by_origin_id, std::string_view resource) {
  core::DedupeKey dedupe;
  const auto* message = std::get_if<core::Message>(&event.body);
  const bool news = message != nullptr && message->kind == Kind::headline && !event.to.is_domain();
  if (message != nullptr && (!message->keep || news)) return dedupe;
  if (event.cid.empty() || std::holds_alternative<core::ChatState>(event.body)) return dedupe;
  if (by_origin_id) {
    dedupe.key = "o:";
    dedupe.key += event.cid;
    return dedupe;
  }
  std::uint64_t hash = hash_bytes(event.to.local) ^ (hash_bytes(event.to.domain) * 3) ^ event.body.index();
  if (message != nullptr) {
    for (const core::Text& body : message->bodies) hash = hash * 1099511628211U ^ hash_bytes(body.text);
    for (const core::Text& subject : message->subjects) hash = hash * 1099511628211U ^ hash_bytes(subject.text);
  } else if (const auto* item = core::find(event.annex, core::Wire::xmpp, kXmlKey)) {
    hash ^= hash_bytes(item->bytes);
  }
  dedupe.key = "d:";
  dedupe.key.append(resource).append(1, '\0').append(event.cid).append(1, '\0');
  dedupe.key.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  dedupe.kept = kWithoutOriginId;
  return dedupe;
}

void write_message(const Outbound& out, xml::Element& stanza) {
  const core::Event& event = out.event;
  stanza.set("from", to_string(event.from));
  stanza.set("to", to_string(event.to.empty() ? out.place.me : event.to));
  if (const auto* bounce = std::get_if<core::Bounce>(&event.body)) return write_bounce(*bounce, event, stanza);
  write_id(event, stanza);
  if (const auto* message = std::get_if<core::Message>(&event.body)) {
    write_content(*message, event, stanza);
  } else if (const auto* edit = std::get_if<core::Edit>(&event.body)) {
    write_content(edit->content, event, stanza);
  } else {
    const auto* type = core::find(event.annex, core::Wire::xmpp, kTypeKey);
    if (type == nullptr) {
      stanza.set("type", "chat");
    } else if (!type->bytes.empty()) {
      stanza.set("type", type->bytes);
    }
  }
  // A row of the log, also one that came ahead of its place and so without it.
  const bool archived = (core::archive_kinds() >> core::kind_number(out.event) & 1U) != 0;
  if (!archived || (out.delivery.seq == 0 && (out.event.id.empty() || !core::is_kept(out.event)))) return;
  stanza.add("stanza-id", kSidNs).set("by", to_string(out.place.me.bare())).set("id", to_string(event.id));
}

}  // namespace confab::xmpp
