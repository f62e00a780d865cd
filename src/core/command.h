// What a session asks of the domain, and what it is answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "core/account.h"
#include "core/archive.h"
#include "core/event.h"
#include "core/node.h"
#include "core/search.h"
#include "core/topic.h"

namespace confab::core {

// ---- Before login. `name` is the prepared local part. ----

// -> CredentialsFound, or Refused{not_authorized} for an unknown, disabled or slowed-down account.
struct FindCredentials {
  std::string name;
};
// Costs the server: done in the password pool. -> Done, or Refused{not_authorized | too_fast}.
struct VerifyPassword {
  std::string name;
  std::string password;  // prepared (OpaqueString)
};
// -> Done, or Refused{conflict | not_allowed | bad_address | too_fast}.
struct Register {
  std::string name;
  std::string password;
  std::string email;
  std::string invite;  // hash of an invitation's token (core/change.h); empty: none
};

// ---- The account itself. ----

// -> Done.
struct ChangePassword {
  std::string password;
};
// Only an administrator's, never a session's: no login any more, and the sessions end; or again. -> Done.
struct Disable {
  bool disabled = true;
};
// Ends every session, forgets the account, tells its friends (XEP-0077 §3.2). -> Done.
struct RemoveAccount {
  bool retire = false;  // the address, too (core/change.h); only the site's to ask for
};

// ---- Sessions. ----

// Binds a session. -> SessionOpened, or Refused{too_fast} over sessions_per_account. A session of the same resource
// that is still there is ended with `conflict` (RFC 6120 §7.7.2.2).
struct OpenSession {
  Wire wire = Wire::none;
  std::string resource;      // empty: the server makes one, and the session has no cursor
  bool keeps = true;         // a named session's place in the log is kept; else it begins at the log's end
  bool clean = false;        // what was kept is forgotten: it begins at the log's end
  std::uint32_t expiry = 0;  // seconds for which the place is kept after the session; 0: device_days
  std::string address = {};  // where its connection comes from, for its owner to know it by
};
// The session is over. clean: the client said goodbye; else its presence stays for the grace time.
struct CloseSession {
  bool clean = true;
  EventPtr last_word = nullptr;       // body: Presence, offline: what is told instead, if it was the last session
  std::optional<seconds> grace = {};  // instead of the site's
  std::optional<std::uint32_t> expiry = {};  // as in OpenSession; 0: the place is forgotten
};
// Everything up to `upto` in the log reached this device for certain. -> no answer.
struct Acknowledge {
  Upos upto = 0;
};
// What is to be remembered of the session's device, as far as it has one. -> Done; with a memo once that is durable.
struct NoteDevice {
  std::optional<std::uint64_t> roster = {};  // Device::roster
  std::optional<std::string> memo = {};      // Device::memo. Refused{too_big}
};
// The session can take the next page of its backlog. -> deliveries.
struct WantBacklog {};
// The session has as much as it can hold until its client acknowledges: nothing more of the log before WantBacklog.
struct HoldBacklog {};
// -> Done, once everything that was in the log has been handed over.
struct AwaitBacklog {};
// The session has lost its connection and waits to be resumed, or was resumed. -> no answer.
struct SetAttached {
  bool attached = true;
};

// Every session and every device of the account. -> SessionsFound.
struct GetSessions {};
// Ends a session of the account, whichever; with `device` its place in the log goes, too, whether there is a session or
// not. -> Done, or Refused{not_found}.
struct EndSession {
  std::string resource;
  bool device = false;
};

// ---- Presence, messages, friends. ----

// `event.from` and `event.id`, `event.at` are filled by the account; `event.to` empty: to all subscribers.
struct SetPresence {
  Event event;  // body: Presence
};
// How a repeat of the same message is recognised (rulings.md, "duplicates").
struct DedupeKey {
  std::string key;  // empty: none
  seconds kept{7 * 24 * 3600};
  bool fresh = false;  // certainly no repeat: whatever had the key before has it no longer
};
// Message, Edit, Recall, Receipt, Reaction, ChatState, Opaque. -> Sent once durable (or delivered, if transient), or
// Refused{blocked | not_found | no_message | forbidden | unavailable | no_space | too_big}.
struct Send {
  Event event;
  DedupeKey dedupe;
  std::string alias;  // another name that later events may call it by, beside event.cid
};
// The session wants, or does not want any more, the account's other sessions' side of the conversations. -> Done.
struct SetCopies {
  bool on = true;
};

// How far the person has read the conversation with somebody, on whatever device; it only moves forward. `upto` empty:
// a place that only the annex can say (another server's id). Told to the account's own sessions, by its log.
// -> Sent, or Refused{bad_payload}.
struct SetReadMarker {
  Address conversation;
  MsgId upto;
  Annex annex;
};
// -> ReadMarkersFound: the newest read_markers of them.
struct GetReadMarkers {};

// -> PresencesFound: one event for each person whose presence the account sees, and one of its own.
struct GetPresences {};
// -> RosterItems: only what changed since `version` if that is known; everything without one.
struct GetRoster {
  std::optional<std::uint64_t> version;
  bool requests = false;  // who asked and waits for an answer, too, in the roster or not
};
// Name and groups of a friend. -> Done, or Refused{bad_payload | too_big | not_found}.
struct SetRosterItem {
  Address peer;
  std::string name;
  std::vector<std::string> groups;
  bool keep_name = false;  // as it is
  bool keep_groups = false;
  bool only_known = false;  // not_found, if he is not in the roster
};
// -> Done, or Refused{not_found}. Ends the subscriptions both ways.
struct RemoveRosterItem {
  Address peer;
};
// body: Subscription. -> Done, or Refused.
struct Subscribe {
  Event event;
};
// -> Blocked list.
struct GetBlocks {};
// -> Done.
struct Block {
  std::vector<Address> peers;
};
// -> Done. Empty: everybody.
struct Unblock {
  std::vector<Address> peers;
};
// Anybody's profile; one's own if `of` is empty. -> ProfileFound, or Refused{not_found}.
struct GetProfile {
  Address of;
};
// -> Done.
struct SetProfile {
  Profile profile;
};
// Looks for something in the account's own log; one search at a time. `limit` 0, or beyond search_results: that many.
// -> FoundEvents, or Refused{bad_payload | too_big | too_fast}.
struct SearchLog {
  SearchQuery query;
};

// ---- What an account publishes (XEP-0060 in its words, XEP-0163 in its rules). Names are never longer than
// kMaxNodeName. ----

// An item into one of the own nodes. A node that is not there is made as `options` say, with the defaults else; one
// that is there must agree with them, if the publisher insists.
struct Publication {
  std::string node;
  std::string item;  // empty: the account gives an id. One that is there already is replaced
  std::string payload;
  NodeOptions options;
  bool insists = true;
};
// An item out of one of the own nodes.
struct Retraction {
  std::string node;
  std::string item;
  bool notify = false;  // tells about it, even where the node does not by itself
};
// All of it, or nothing. -> ItemsPublished, or Refused{not_found | conflict | too_big | bad_payload}.
struct Publish {
  std::vector<Publication> publications;
  std::vector<Retraction> retractions;
  std::optional<Profile> profile;     // as it is from now on
  std::optional<std::string> avatar;  // likewise; kNoAvatar: none any more
};
// Makes a node, or changes how one is configured. -> NodeMade, or Refused{not_found | conflict | too_big}.
struct ConfigureNode {
  std::string node;  // empty, with `make`: the account gives a name
  NodeOptions options;
  bool make = false;
};
// Takes a node's items away, and with `whole` the node itself. -> Done, or Refused{not_found}.
struct ClearNode {
  std::string node;
  bool whole = false;
  std::optional<std::string> avatar;  // as in Publish
};
// Anybody's items in a node, as far as this account may see them; one's own if `of` is empty. -> ItemsFound, or
// Refused{not_found | not_authorized | not_allowed}. not_found does not tell whether there is such an account.
struct GetItems {
  Address of;
  std::string node;
  ItemQuery query;
};
// Anybody's nodes that this account may see. -> NodesFound, or Refused{not_found}.
struct GetNodes {
  Address of;
};
// What the account listens to from now on. -> Done.
struct SetListening {
  std::string text;  // empty: nothing
  Annex annex;
};
// What anybody listens to. -> ListeningFound, or Refused{not_found}.
struct GetListening {
  Address of;
};
// What was last published in these nodes, by the account itself and by everybody whose presence it sees, or by one of
// them. -> no answer: deliveries. For who has just said what he wants to see.
struct ShowLast {
  std::vector<std::string> nodes;
  bool listening = false;
  Address of;  // empty: all
};

using Command =
    std::variant<FindCredentials, VerifyPassword, Register, ChangePassword, Disable, RemoveAccount, OpenSession,
                 CloseSession, Acknowledge, NoteDevice, WantBacklog, HoldBacklog, SetAttached, SetPresence, Send,
                 GetRoster, SetRosterItem, RemoveRosterItem, Subscribe, GetBlocks, Block, Unblock, GetProfile,
                 SetProfile, SetCopies, QueryArchive, GetArchiveEnds, GetArchivePreferences, SetArchivePreferences,
                 SearchLog, Publish, ConfigureNode, ClearNode, GetItems, GetNodes, SetListening, GetListening, ShowLast,
                 SetReadMarker, GetReadMarkers, GetPresences, AwaitBacklog, GetHistory, ReadLog, GetSessions,
                 EndSession, OpenTopicSession, CloseTopicSession, SubscribeTopics, UnsubscribeTopics, PublishTopic,
                 ForgetTopicKey, AcknowledgeTopic, WantTopics>;

// ---- Answers. ----

// Why something of an account is refused, as the text of a Refused whose code does not say it all. Limits are named as
// in the configuration.
namespace why {
inline constexpr std::string_view kGroup = "not in a roster group";
inline constexpr std::string_view kClosed = "the node is closed";
inline constexpr std::string_view kPrecondition = "the node is configured otherwise";
}  // namespace why

struct Done {};
struct Refused {
  Errc code = Errc::unavailable;
  std::string text;
};
struct CredentialsFound {
  Uid uid = 0;
  std::string credentials;
};
struct SessionOpened {
  SessionId id = 0;
  std::string resource;
  bool present = false;      // it goes on from a place that was kept
  Upos head = 0;             // the last place in the log
  Upos from = 0;             // everything after this follows
  Upos sent = 0;             // up to here the device was sent everything before, as far as this process knows
  Upos unread = 0;           // rows that no device has
  std::uint64_t roster = 0;  // of the device that goes on: NoteDevice's
  std::string memo = {};
};
// One for each session, and for each device that has none just now.
struct SessionLine {
  Wire wire = Wire::none;  // none: no session
  std::string resource;
  std::string address;
  bool device = false;   // has a place in the log
  bool current = false;  // that which asks
  WallMs since;          // logged in; 0: no session
  WallMs last_seen;      // of a device
};
struct SessionsFound {
  std::vector<SessionLine> sessions;
};
// The event is durable (or, transient, was handed on). A repeat is answered with the first one's id.
struct Sent {
  MsgId id;
  WallMs at;
  Upos seq = 0;  // in the author's own log; 0: transient
  bool duplicate = false;
};
struct PresencesFound {
  std::vector<EventPtr> events;  // body: Presence, of the account as a whole; from: its bare address
};
struct RosterItems {
  std::vector<RosterItem> items;  // without tombstones if `full`
  std::uint64_t version = 0;
  bool full = true;
};
struct BlockedPeers {
  std::vector<Address> peers;
};
struct ProfileFound {
  Profile profile;
  std::string avatar;  // as in Presence
};
struct ItemsPublished {
  std::vector<std::string> items;  // ids, one for each publication
};
struct NodeMade {
  std::string node;
};
struct ItemsFound {
  NodeConfig config;
  ItemPage page;
};
struct NodesFound {
  std::vector<Node> nodes;
  bool listening = false;  // there is something to be asked for by GetListening
};
struct ListeningFound {
  EventPtr event;  // null: the account never said anything
};
struct ReadMarkersFound {
  struct One {
    ReadMarker marker;
    Annex annex;
  };
  std::vector<One> markers;  // the last that moved first
};
using Reply =
    std::variant<Done, Refused, CredentialsFound, SessionOpened, Sent, RosterItems, BlockedPeers, ProfileFound,
                 ArchivePage, ArchiveEnds, ArchivePreferencesFound, FoundEvents, ItemsPublished, NodeMade, ItemsFound,
                 NodesFound, ListeningFound, ReadMarkersFound, PresencesFound, HistoryFound, LogFound, SessionsFound,
                 TopicSessionOpened, TopicsSubscribed, TopicsUnsubscribed, TopicPublished>;

// An event on its way to a session.
struct Delivery {
  EventPtr event;
  Upos seq = 0;          // position in this account's log; 0: transient
  bool delayed = false;  // from the backlog: it waited for this device
  bool own = false;      // this account's own event, made on another device
  bool paged = false;    // part of a page: WantBacklog once it is through brings the next
  bool copy = false;     // of what another session of the account was sent, or with `own` sent itself
};

}  // namespace confab::core
