#include "sim/conversation.h"

namespace confab::sim {
namespace {

constexpr std::string_view kRetract = "urn:xmpp:message-retract:1";
constexpr std::string_view kCorrect = "urn:xmpp:message-correct:0";

const std::string& text_of(const core::Message& message) {
  static const std::string kNothing;
  return message.bodies.empty() ? kNothing : message.bodies.front().text;
}

}  // namespace

void Conversation::say(const std::string& id, const std::string& text) {
  texts_[id] = text;
}

void Conversation::show(const xml::Element& message) {
  const std::string id(message.attr("id"));
  const xml::Element* replace = message.child("replace", kCorrect);
  const xml::Element* retract = message.child("retract", kRetract);
  const xml::Element* body = message.child("body", "jabber:client");
  if (message.has_child("retracted", kRetract)) {
    if (replace == nullptr) say(id, kWithdrawn);
  } else if (retract != nullptr) {
    say(std::string(retract->attr("id")), kWithdrawn);
  } else if (body != nullptr) {
    say(replace == nullptr ? id : std::string(replace->attr("id")), std::string(body->text()));
  }
}

void Conversation::show(const core::Event& event) {
  if (const auto* message = std::get_if<core::Message>(&event.body)) say(event.cid, text_of(*message));
  if (const auto* edit = std::get_if<core::Edit>(&event.body)) say(edit->about, text_of(edit->content));
  if (const auto* recall = std::get_if<core::Recall>(&event.body)) say(recall->about, kWithdrawn);
  const auto* withdrawn = std::get_if<core::Withdrawn>(&event.body);
  if (withdrawn != nullptr && withdrawn->about.empty()) say(event.cid, kWithdrawn);
}

}  // namespace confab::sim
