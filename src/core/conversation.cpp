// Messages and what goes with them, between two people.
#include <algorithm>

#include "core/decisions.h"
#include "core/references.h"

namespace confab::core {
namespace {

// A receipt of one kind for one message counts once per account, whichever device gives it first (rulings.md).
DedupeKey key_of(const Event& event, const DedupeKey& given) {
  const auto* receipt = std::get_if<Receipt>(&event.body);
  if (receipt == nullptr || receipt->about.size() != 1) return given;
  return {"r:" + std::to_string(static_cast<int>(receipt->kind)) + ":" + to_string(event.to.bare()) + ":" +
              receipt->about.front(),
          given.kept};
}

// What the server says for a device that took a message: the giver's own devices have nothing of it.
bool is_made_by_us(const Event& event) {
  const auto* receipt = std::get_if<Receipt>(&event.body);
  return receipt != nullptr && receipt->kind == Receipt::Kind::delivered && event.source == Wire::mqtt;
}

bool may_write(const Account& account, const Address& from, const Policy& policy) {
  if (from.same_bare(account.row.address)) return true;
  if (policy.strangers == Strangers::anyone) return true;
  if (policy.strangers == Strangers::site) return from.domain == account.row.address.domain;
  const std::optional<RosterItem> item = account.row.roster.find(from);
  return item && !item->deleted && (item->listed || item->to || item->from);
}

int priority_of(const SessionState& session) {
  return session.presence == nullptr ? 0 : std::get<Presence>(session.presence->body).priority;
}

bool takes_messages(const SessionState& session) {
  if (session.lingering) return false;
  return session.follows || (session.available && priority_of(session) >= 0);
}

// What somebody may say to somebody else in a Send. The rest has commands of its own, whose rules it must not get past.
bool is_said(const Body& body) {
  return std::holds_alternative<Message>(body) || std::holds_alternative<Edit>(body) ||
         std::holds_alternative<Recall>(body) || std::holds_alternative<Receipt>(body) ||
         std::holds_alternative<Reaction>(body) || std::holds_alternative<ChatState>(body) ||
         std::holds_alternative<Opaque>(body) || std::holds_alternative<Bounce>(body);
}

// Whose messages the event can speak of: one edits and takes back one's own; a receipt is for the other's; a reaction
// or an answer may be to either's.
void refer(Append& append, Uid author, Uid peer) {
  const Body& body = append.event->body;
  append.must_find = std::holds_alternative<Edit>(body) || std::holds_alternative<Recall>(body);
  const bool either = std::holds_alternative<Reaction>(body) || std::holds_alternative<Message>(body);
  for (std::string& name : names_in(body)) {
    const bool own = is_own_name(*append.event, name);
    if (own) name.erase(0, kOwnName.size());
    const bool by_author = own || append.must_find;
    append.about.push_back(
        {.name = std::move(name), .author = by_author ? author : peer, .or_author = either && !own ? author : 0});
  }
  // To name nothing at all is not to name anything of one's own.
  if (append.must_find && append.about.empty()) append.about.push_back({.name = {}, .author = author, .or_author = 0});
}

// What the account's other sessions see of something that is not kept: the rest they get from the log.
void copy_to_others(const Account& account, const SessionState* than, const EventPtr& event, Plan& plan) {
  const auto* message = std::get_if<Message>(&event->body);
  const bool news = message != nullptr && message->kind == Message::Kind::headline;
  if (news || std::holds_alternative<Opaque>(event->body) || std::holds_alternative<Bounce>(event->body)) return;
  for (const SessionState& session : account.sessions) {
    if (is_copied(session) && (than == nullptr || session.id != than->id)) {
      plan.notifies.push_back({.session = session.id, .event = event, .copy = true});
    }
  }
}

// What an administrator says to the site is what the site says to everybody.
Plan announce(const Account& account, const SessionState& session, Send& command, const Context& context) {
  auto* message = std::get_if<Message>(&command.event.body);
  if (message == nullptr) return refuse(Errc::unsupported);
  if (!account.row.admin) return refuse(Errc::forbidden, "administrators");
  message->kind = Message::Kind::headline;
  message->wants = Ask::none;
  message->keep = true;
  auto event = std::make_shared<Event>(std::move(command.event));
  event->id = context.ids.next(context.now);
  event->at = context.now;
  event->from = {{}, account.row.address.domain, {}};
  event->to = {};
  event->source = session.wire;
  Plan plan;
  plan.announcement = Append{.event = event,
                             .conversation = context.conversation(event->from, event->from),
                             .logs = {},
                             .source = account.row.uid,
                             .key = command.dedupe.key,
                             .key_expires = context.now + command.dedupe.kept,
                             .key_fresh = command.dedupe.fresh,
                             .alias = {},
                             .about = {}};
  return plan;
}

}  // namespace

bool is_shown(const Account& account, const SessionState& session, const Address& to) {
  if (session.lingering) return false;
  if (!to.resource.empty()) {
    if (to.resource == session.resource) return true;
    const SessionState* named = account.find_resource(to.resource);
    if (named != nullptr && !named->lingering) return false;
  }
  return takes_messages(session);
}

Plan send(const Account& account, const SessionState& session, Send& command, const Context& context) {
  if (!is_said(command.event.body)) return refuse(Errc::unsupported);
  const Address& to = command.event.to;
  if (to.is_domain() && to.domain == account.row.address.domain) return announce(account, session, command, context);
  if (account.row.blocks.covers(command.event.to)) return refuse(Errc::not_allowed, "blocked");
  auto event = std::make_shared<Event>(std::move(command.event));
  event->id = context.ids.next(context.now);
  event->at = context.now;
  event->from = account.row.address.with(session.resource);
  event->source = session.wire;
  if (event->to.empty()) event->to = account.row.address;
  Plan plan;
  if (!is_kept(*event) && !event->to.same_bare(account.row.address)) copy_to_others(account, &session, event, plan);
  const bool archived = is_archived(account.row, event->to);
  plan.forwards.push_back({.to = event->to, .event = std::move(event), .archived = archived});
  return plan;
}

Plan receive_for_log(const Account& account, const EventPtr& event, const Sender& sender, const Context& context) {
  if (!may_write(account, event->from, context.policy)) return refuse(Errc::blocked, "strangers");
  const Address author = event->from.bare();
  const DedupeKey key = key_of(*event, sender.dedupe);
  Append append{.event = event,
                .conversation = context.conversation(author, account.row.address),
                .logs = {{account.row.uid, context.owner(account.row.address), is_archived(account.row, event->from)}},
                .source = sender.uid,
                .key = key.key,
                .key_expires = context.now + key.kept,
                .key_fresh = key.fresh,
                .alias = sender.alias,
                .about = {}};
  if (sender.uid != 0 && sender.uid != account.row.uid && !is_made_by_us(*event)) {
    append.logs.push_back({sender.uid, context.owner(author), sender.archived});
  }
  refer(append, sender.uid, account.row.uid);
  Plan plan;
  plan.changes.emplace_back(std::move(append));
  return plan;
}

Plan set_read_marker(const Account& account, SetReadMarker& command, const Context& context) {
  constexpr milliseconds kSkew(60'000);
  const bool nowhere = command.upto.empty() && command.annex.empty();
  // What claims to come from the future would keep the marker from ever moving again.
  if (nowhere || context.now + kSkew < time_of(command.upto)) return refuse(Errc::bad_payload, "upto");
  auto event = std::make_shared<Event>();
  event->id = context.ids.next(context.now);
  event->at = context.now;
  event->from = event->to = account.row.address;
  event->body = ReadMarker{command.conversation, command.upto};
  event->annex = std::move(command.annex);
  Append append;
  append.conversation = context.conversation(account.row.address, command.conversation.bare());
  append.event = std::move(event);
  append.logs = {{account.row.uid, context.owner(account.row.address)}};
  append.source = account.row.uid;
  Plan plan;
  plan.changes.emplace_back(std::move(append));
  return plan;
}

// Nothing of this is kept: whoever is here now gets it (RFC 6121 §8.5).
Plan receive_transient(const Account& account, const EventPtr& event) {
  Plan plan;
  const bool exact = std::holds_alternative<Opaque>(event->body) || std::holds_alternative<Bounce>(event->body);
  const SessionState* named = event->to.resource.empty() ? nullptr : account.find_resource(event->to.resource);
  if (named != nullptr && !named->lingering) {
    plan.notifies.push_back({named->id, event});
    copy_to_others(account, named, event, plan);
  } else if (!exact) {
    notify_sessions(account, event, plan,
                    [&](const SessionState& session) { return is_shown(account, session, event->to); });
  }
  const bool answered = !plan.notifies.empty() || !std::holds_alternative<Opaque>(event->body);
  plan.reply = answered ? Reply(Sent{event->id, event->at, 0, false}) : Reply(Refused{Errc::not_found, {}});
  return plan;
}

}  // namespace confab::core
