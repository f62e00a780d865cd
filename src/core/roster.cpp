// Friends: the roster and the subscriptions (RFC 6121 §2 and §3).
#include <algorithm>
#include <tuple>

#include "core/decisions.h"
#include "core/subscription.h"

namespace confab::core {
namespace {

// The peer's item as it is, or as it would begin.
RosterItem item_of(const Account& account, const Address& peer) {
  if (const std::optional<RosterItem> known = account.row.roster.find(peer)) return *known;
  RosterItem fresh;
  fresh.peer = peer.bare();
  fresh.listed = false;
  return fresh;
}

bool is_full(const Account& account, const Address& peer, const Context& context) {
  return account.row.roster.size() >= context.policy.roster_items && !account.row.roster.find(peer);
}

Address own(const Account& account) {
  return account.row.address;
}

EventPtr step_event(const Context& context, Address from, Address to, Subscription::Step step) {
  return make_event(context, std::move(from), std::move(to), Subscription{.step = step, .note = {}});
}

}  // namespace

void change_item(const Account& account, RosterItem item, const Context& context, Plan& plan) {
  const std::optional<RosterItem> before = account.row.roster.find(item.peer);
  const bool was_shown = before && before->listed && !before->deleted;
  const bool shown = (item.listed && !item.deleted) || was_shown;
  const std::uint64_t version = account.row.roster.version + (shown ? 1 : 0);
  item.version = shown ? version : item.version;
  plan.changes.emplace_back(PutRosterItem{account.row.uid, item, version});
  if (!shown) return;
  const EventPtr push =
      make_event(context, own(account), own(account), RosterChange{std::move(item), version, !was_shown});
  notify_sessions(account, push, plan, [](const SessionState& session) { return session.interested; });
}

Plan get_roster(const Account& account, const SessionState& session, const GetRoster& command) {
  const Roster& roster = account.row.roster;
  RosterItems items{.items = {}, .version = roster.version, .full = true};
  // A version that this roster never had (another server's, or before a restore) cannot be built upon.
  if (command.version && *command.version <= roster.version && *command.version > 0) items.full = false;
  for (const RosterItem& item : roster) {
    const bool changed = items.full || item.version > *command.version;
    const bool listed = items.full ? item.listed && !item.deleted : item.listed || item.deleted;
    const bool asks = command.requests && item.pending_in;
    if ((changed && listed) || asks) items.items.push_back(item);
  }
  // The items stand by peer; changes are told in their order. (Not stable_sort: clang refuses libstdc++ 12's.)
  if (!items.full) {
    std::sort(items.items.begin(), items.items.end(), [](const RosterItem& a, const RosterItem& b) {
      return std::tie(a.version, a.peer) < std::tie(b.version, b.peer);
    });
  }
  Plan plan;
  plan.sessions.push_back(session);
  plan.sessions.back().interested = true;
  plan.reply = std::move(items);
  return plan;
}

Plan set_roster_item(const Account& account, SetRosterItem& command, const Context& context) {
  if (command.peer.same_bare(account.row.address)) return refuse(Errc::forbidden, "that is yourself");
  if (is_full(account, command.peer, context)) return refuse(Errc::too_big, "roster_items");
  Plan plan;
  RosterItem item = item_of(account, command.peer);
  if (command.only_known && (!item.listed || item.deleted)) return refuse(Errc::not_found);
  item.listed = true;
  item.deleted = false;
  if (!command.keep_name) item.name = std::move(command.name);
  if (!command.keep_groups) item.groups = std::move(command.groups);
  change_item(account, std::move(item), context, plan);
  plan.reply = Done{};
  return plan;
}

Plan remove_roster_item(const Account& account, const RemoveRosterItem& command, const Context& context) {
  const std::optional<RosterItem> known = account.row.roster.find(command.peer);
  if (!known || known->deleted || !known->listed) return refuse(Errc::not_found);
  Plan plan;
  // RFC 6121 §2.5.2: both subscriptions end, and the contact is told of those that were there.
  if (known->to || known->pending_out) {
    plan.forwards.push_back(
        {known->peer, step_event(context, own(account), known->peer, Subscription::Step::unsubscribe)});
  }
  if (known->from) {
    plan.forwards.push_back(
        {known->peer, step_event(context, own(account), known->peer, Subscription::Step::unsubscribed)});
    hide_presence(account, known->peer, context, plan);
  }
  RosterItem tombstone;
  tombstone.peer = known->peer;
  tombstone.listed = false;
  tombstone.deleted = true;
  tombstone.pending_in = known->pending_in;
  tombstone.request = known->request;
  change_item(account, std::move(tombstone), context, plan);
  plan.reply = Done{};
  return plan;
}

Plan subscribe(const Account& account, Subscribe& command, const Context& context) {
  const Address peer = command.event.to.bare();
  const auto step = std::get<Subscription>(command.event.body).step;
  if (peer == account.row.address) return refuse(Errc::forbidden, "that is yourself");
  if (account.row.blocks.covers(peer) && step == Subscription::Step::subscribe) {
    return refuse(Errc::not_allowed, "blocked");
  }
  if (is_full(account, peer, context)) return refuse(Errc::too_big, "roster_items");
  RosterItem before = item_of(account, peer);
  const bool was_from = before.from;
  SubscriptionOutcome outcome = send_step(std::move(before), step);
  Plan plan;
  const bool begins = outcome.item.from && !was_from;
  const bool ends = was_from && !outcome.item.from;
  if (outcome.pass_on) {
    auto event = std::make_shared<Event>(std::move(command.event));
    event->id = context.ids.next(context.now);
    event->at = context.now;
    event->from = own(account);
    event->to = peer;
    plan.forwards.push_back({peer, std::move(event)});
  }
  if (outcome.changed) change_item(account, std::move(outcome.item), context, plan);
  if (begins) show_presence(account, peer, context, plan);
  if (ends) hide_presence(account, peer, context, plan);
  plan.reply = Done{};
  return plan;
}

Plan receive_subscription(const Account& account, const EventPtr& event, const Context& context) {
  const Address peer = event->from.bare();
  const auto& subscription = std::get<Subscription>(event->body);
  if (account.row.blocks.covers(peer) && subscription.step == Subscription::Step::subscribe) {
    return refuse(Errc::blocked);
  }
  if (is_full(account, peer, context)) return refuse(Errc::too_fast, "roster_items");
  const RosterItem before = item_of(account, peer);
  SubscriptionOutcome outcome = receive_step(before, subscription.step);
  Plan plan;
  const bool ends = before.from && !outcome.item.from;
  const bool begins = !before.from && outcome.item.from;
  if (subscription.step == Subscription::Step::subscribe && outcome.pass_on) {
    outcome.item.request = subscription.note;
    outcome.changed = true;
  }
  const bool visible = outcome.item.listed || before.listed || outcome.item.to != before.to;
  if (outcome.changed) change_item(account, std::move(outcome.item), context, plan);
  if (outcome.auto_approve) {
    plan.forwards.push_back({peer, step_event(context, own(account), peer, Subscription::Step::subscribed)});
  }
  if (begins || outcome.auto_approve) show_presence(account, peer, context, plan);
  if (ends) hide_presence(account, peer, context, plan);
  // RFC 6121 §3.1.3: requests go to sessions that are available; the rest to those that follow the roster.
  const bool request = subscription.step == Subscription::Step::subscribe;
  if (outcome.pass_on && (request || visible)) {
    notify_sessions(account, event, plan, [request](const SessionState& session) {
      return request ? session.available : session.interested || session.available;
    });
  }
  plan.reply = Done{};
  return plan;
}

Plan remove_account(const Account& account, bool retire, const Context& context) {
  Plan plan;
  for (const RosterItem& item : account.row.roster) {
    if (item.to || item.pending_out) {
      plan.forwards.push_back(
          {item.peer, step_event(context, own(account), item.peer, Subscription::Step::unsubscribe)});
    }
    if (item.from || item.pending_in) {
      plan.forwards.push_back(
          {item.peer, step_event(context, own(account), item.peer, Subscription::Step::unsubscribed)});
    }
    if (item.from) hide_presence(account, item.peer, context, plan);
  }
  plan.changes.emplace_back(DropAccount{account.row.uid, retire});
  plan.reply = Done{};
  return plan;
}

}  // namespace confab::core
