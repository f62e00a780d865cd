#include "core/event.h"

#include <algorithm>

namespace confab::core {
namespace {

// Whether each alternative is something that a device must not miss. A new alternative has to be decided here.
struct Kept {
  bool operator()(const Message& m) const { return m.keep && m.kind != Message::Kind::headline; }
  bool operator()(const Edit& e) const { return e.content.keep; }
  bool operator()(const Recall&) const { return true; }
  bool operator()(const Receipt&) const { return true; }
  bool operator()(const ReadMarker&) const { return true; }
  bool operator()(const Reaction&) const { return true; }
  bool operator()(const GroupChange&) const { return true; }
  bool operator()(const ChatState&) const { return false; }
  bool operator()(const Presence&) const { return false; }
  bool operator()(const PresenceProbe&) const { return false; }
  bool operator()(const Subscription&) const { return false; }  // the roster's tables carry it
  bool operator()(const RosterChange&) const { return false; }  // likewise
  bool operator()(const BlockChange&) const { return false; }
  bool operator()(const Opaque&) const { return false; }
  bool operator()(const Bounce&) const { return false; }
  bool operator()(const Withdrawn&) const { return true; }
  bool operator()(const Published&) const { return false; }  // the nodes carry it
  bool operator()(const Listening&) const { return false; }  // the account does
};

}  // namespace

const AnnexItem* find(const Annex& annex, Wire wire, std::string_view key) {
  const auto it = std::find_if(annex.begin(), annex.end(),
                               [&](const AnnexItem& item) { return item.wire == wire && item.key == key; });
  return it == annex.end() ? nullptr : &*it;
}

bool is_announcement(const Event& event) {
  const auto* message = std::get_if<Message>(&event.body);
  return message != nullptr && message->kind == Message::Kind::headline && event.from.is_domain();
}

bool is_kept(const Event& event) {
  if (is_announcement(event)) return std::get<Message>(event.body).keep;
  return std::visit(Kept{}, event.body);
}

std::string_view name_of(Wire wire) {
  switch (wire) {
    case Wire::none:
      return "none";
    case Wire::xmpp:
      return "xmpp";
    case Wire::mqtt:
      return "mqtt";
    case Wire::sip:
      return "sip";
    case Wire::http:
      return "http";
  }
  return "none";
}

}  // namespace confab::core
