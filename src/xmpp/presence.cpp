#include "xmpp/presence.h"

#include <charconv>

namespace confab::xmpp {
namespace {

using core::Status;
using Step = core::Subscription::Step;

constexpr std::string_view kShowKey = "show";  // annex: xa and chat, which core does not tell apart (rulings.md)

std::string_view first_of(std::string_view a, std::string_view b) {
  return a.empty() ? b : a;
}

Result<> read_show(std::string_view show, InboundPresence& in) {
  if (show == "away" || show == "xa") {
    in.presence.status = Status::away;
  } else if (show == "dnd") {
    in.presence.status = Status::dnd;
  } else if (show != "chat") {
    return fail(Errc::bad_payload, "show");  // RFC 6121 §4.7.2.1
  }
  if (show == "xa" || show == "chat") in.annex.push_back({core::Wire::xmpp, std::string(kShowKey), std::string(show)});
  return {};
}

Result<int> read_priority(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  int priority = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), priority);
  if (error != std::errc{} || end != text.data() + text.size() || priority < -128 || priority > 127) {
    return fail(Errc::bad_payload, "priority");
  }
  return priority;
}

Result<> read_own_child(const xml::Element& child, std::string_view lang, InboundPresence& in) {
  if (child.name() == "status") {
    in.presence.signature.push_back({std::string(first_of(child.lang(), lang)), std::string(child.text())});
  } else if (in.presence.status == Status::offline) {
    return {};  // show and priority mean nothing in "unavailable"
  } else if (child.name() == "show") {
    return read_show(child.text(), in);
  } else {
    const Result<int> priority = read_priority(child.text());
    if (!priority) return fail(priority.error());
    in.presence.priority = *priority;
  }
  return {};
}

bool is_own_child(const xml::Element& child) {
  return child.ns() == kClientNs && (child.name() == "status" || child.name() == "show" || child.name() == "priority");
}

std::string_view type_of(Step step) {
  switch (step) {
    case Step::subscribe:
      return "subscribe";
    case Step::subscribed:
      return "subscribed";
    case Step::unsubscribe:
      return "unsubscribe";
    case Step::unsubscribed:
      break;
  }
  return "unsubscribed";
}

void write_status(const std::vector<core::Text>& texts, xml::Element& stanza) {
  for (const core::Text& text : texts) {
    if (text.text.empty()) continue;
    xml::Element& status = stanza.add("status");
    if (!text.lang.empty()) status.set_lang(text.lang);
    status.text(text.text);
  }
}

void write_addresses(const Outbound& out, xml::Element& stanza) {
  stanza.set("from", to_string(out.event.from));
  stanza.set("to", to_string(out.event.to.empty() ? out.place.me : out.event.to));
  if (!out.event.cid.empty()) stanza.set("id", out.event.cid);
}

std::string_view show_of(const core::Presence& presence, const core::Event& event) {
  const auto* own = core::find(event.annex, core::Wire::xmpp, kShowKey);
  switch (presence.status) {
    case Status::away:
      return own != nullptr ? std::string_view(own->bytes) : "away";
    case Status::dnd:
    case Status::busy:
      return "dnd";
    case Status::online:
      return own != nullptr ? std::string_view(own->bytes) : "";
    case Status::offline:
      break;
  }
  return {};
}

}  // namespace

Result<core::Event> read_presence(const Place& place, const xml::Element& stanza, const Address& to,
                                  std::string_view lang) {
  InboundPresence in{place, stanza, {}, {}};
  in.presence.status = stanza.attr("type").empty() ? Status::online : Status::offline;
  for (const xml::Element& child : stanza.children()) {
    if (is_own_child(child)) {
      if (Result<> read = read_own_child(child, first_of(stanza.lang(), lang), in); !read) return fail(read.error());
    } else if (const auto reader = place.extensions.presence_reader(child.name(), child.ns())) {
      if (Result<> read = reader(child, in); !read) return fail(read.error());
    } else {
      in.keep(child);
    }
  }
  core::Event event;
  event.from = place.me;
  event.to = to;
  event.cid = std::string(stanza.attr("id"));
  event.source = core::Wire::xmpp;
  event.body = std::move(in.presence);
  event.annex = std::move(in.annex);
  return event;
}

std::optional<Step> subscription_step(std::string_view type) {
  for (const Step step : {Step::subscribe, Step::subscribed, Step::unsubscribe, Step::unsubscribed}) {
    if (type == type_of(step)) return step;
  }
  return std::nullopt;
}

core::Event read_subscription(const Place& place, const xml::Element& stanza, Step step, const Address& to,
                              std::string_view lang) {
  InboundPresence in{place, stanza, {}, {}};
  core::Subscription subscription{step, {}};
  for (const xml::Element& child : stanza.children()) {
    if (child.is("status", kClientNs)) {
      const std::string_view own = first_of(child.lang(), first_of(stanza.lang(), lang));
      subscription.note.push_back({std::string(own), std::string(child.text())});
    } else {
      in.keep(child);
    }
  }
  core::Event event;
  event.from = place.me.bare();  // RFC 6121 §3.1.2: it is the account that asks
  event.to = to;
  event.cid = std::string(stanza.attr("id"));
  event.source = core::Wire::xmpp;
  event.body = std::move(subscription);
  event.annex = std::move(in.annex);
  return event;
}

void write_presence(const Outbound& out, const core::Presence& presence, xml::Element& stanza) {
  write_addresses(out, stanza);
  if (presence.status == Status::offline) stanza.set("type", "unavailable");
  if (const std::string_view show = show_of(presence, out.event); !show.empty()) stanza.add("show").text(show);
  write_status(presence.signature, stanza);
  if (presence.priority != 0 && presence.status != Status::offline) {
    stanza.add("priority").text(std::to_string(presence.priority));
  }
}

void write_subscription(const Outbound& out, const core::Subscription& subscription, xml::Element& stanza) {
  write_addresses(out, stanza);
  stanza.set("type", type_of(subscription.step));
  write_status(subscription.note, stanza);
}

}  // namespace confab::xmpp
