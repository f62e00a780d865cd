#include "core/references.h"

#include <algorithm>

namespace confab::core {
namespace {

// Every name in `body` that is not empty.
template <class AnyBody, class Each>
void for_names(AnyBody& body, Each each) {
  const auto one = [&each](auto& name) {
    if (!name.empty()) each(name);
  };
  if (auto* edit = std::get_if<Edit>(&body)) return one(edit->about);
  if (auto* recall = std::get_if<Recall>(&body)) return one(recall->about);
  if (auto* reaction = std::get_if<Reaction>(&body)) return one(reaction->about);
  if (auto* message = std::get_if<Message>(&body)) return one(message->re);
  if (auto* receipt = std::get_if<Receipt>(&body)) {
    for (auto& name : receipt->about) one(name);
  }
}

}  // namespace

bool is_own_name(const Event& event, std::string_view name) {
  return (event.source == Wire::mqtt || event.source == Wire::http) && name.starts_with(kOwnName);
}

std::vector<std::string> names_in(const Body& body) {
  std::vector<std::string> names;
  for_names(body, [&](const std::string& name) { names.push_back(name); });
  return names;
}

void resolve(Event& event, const std::vector<EventPtr>& originals) {
  event.about.clear();
  auto original = originals.begin();
  for_names(event.body, [&](std::string& name) {
    if (original == originals.end()) return;
    const EventPtr found = *original++;
    if (found == nullptr) return;
    event.about.push_back(found->id);
    const bool own = is_own_name(event, name);
    if (!found->cid.empty() && (own || name == to_string(found->id))) {
      name = found->cid;
    } else if (own) {
      name.erase(0, kOwnName.size());
    }
  });
}

std::optional<ReadMarker> read_marker_in(const Event& event) {
  if (const auto* marker = std::get_if<ReadMarker>(&event.body)) return *marker;
  const auto* receipt = std::get_if<Receipt>(&event.body);
  if (receipt == nullptr || receipt->kind == Receipt::Kind::delivered || event.about.empty()) return std::nullopt;
  return ReadMarker{event.to.bare(), *std::max_element(event.about.begin(), event.about.end())};
}

Event withdraw(const Event& message, const Event& recall) {
  Event left;
  left.id = message.id;
  left.at = message.at;
  left.from = message.from;
  left.to = message.to;
  left.cid = message.cid;
  left.source = message.source;
  left.about = message.about;
  Withdrawn withdrawn{.kind = Message::Kind::chat, .by = recall.id, .name = recall.cid, .at = recall.at, .about = {}};
  if (const auto* said = std::get_if<Message>(&message.body)) withdrawn.kind = said->kind;
  if (const auto* edit = std::get_if<Edit>(&message.body)) {
    withdrawn.kind = edit->content.kind;
    withdrawn.about = edit->about;
  }
  left.body = std::move(withdrawn);
  return left;
}

}  // namespace confab::core
