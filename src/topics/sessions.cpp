#include "topics/sessions.h"

namespace confab::topics {

Session& Sessions::add(std::string client) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.session = std::make_unique<Session>();
  slot.session->client = std::move(client);
  slot.session->ref = {index, slot.generation};
  by_client_.emplace(slot.session->client, slot.session.get());
  return *slot.session;
}

void Sessions::remove(Session& session) {
  const std::uint32_t index = session.ref.index;
  by_client_.erase(session.client);
  ++slots_[index].generation;
  slots_[index].session.reset();
  free_.push_back(index);
}

Session* Sessions::find(std::string_view client) {
  const auto at = by_client_.find(client);
  return at == by_client_.end() ? nullptr : at->second;
}

Session* Sessions::find(Link link) {
  const auto at = by_link_.find(link);
  return at == by_link_.end() ? nullptr : at->second;
}

Session* Sessions::find(SessionRef ref) {
  if (ref.index >= slots_.size() || slots_[ref.index].generation != ref.generation) return nullptr;
  return slots_[ref.index].session.get();
}

void Sessions::attach(Session& session, Link link) {
  session.link = link;
  by_link_.emplace(link, &session);
}

void Sessions::detach(Session& session) {
  by_link_.erase(session.link);
  session.link = 0;
}

}  // namespace confab::topics
