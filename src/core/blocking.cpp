// The block list (XEP-0191).
#include <algorithm>

#include "core/decisions.h"

namespace confab::core {
namespace {

// The whole new list, told to the sessions that follow it.
void change_blocks(const Account& account, std::vector<Address> peers, const BlockChange& told, const Context& context,
                   Plan& plan) {
  plan.changes.emplace_back(PutBlocks{account.row.uid, std::move(peers)});
  const EventPtr push = make_event(context, account.row.address, account.row.address, told);
  notify_sessions(account, push, plan, [](const SessionState& session) { return session.blocklist; });
  plan.reply = Done{};
}

// Friends who may see this account and whom `list` covers.
template <class Each>
void for_covered_friends(const Account& account, const std::vector<Address>& peers, Each each) {
  const BlockList list{peers};
  for (const RosterItem& item : account.row.roster) {
    if (item.from && !item.deleted && list.covers(item.peer)) each(item.peer);
  }
}

// While a friend was blocked his presence was not shown.
void ask_presence(const Account& account, const BlockList& freed, const BlockList& remaining, const Context& context,
                  Plan& plan) {
  for (const SessionState& session : account.sessions) {
    if (!session.available) continue;
    const EventPtr probe = make_event(context, account.row.address.with(session.resource), {}, PresenceProbe{});
    for (const RosterItem& item : account.row.roster) {
      if (item.to && freed.covers(item.peer) && !remaining.covers(item.peer)) {
        plan.forwards.push_back({item.peer, probe, true});
      }
    }
  }
}

}  // namespace

Plan get_blocks(const Account& account, const SessionState& session) {
  Plan plan;
  plan.sessions.push_back(session);
  plan.sessions.back().blocklist = true;
  plan.reply = BlockedPeers{account.row.blocks.peers};
  return plan;
}

Plan block(const Account& account, const Block& command, const Context& context) {
  std::vector<Address> fresh;
  for (const Address& peer : command.peers) {
    const auto& known = account.row.blocks.peers;
    if (!std::binary_search(known.begin(), known.end(), peer)) fresh.push_back(peer);
  }
  std::sort(fresh.begin(), fresh.end());
  fresh.erase(std::unique(fresh.begin(), fresh.end()), fresh.end());
  if (account.row.blocks.peers.size() + fresh.size() > context.policy.blocked_peers) {
    return refuse(Errc::too_big, "blocked_peers");
  }
  Plan plan;
  // XEP-0191 §3.3: to those who are blocked now, this account goes offline.
  for_covered_friends(account, fresh, [&](const Address& peer) {
    if (!account.row.blocks.covers(peer)) hide_presence(account, peer, context, plan);
  });
  std::vector<Address> all = account.row.blocks.peers;
  all.insert(all.end(), fresh.begin(), fresh.end());
  std::sort(all.begin(), all.end());
  change_blocks(account, std::move(all), BlockChange{command.peers, true}, context, plan);
  return plan;
}

Plan unblock(const Account& account, const Unblock& command, const Context& context) {
  std::vector<Address> left;
  std::vector<Address> freed;
  for (const Address& peer : account.row.blocks.peers) {
    const bool named =
        command.peers.empty() || std::find(command.peers.begin(), command.peers.end(), peer) != command.peers.end();
    (named ? freed : left).push_back(peer);
  }
  Plan plan;
  // XEP-0191 §3.4: to those who are not blocked any more, this account is there again, and it asks for theirs.
  const BlockList remaining{left};
  ask_presence(account, BlockList{freed}, remaining, context, plan);
  for_covered_friends(account, freed, [&](const Address& peer) {
    if (!remaining.covers(peer)) show_presence(account, peer, context, plan);
  });
  change_blocks(account, std::move(left), BlockChange{command.peers, false}, context, plan);
  return plan;
}

}  // namespace confab::core
