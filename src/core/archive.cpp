// The archive: which part of an account's log can be asked for, and by whose wish (XEP-0313, XEP-0441).
#include <algorithm>

#include "core/decisions.h"
#include "core/event_codec.h"

namespace confab::core {
namespace {

template <class... Kinds>
std::uint32_t bits_of() {
  const auto bit = [](Body body) {
    Event event;
    event.body = std::move(body);
    return 1U << kind_number(event);
  };
  return (bit(Kinds{}) | ...);
}

bool names(const std::vector<Address>& list, const Address& peer) {
  return std::any_of(list.begin(), list.end(), [&](const Address& entry) {
    return entry.resource.empty() ? entry.same_bare(peer) : entry == peer;
  });
}

}  // namespace

std::uint32_t archive_kinds() {
  static const std::uint32_t kinds = bits_of<Message, Edit, Recall, Receipt, Reaction, Withdrawn>();
  return kinds;
}

std::uint32_t message_kinds() {
  static const std::uint32_t kinds = bits_of<Message, Withdrawn>();
  return kinds;
}

bool is_copied(const SessionState& session) {
  return session.copies && (session.available || session.follows) && !session.lingering;
}

bool is_archived(const AccountRow& account, const Address& peer) {
  if (account.archive == nullptr) return true;
  const ArchivePreferences& wish = *account.archive;
  // What is named beats the rest, and what is not to be kept beats what is.
  if (names(wish.never, peer)) return false;
  if (names(wish.always, peer)) return true;
  if (wish.others == ArchivePreferences::Default::always) return true;
  if (wish.others == ArchivePreferences::Default::never) return false;
  const std::optional<RosterItem> item = account.roster.find(peer);
  return item && item->listed && !item->deleted;
}

Plan set_copies(const SessionState& session, const SetCopies& command) {
  Plan plan;
  plan.sessions.push_back(session);
  plan.sessions.back().copies = command.on;
  plan.reply = Done{};
  return plan;
}

Plan get_archive_preferences(const Account& account) {
  Plan plan;
  plan.reply = ArchivePreferencesFound{account.row.archive == nullptr ? ArchivePreferences{} : *account.row.archive};
  return plan;
}

Plan set_archive_preferences(const Account& account, SetArchivePreferences& command, const Context& context) {
  if (command.preferences.always.size() + command.preferences.never.size() > context.policy.archive_preferences) {
    return refuse(Errc::too_big, "archive_preferences");
  }
  Plan plan;
  plan.changes.emplace_back(PutArchivePreferences{account.row.uid, std::move(command.preferences)});
  plan.reply = Done{};
  return plan;
}

}  // namespace confab::core
