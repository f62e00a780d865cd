// What this client wants to be told of what accounts publish: learned of it by its capabilities (XEP-0115), told to the
// domain when it begins (XEP-0163 §4.3.4), and looked at before anything is written.
#include "core/event_codec.h"
#include "xmpp/interests.h"
#include "xmpp/publishing.h"
#include "xmpp/session.h"
#include "xmpp/wire.h"

namespace confab::xmpp {

// The client's own presence, after it was taken in. One without capabilities leaves them as they are (XEP-0115 §8.4).
void Session::follow_capabilities(const xml::Element& presence, Outbox& out) {
  const bool here = presence.attr("type").empty();
  const bool first = here && !available_;
  available_ = here;
  if (!here) return;
  std::optional<CapsName> name = read_caps(presence);
  const std::string key = name ? name->key() : std::string();
  if (!name || (interests_ != nullptr && interests_->caps == key)) {
    if (name) question_.reset();  // back to what is known
    if (first && interests_ != nullptr) show_last(newly_wanted(*interests_, nullptr), out);
    return;
  }
  if (question_ != nullptr && question_->name.key() == key) {
    question_->first = question_->first || first;
    return;
  }
  question_.reset();
  if (InterestsPtr known = site_.caps->find(key)) return learn(std::move(known), first, out);
  question_ = std::make_unique<CapsQuestion>(CapsQuestion{.id = {}, .name = std::move(*name), .first = first});
  ask_capabilities(out);
}

// XEP-0115 §6.2; again on a resumed stream, where the answer to the first may be lost.
void Session::ask_capabilities(Outbox& out) {
  question_->id = random_id(site_.random);
  xml::Element& iq = scratch().make("iq", kClientNs).set("from", site_.config.domain).set("to", full_);
  iq.set("id", question_->id).set("type", "get");
  iq.add("query", kDiscoInfoNs).set("node", question_->name.node + "#" + question_->name.ver);
  send(iq, out);
}

// An answer of the client to the server: only what was asked counts, and only once.
void Session::on_answer(const xml::Element& iq, Outbox& out) {
  if (question_ == nullptr || iq.attr("id") != question_->id) return;
  const std::unique_ptr<CapsQuestion> question = std::move(question_);
  const xml::Element* query = iq.attr("type") == "result" ? iq.child("query", kDiscoInfoNs) : nullptr;
  const std::string key = question->name.key();
  if (query == nullptr) {
    return learn(std::make_shared<const Interests>(Interests{key, {}}), question->first, out);
  }
  InterestsPtr interests = read_interests(key, *query, site_.config.interest_bytes);
  // Of what cannot be verified only the client itself has the use, or the harm (§5.4).
  if (is_genuine(question->name, *query) == true) site_.caps->put(interests);
  learn(std::move(interests), question->first, out);
  for (const core::EventPtr& event : question->held) {
    if (is_wanted(*event)) tell({.event = event}, out);
  }
}

void Session::learn(InterestsPtr interests, bool first, Outbox& out) {
  const InterestsPtr before = std::exchange(interests_, std::move(interests));
  if (available_) show_last(newly_wanted(*interests_, first ? nullptr : before.get()), out);
}

void Session::show_last(core::ShowLast show, Outbox& out) {
  for (const auto& [node, view] : site_.extensions.node_views()) {
    if (view.made_of.empty() || std::erase(show.nodes, node) == 0 || !show.of.empty()) continue;
    refresh_view(node, view, out);
  }
  if (show.listening || !show.nodes.empty()) out.submit(0, std::move(show));
}

// What accounts publish. What is delayed was asked for.
void Session::tell(const core::Delivery& delivery, Outbox& out) {
  const core::Event& event = *delivery.event;
  const auto* published = std::get_if<core::Published>(&event.body);
  if (published != nullptr && interests_ != nullptr && event.from.same_bare(me_)) refresh_views(published->node, out);
  if (!delivery.delayed && !is_wanted(event)) return hold(delivery.event);
  scratch().clear();
  const Place here = place();
  deliver(Outbound{here, delivery, event}, out);
}

// It may be what the client wants: it has not answered yet.
void Session::hold(const core::EventPtr& event) {
  if (question_ == nullptr) return;
  const std::size_t bytes = core::expected_size(*event);
  if (question_->held_bytes + bytes > site_.config.interest_bytes) return;
  question_->held_bytes += bytes;
  question_->held.push_back(event);
}

bool Session::is_wanted(const core::Event& event) const {
  if (const auto* published = std::get_if<core::Published>(&event.body)) {
    return interests_ != nullptr && interests_->covers(published->node);
  }
  if (std::holds_alternative<core::ReadMarker>(event.body)) {
    return interests_ != nullptr && interests_->covers(kDisplayedNs);
  }
  if (std::holds_alternative<core::Listening>(event.body)) return interests_ != nullptr && interests_->covers(kTuneNs);
  return true;
}

// The own node `changed` is what others are made of.
void Session::refresh_views(std::string_view changed, Outbox& out) {
  for (const auto& [node, view] : site_.extensions.node_views()) {
    if (view.made_of == changed && interests_->covers(node)) refresh_view(node, view, out);
  }
}

// Asks for it as the client could. However much changes meanwhile, it is asked for once more.
void Session::refresh_view(const std::string& node, const NodeView& view, Outbox& out) {
  if (refreshing_) {
    stale_ = true;
    return;
  }
  refreshing_ = true;
  scratch().clear();
  const Place here = place();
  const Address none;
  Iq iq(here, scratch(), IqType::get, none, IqTo::self, {});
  view.items(core::GetItems{{}, node, {}}, iq);
  answer_iq(iq, {}, true, out);
}

// The answer to oneself becomes an event.
void Session::tell_view(const xml::Element* answer, Outbox& out) {
  refreshing_ = false;
  const xml::Element* pubsub = answer->child("pubsub", kPubsubNs);
  const xml::Element* items = pubsub == nullptr ? nullptr : pubsub->child("items", kPubsubNs);
  if (items != nullptr) {
    xml::Element& stanza = scratch().make("message", kClientNs).set("from", to_string(me_.bare())).set("to", full_);
    stanza.set("id", random_id(site_.random)).set("type", "headline");
    xml::Element& told = stanza.add("event", kPubsubEventNs).add("items").set("node", items->attr("node"));
    for (const xml::Element& item : items->children()) {
      xml::Element& copy = told.add("item").set("id", item.attr("id"));
      for (const xml::Element& payload : item.children()) copy.copy(payload);
    }
    static_cast<void>(send_if_it_fits(stanza, out));  // who cannot take it in has to ask for it
  }
  if (!std::exchange(stale_, false) || interests_ == nullptr) return;
  for (const auto& [node, view] : site_.extensions.node_views()) {
    if (!view.made_of.empty() && interests_->covers(node)) refresh_view(node, view, out);
  }
}

// Whom the client has just begun to see, it sees what he published before.
void Session::greet(const core::Subscription& subscription, const Address& from, Outbox& out) {
  if (subscription.step != core::Subscription::Step::subscribed || interests_ == nullptr || !available_) return;
  core::ShowLast show = newly_wanted(*interests_, nullptr);
  show.of = from.bare();
  show_last(std::move(show), out);
}

}  // namespace confab::xmpp
