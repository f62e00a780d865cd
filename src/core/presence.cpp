// Presence: who hears of it, and when (RFC 6121 §4).
#include <algorithm>

#include "core/decisions.h"

namespace confab::core {
namespace {

Address full(const Account& account, const SessionState& session) {
  return account.row.address.with(session.resource);
}

// To everybody who may see this account, and to its own other sessions (RFC 6121 §4.2.2, §4.4.2, §4.5.2).
void broadcast(const Account& account, const SessionState& session, const EventPtr& event, Plan& plan) {
  for (const RosterItem& item : account.row.roster) {
    if (!item.from || item.deleted || account.row.blocks.covers(item.peer)) continue;
    plan.forwards.push_back({item.peer, event, true});
  }
  notify_sessions(account, event, plan, [&](const SessionState& other) {
    return other.available && !other.lingering && other.id != session.id;
  });
}

// ---- The presence of the account as a whole (rulings.md, "presence of several sessions"). ----

const Presence& presence_of(const SessionState& session) {
  return std::get<Presence>(session.presence->body);
}

// The one that speaks for the account: of the highest priority, then the newest.
const SessionState* spokesman(const std::vector<SessionState>& sessions) {
  const SessionState* best = nullptr;
  for (const SessionState& session : sessions) {
    if (!session.available || session.presence == nullptr) continue;
    const auto rank = [](const SessionState& each) {
      return std::pair(presence_of(each).priority, presence_of(each).since);
    };
    if (best == nullptr || rank(*best) <= rank(session)) best = &session;
  }
  return best;
}

std::shared_ptr<Event> account_event(const Account& account, const std::vector<SessionState>& sessions,
                                     const Presence& last, const Context& context) {
  Presence presence{
      .status = Status::offline, .priority = 0, .signature = last.signature, .listening = {}, .since = last.since};
  presence.listening = last.listening;
  presence.avatar = last.avatar;
  Annex annex;
  WallMs at = last.since;
  if (const SessionState* best = spokesman(sessions)) {
    presence.status = presence_of(*best).status;
    presence.priority = presence_of(*best).priority;
    presence.since = presence_of(*best).since;
    annex = best->presence->annex;
    at = best->presence->at;
  }
  auto event = std::make_shared<Event>();
  event->id = context.ids.next(context.now);
  event->at = at;
  event->from = account.row.address;
  event->body = std::move(presence);
  event->annex = std::move(annex);
  return event;
}

bool says_the_same(const Event& one, const Event& other) {
  const auto& a = std::get<Presence>(one.body);
  const auto& b = std::get<Presence>(other.body);
  return a.status == b.status && a.priority == b.priority && a.signature == b.signature && one.annex == other.annex;
}

// The event as it is told: with what has changed of the account by it. `next`: the session as it is from now on; not
// available: gone.
EventPtr with_account(const Account& account, const SessionState& next, const Presence& last, const EventPtr& event,
                      const Context& context) {
  std::vector<SessionState> after = account.sessions;
  for (SessionState& session : after) {
    if (session.id == next.id) session = next;
  }
  const EventPtr before = account_event(account, account.sessions, account.row.last, context);
  auto now = account_event(account, after, last, context);
  const bool gone = std::get<Presence>(now->body).status == Status::offline;
  if (gone && next.last_word != nullptr) {
    now->annex = next.last_word->annex;
    const auto& word = std::get<Presence>(next.last_word->body);
    if (!word.signature.empty()) std::get<Presence>(now->body).signature = word.signature;
  }
  if (says_the_same(*before, *now)) return event;
  // What has not changed is not told again.
  auto& changed = std::get<Presence>(now->body);
  changed.listening.clear();
  if (changed.signature == std::get<Presence>(before->body).signature) {
    changed.signature.clear();
  } else if (changed.signature.empty()) {
    changed.signature.push_back({});
  }
  auto told = std::make_shared<Event>(*event);
  now->at = event->at;
  std::get<Presence>(told->body).account = std::move(now);
  return told;
}

EventPtr unavailable(const Account& account, const SessionState& session, const Context& context) {
  Presence gone{.status = Status::offline, .priority = 0, .signature = {}, .listening = {}, .since = context.now};
  return make_event(context, full(account, session), {}, std::move(gone));
}

// Those who got presence of their own, and do not hear the broadcast, hear of the end (RFC 6121 §4.6.3).
void end_directed(const Account& account, const SessionState& session, const EventPtr& event, Plan& plan) {
  for (const Address& to : session.directed) {
    const std::optional<RosterItem> item = account.row.roster.find(to);
    if (item && item->from && !item->deleted) continue;
    auto copy = std::make_shared<Event>(*event);
    copy->to = to;
    plan.forwards.push_back({to, std::move(copy), true});
  }
}

// What a session is told when it becomes available: its account's other sessions, the requests that wait, and the
// friends, who are asked. Requests of this account that may have been lost on the way are sent again, which RFC 6121
// §3.1.3 makes harmless.
void welcome(const Account& account, const SessionState& session, const Context& context, Plan& plan) {
  const bool first = std::none_of(account.sessions.begin(), account.sessions.end(),
                                  [](const SessionState& other) { return other.available; });
  const bool by_snapshot = session.wire != Wire::xmpp;  // it asks with GetPresences
  for (const SessionState& other : account.sessions) {
    if (other.id != session.id && other.available && !by_snapshot) {
      plan.notifies.push_back({session.id, other.presence});
    }
  }
  const EventPtr probe = make_event(context, full(account, session), {}, PresenceProbe{});
  for (const RosterItem& item : account.row.roster) {
    if (item.to && !by_snapshot) plan.forwards.push_back({item.peer, probe, true});
    if (item.pending_in) {
      plan.notifies.push_back({session.id, make_event(context, item.peer, account.row.address,
                                                      Subscription{Subscription::Step::subscribe, item.request})});
    }
    if (item.pending_out && first) {
      plan.forwards.push_back({item.peer, make_event(context, account.row.address, item.peer, Subscription{})});
    }
  }
}

// The account's own facets move with what its sessions say. No signature at all keeps the old one; an empty one clears
// it (rulings.md).
Presence remember(const Presence& before, const Presence& said, WallMs now) {
  Presence last = before;
  last.status = said.status;
  last.since = now;
  if (!said.signature.empty()) last.signature = said.signature;
  if (last.signature.size() == 1 && last.signature.front().text.empty()) last.signature.clear();
  if (!said.listening.empty()) last.listening = said.listening;
  return last;
}

Plan set_directed(const Account& account, const SessionState& session, const EventPtr& event, const Context& context) {
  if (account.row.blocks.covers(event->to)) return refuse(Errc::not_allowed, "blocked");
  const bool here = std::get<Presence>(event->body).status != Status::offline;
  Plan plan;
  SessionState next = session;
  std::erase(next.directed, event->to);
  if (here) {
    if (next.directed.size() >= context.policy.directed_presences) return refuse(Errc::too_big, "directed_presences");
    next.directed.push_back(event->to);
  }
  plan.sessions.push_back(std::move(next));
  plan.forwards.push_back({event->to, event, true});
  plan.reply = Done{};
  return plan;
}

}  // namespace

Plan set_presence(const Account& account, const SessionState& session, SetPresence& command, const Context& context) {
  auto event = std::make_shared<Event>(std::move(command.event));
  event->id = context.ids.next(context.now);
  event->at = context.now;
  event->from = full(account, session);
  auto& presence = std::get<Presence>(event->body);
  presence.since = context.now;
  presence.avatar = account.row.last.avatar;
  // Where the signature is said by itself, it goes with the account's presence whatever session speaks.
  if (session.wire != Wire::xmpp && presence.signature.empty()) presence.signature = account.row.last.signature;
  if (!event->to.empty()) return set_directed(account, session, event, context);
  Plan plan;
  SessionState next = session;
  const bool here = presence.status != Status::offline;
  plan.first_presence = here && !session.available;
  next.available = here;
  next.lingering = false;
  next.follows = next.follows || (here && session.wire != Wire::xmpp);
  next.presence = here ? EventPtr(event) : nullptr;
  next.inherited = false;
  if (!here && !session.available && !session.inherited) {
    plan.reply = Done{};
    return plan;
  }
  if (!here) {
    end_directed(account, session, event, plan);
    next.directed.clear();
  }
  plan.last = remember(account.row.last, presence, context.now);
  const EventPtr told = with_account(account, next, *plan.last, event, context);
  broadcast(account, session, told, plan);
  plan.notifies.push_back({session.id, told});
  if (!presence.listening.empty() && presence.listening != account.row.last.listening) {
    Event said;
    said.source = session.wire;
    said.body = Listening{presence.listening};
    change_listening(account, std::move(said), context, plan);
  }
  if (plan.first_presence) welcome(account, session, context, plan);
  plan.sessions.push_back(std::move(next));
  plan.reply = Done{};
  return plan;
}

// A broadcast (`to` empty) counts only from somebody whose presence this account is subscribed to; a directed one
// always.
Plan receive_presence(const Account& account, const EventPtr& event) {
  Plan plan;
  if (account.row.blocks.covers(event->from)) return plan;
  const bool broadcast = event->to.empty();
  if (broadcast) {
    const std::optional<RosterItem> item = account.row.roster.find(event->from);
    if (!item || !item->to) return plan;
  }
  const auto& presence = std::get<Presence>(event->body);
  const bool of_account = event->from.resource.empty() && presence.account != nullptr;
  notify_sessions(account, event, plan, [&](const SessionState& session) {
    if (!(session.available || session.follows) || session.lingering) return false;
    // A wire on which an account has one presence is told of that one alone, and XMPP of its sessions'.
    if (session.wire == Wire::xmpp ? of_account : presence.account == nullptr) return false;
    return broadcast || event->to.is_bare() || event->to.resource == session.resource;
  });
  return plan;
}

Plan receive_probe(const Account& account, const EventPtr& event, const Context& context) {
  Plan plan;
  if (account.row.blocks.covers(event->from)) return plan;
  const std::optional<RosterItem> item = account.row.roster.find(event->from);
  if (!item || !item->from) {
    // RFC 6121 §4.3.2: the asker believes in a subscription that is not there.
    plan.forwards.push_back({event->from.bare(), make_event(context, account.row.address, event->from.bare(),
                                                            Subscription{Subscription::Step::unsubscribed, {}})});
    return plan;
  }
  for (const SessionState& session : account.sessions) {
    if (session.available) plan.forwards.push_back({event->from, session.presence, true});
  }
  return plan;
}

// A session that only lingers is about to be told of as gone.
Plan announce_presence(const Account& account, const Context& context) {
  Plan plan;
  for (const SessionState& session : account.sessions) {
    if (!session.available || session.lingering) continue;
    auto event = std::make_shared<Event>(*session.presence);
    event->id = context.ids.next(context.now);
    std::get<Presence>(event->body).avatar = account.row.last.avatar;
    SessionState next = session;
    next.presence = event;
    broadcast(account, session, event, plan);
    plan.notifies.push_back({session.id, event});
    plan.sessions.push_back(std::move(next));
  }
  return plan;
}

EventPtr account_presence(const Account& account, const Context& context) {
  return account_event(account, account.sessions, account.row.last, context);
}

namespace {

// For the wires on which an account has one presence; `gone`: that it is offline, whatever it is.
EventPtr for_one(const Account& account, const Address& to, bool gone, const Context& context) {
  auto one = account_event(account, gone ? std::vector<SessionState>() : account.sessions, account.row.last, context);
  auto told = std::make_shared<Event>(*one);
  told->to = to.bare();
  std::get<Presence>(told->body).account = std::move(one);
  return told;
}

}  // namespace

void show_presence(const Account& account, const Address& to, const Context& context, Plan& plan) {
  bool any = false;
  for (const SessionState& session : account.sessions) {
    if (!session.available) continue;
    plan.forwards.push_back({to, session.presence, true});
    any = true;
  }
  if (any) plan.forwards.push_back({to, for_one(account, to, false, context), true});
}

void hide_presence(const Account& account, const Address& to, const Context& context, Plan& plan) {
  bool any = false;
  for (const SessionState& session : account.sessions) {
    if (!session.available) continue;
    auto gone = std::make_shared<Event>(*unavailable(account, session, context));
    gone->to = to.bare();
    plan.forwards.push_back({to, std::move(gone), true});
    any = true;
  }
  if (any) plan.forwards.push_back({to, for_one(account, to, true, context), true});
}

Plan end_session(const Account& account, const SessionState& session, const Context& context) {
  Plan plan;
  if (!session.available && !session.inherited) return plan;
  const EventPtr gone = unavailable(account, session, context);
  end_directed(account, session, gone, plan);
  plan.last = account.row.last;
  plan.last->since = context.now;
  plan.last->status = Status::offline;
  for (const SessionState& other : account.sessions) {
    if (other.id != session.id && other.available) plan.last->status = presence_of(other).status;
  }
  if (plan.last->status == Status::offline && session.last_word != nullptr) {
    const auto& word = std::get<Presence>(session.last_word->body);
    if (!word.signature.empty()) plan.last->signature = word.signature;
  }
  SessionState next = session;
  next.available = false;
  broadcast(account, session, with_account(account, next, *plan.last, gone, context), plan);
  return plan;
}

}  // namespace confab::core
