// What `decide` wants done. The engine performs it: changes are committed first, then the rest happens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/account.h"
#include "core/change.h"
#include "core/command.h"

namespace confab::core {

// An event for another account. Its actor decides what becomes of it: rights are checked where the effect happens.
struct Forward {
  Address to;  // bare, or full where one session is meant
  EventPtr event;
  bool live_only = false;  // worth nothing to somebody who is not logged in: no account is loaded for it
  bool archived = true;    // what this account's preferences say of it (LogTarget)
};

// An event for one of this account's own sessions, beside the log.
struct Notify {
  SessionId session = 0;
  EventPtr event;
  bool copy = false;  // of what another session of the account sent or was sent
};

struct Plan {
  std::vector<Change> changes;         // to be durable before anything below happens
  std::vector<SessionState> sessions;  // as they are from now on
  std::vector<Forward> forwards;
  std::vector<Notify> notifies;
  std::optional<Append>
      announcement;              // instead of all the rest: for the logs of all accounts; the author's is `source`
  std::optional<Reply> reply;    // to the session or account that asked; an Append answers by itself
  std::optional<Presence> last;  // the account's presence as it is to be remembered; written when convenient
  bool first_presence = false;  // the session has just become available: its backlog and its friends' last words follow
  bool announce = false;        // once the changes are made: announce_presence
};

// What the site lets people do.
enum class Strangers : std::uint8_t { site, roster, anyone };
struct Policy {
  Strangers strangers = Strangers::site;
  std::size_t roster_items = 5000;
  std::size_t blocked_peers = 5000;
  std::size_t directed_presences = 500;
  std::size_t archive_preferences = 1000;  // addresses in both lists together
  std::size_t pep_nodes = 200;
  std::size_t pep_items_per_node = 1000;
  std::size_t pep_item_bytes = 262'144;  // of one payload
  std::size_t pep_bytes = 10'485'760;    // of all payloads of one account
};

// What a decision may know beside the account: the moment, and where ids come from.
struct Context {
  const Policy& policy;
  WallMs now;
  HybridClock& ids;
  // A conversation's id: the first 16 bytes of SHA-256 over the two bare addresses, sorted (store.md). Needs a hash,
  // which core does not have.
  ConvId (*conversation)(const Address& a, const Address& b);
  // Spreads accounts over shards: what LogTarget::owner is made by.
  std::uint64_t (*owner)(const Address& account);
};

// Who sent an event that arrives at an account, and how its repeats are recognised.
struct Sender {
  Uid uid = 0;
  DedupeKey dedupe;
  std::string alias;     // Append::alias
  bool archived = true;  // by the sender's own preferences
};

// What the account's own session asks for. OpenSession, CloseSession, Acknowledge, WantBacklog and what comes before
// login are the engine's own business.
Plan decide(const Account& account, SessionId session, Command& command, const Context& context);

// What an event from another account, or from this one, does here.
Plan receive(const Account& account, const EventPtr& event, const Sender& sender, const Context& context);

// Brings the account up to a change that is durable now.
void apply(Account& account, const Change& change);

// Which sessions are shown an event that came in for `to`: the named one, or all that want messages (RFC 6121 §8.5).
bool is_shown(const Account& account, const SessionState& session, const Address& to);

// Whether `session` gets a copy of what was sent by, or to, another session of its account.
bool is_copied(const SessionState& session);

// Whether what this account exchanges with `peer` is found in its archive.
bool is_archived(const AccountRow& account, const Address& peer);

// Kinds of events (kind_number, as bits) that stand in an archive; and those of them that are messages by themselves.
std::uint32_t archive_kinds();
std::uint32_t message_kinds();

// The session ends: its presence with it (RFC 6121 §4.5.2). `sessions` of the plan is not used: the engine takes it
// away.
Plan end_session(const Account& account, const SessionState& session, const Context& context);

// The presence of the account as a whole, from its bare address, made of its sessions'.
EventPtr account_presence(const Account& account, const Context& context);

// Its presence is told anew, with the avatar that it has now.
Plan announce_presence(const Account& account, const Context& context);

// Whether somebody sees a node of `config`, who stands in its owner's roster as `entry`, or not at all.
enum class Sight : std::uint8_t { seen, needs_presence, needs_group, closed };
Sight sight_of(const NodeConfig& config, const std::optional<RosterItem>& entry);
// The account's node as `asker`, a bare address, sees it, or why he does not.
tl::expected<Node, Refused> look_at(const Account& account, const std::string& node, const Address& asker);
tl::expected<NodesFound, Refused> look_around(const Account& account, const Address& asker);
// Whether `asker` sees what the account listens to; what he is told if not.
std::optional<Refused> hears_not(const Account& account, const Address& asker);

// The account is about to be removed: friends are told (RFC 6121 §2.5.2 for each item).
Plan remove_account(const Account& account, bool retire, const Context& context);

}  // namespace confab::core
