// The decisions by noun: what decide() and receive() choose among. For core's own units only.
#pragma once

#include "core/plan.h"

namespace confab::core {

Plan refuse(Errc code, std::string_view text = {});

// An event made here and now.
EventPtr make_event(const Context& context, Address from, Address to, Body body);

// A copy for everybody in `sessions` that `wanted` picks.
template <class Wanted>
void notify_sessions(const Account& account, const EventPtr& event, Plan& plan, Wanted wanted) {
  for (const SessionState& session : account.sessions) {
    if (wanted(session)) plan.notifies.push_back({session.id, event});
  }
}

// roster.cpp
Plan get_roster(const Account& account, const SessionState& session, const GetRoster& command);
Plan set_roster_item(const Account& account, SetRosterItem& command, const Context& context);
Plan remove_roster_item(const Account& account, const RemoveRosterItem& command, const Context& context);
Plan subscribe(const Account& account, Subscribe& command, const Context& context);
Plan receive_subscription(const Account& account, const EventPtr& event, const Context& context);
// Stores `item` as the roster's next version, and tells the sessions that follow the roster.
void change_item(const Account& account, RosterItem item, const Context& context, Plan& plan);

// presence.cpp
Plan set_presence(const Account& account, const SessionState& session, SetPresence& command, const Context& context);
Plan receive_presence(const Account& account, const EventPtr& event);
Plan receive_probe(const Account& account, const EventPtr& event, const Context& context);
// Every available session's presence, or its end, to one contact.
void show_presence(const Account& account, const Address& to, const Context& context, Plan& plan);
void hide_presence(const Account& account, const Address& to, const Context& context, Plan& plan);

// blocking.cpp
Plan get_blocks(const Account& account, const SessionState& session);
Plan block(const Account& account, const Block& command, const Context& context);
Plan unblock(const Account& account, const Unblock& command, const Context& context);

// archive.cpp
Plan set_copies(const SessionState& session, const SetCopies& command);
Plan get_archive_preferences(const Account& account);
Plan set_archive_preferences(const Account& account, SetArchivePreferences& command, const Context& context);

// conversation.cpp
Plan set_read_marker(const Account& account, SetReadMarker& command, const Context& context);
Plan send(const Account& account, const SessionState& session, Send& command, const Context& context);
Plan receive_for_log(const Account& account, const EventPtr& event, const Sender& sender, const Context& context);
Plan receive_transient(const Account& account, const EventPtr& event);

// publishing.cpp
Plan publish(const Account& account, const SessionState& session, Publish& command, const Context& context);
Plan configure_node(const Account& account, ConfigureNode& command, const Context& context);
Plan clear_node(const Account& account, const ClearNode& command, const Context& context);
Plan set_listening(const Account& account, const SessionState& session, SetListening& command, const Context& context);
Plan receive_published(const Account& account, const EventPtr& event);
// What a presence says of it is said by the account as a whole.
void change_listening(const Account& account, Event&& event, const Context& context, Plan& plan);

}  // namespace confab::core
