#include "core/decisions.h"
#include "core/subscription.h"

namespace confab::core {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

Plan refuse(Errc code, std::string_view text) {
  Plan plan;
  plan.reply = Refused{code, std::string(text)};
  return plan;
}

EventPtr make_event(const Context& context, Address from, Address to, Body body) {
  auto event = std::make_shared<Event>();
  event->id = context.ids.next(context.now);
  event->at = context.now;
  event->from = std::move(from);
  event->to = std::move(to);
  event->body = std::move(body);
  return event;
}

Plan decide(const Account& account, SessionId id, Command& command, const Context& context) {
  const SessionState* session = account.find_session(id);
  if (session == nullptr) return refuse(Errc::closed, "no session");
  return std::visit(Overloaded{[&](SetPresence& c) { return set_presence(account, *session, c, context); },
                               [&](Send& c) { return send(account, *session, c, context); },
                               [&](GetRoster& c) { return get_roster(account, *session, c); },
                               [&](SetRosterItem& c) { return set_roster_item(account, c, context); },
                               [&](RemoveRosterItem& c) { return remove_roster_item(account, c, context); },
                               [&](Subscribe& c) { return subscribe(account, c, context); },
                               [&](SetReadMarker& c) { return set_read_marker(account, c, context); },
                               [&](SetCopies& c) { return set_copies(*session, c); },
                               [&](GetArchivePreferences&) { return get_archive_preferences(account); },
                               [&](SetArchivePreferences& c) { return set_archive_preferences(account, c, context); },
                               [&](GetBlocks&) { return get_blocks(account, *session); },
                               [&](Block& c) { return block(account, c, context); },
                               [&](Unblock& c) { return unblock(account, c, context); },
                               [&](Publish& c) { return publish(account, *session, c, context); },
                               [&](ConfigureNode& c) { return configure_node(account, c, context); },
                               [&](ClearNode& c) { return clear_node(account, c, context); },
                               [&](SetListening& c) { return set_listening(account, *session, c, context); },
                               [&](SetProfile& c) {
                                 Plan plan;
                                 plan.changes.emplace_back(PutProfile{account.row.uid, std::move(c.profile)});
                                 plan.reply = Done{};
                                 return plan;
                               },
                               [](auto&) { return refuse(Errc::unsupported); }},
                    command);
}

Plan receive(const Account& account, const EventPtr& event, const Sender& sender, const Context& context) {
  return std::visit(Overloaded{[&](const Presence&) { return receive_presence(account, event); },
                               [&](const PresenceProbe&) { return receive_probe(account, event, context); },
                               [&](const Subscription&) { return receive_subscription(account, event, context); },
                               [&](const Published&) { return receive_published(account, event); },
                               [&](const Listening&) { return receive_published(account, event); },
                               [&](const auto&) {
                                 if (account.row.blocks.covers(event->from)) return refuse(Errc::blocked);
                                 return is_kept(*event) ? receive_for_log(account, event, sender, context)
                                                        : receive_transient(account, event);
                               }},
                    event->body);
}

void apply(Account& account, const Change& change) {
  AccountRow& row = account.row;
  std::visit(Overloaded{[&](const SetCredentials& c) { row.credentials = c.credentials; },
                        [&](const SetDisabled& c) { row.disabled = c.disabled; },
                        [&](const PutRosterItem& c) {
                          row.roster.version = c.version;
                          if (is_void(c.item)) {
                            row.roster.remove(c.item.peer);
                          } else {
                            row.roster.put(c.item);
                          }
                        },
                        [&](const PutBlocks& c) { row.blocks.peers = c.peers; },
                        [&](const PutDevice& c) {
                          std::erase_if(row.devices, [&](const auto& device) { return device.name == c.device.name; });
                          row.devices.push_back(c.device);
                        },
                        [&](const DropDevice& c) {
                          std::erase_if(row.devices, [&](const auto& device) { return device.name == c.name; });
                        },
                        [&](const PutArchivePreferences& c) {
                          const bool usual = c.preferences == ArchivePreferences{};
                          row.archive = usual ? nullptr : std::make_shared<const ArchivePreferences>(c.preferences);
                        },
                        [&](const PutLastPresence& c) { row.set_last(c.presence); },
                        [&](const PutListening& c) { row.last.listening = std::get<Listening>(c.event->body).text; },
                        [&](const PutAvatar& c) { row.last.avatar = c.avatar; },
                        [&](const PutNode& c) { row.nodes.put(c.node); },
                        [&](const DropNode& c) { row.nodes.remove(c.node); }, [](const auto&) {}},
             change);
}

}  // namespace confab::core
