#include "core/search.h"

namespace confab::core {
namespace {

const Message* message_of(const Event& event) {
  if (const auto* message = std::get_if<Message>(&event.body)) return message;
  const auto* edit = std::get_if<Edit>(&event.body);
  return edit == nullptr ? nullptr : &edit->content;
}

}  // namespace

std::vector<std::string_view> texts_of(const Event& event) {
  std::vector<std::string_view> texts;
  const Message* message = message_of(event);
  if (message == nullptr || message->kind == Message::Kind::headline) return texts;
  for (const Text& subject : message->subjects) texts.emplace_back(subject.text);
  for (const Text& body : message->bodies) texts.emplace_back(body.text);
  return texts;
}

bool is_said_with(const Event& event, const Address& owner, const Address& peer) {
  return event.from.same_bare(owner) ? event.to.same_bare(peer) : event.from.same_bare(peer);
}

}  // namespace confab::core
