// What a transaction of the store can do. All changes of one transaction happen, or none.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/account.h"
#include "core/event.h"
#include "core/topic_change.h"

namespace confab::core {

// A new account: the store gives the uid. Errors: conflict if the address is taken, or retired, not_allowed if the
// invitation is unknown, used up or expired.
struct CreateAccount {
  Address address;
  std::string credentials;
  bool admin = false;
  WallMs at;
  Profile profile;
  std::string invite;  // hash of an invitation's token, one use of which this takes; empty: none is needed
  bool reuse = false;  // an address that was retired, too: it is no longer, then
};
// Whoever has the token of this hash (SHA-256, hex) may make `uses` accounts before `expires`. The token itself is kept
// nowhere. The same hash again replaces the invitation.
struct CreateInvite {
  std::string hash;
  WallMs at;  // now: invitations that have expired by then are forgotten
  WallMs expires;
  std::uint32_t uses = 1;
};
struct SetCredentials {
  Uid uid = 0;
  std::string credentials;
};
struct SetDisabled {
  Uid uid = 0;
  bool disabled = false;
};
// Takes everything of the account away: roster, devices, blocks, profile, log. Events in others' logs stay.
struct DropAccount {
  Uid uid = 0;
  bool retire = false;  // nobody gets the address by accident, and with it what friends write to the one who had it
};
// The item as it is now, a tombstone too; and the roster's version with it. An item that is neither listed nor
// pending nor approved nor deleted is taken away.
struct PutRosterItem {
  Uid uid = 0;
  RosterItem item;
  std::uint64_t version = 0;
};
struct PutBlocks {
  Uid uid = 0;
  std::vector<Address> peers;  // the whole list
};
struct PutProfile {
  Uid uid = 0;
  Profile profile;
};
// A new device, or where an old one stands. `delivered` moves with the furthest cursor and never goes back.
struct PutDevice {
  Uid uid = 0;
  Device device;
};
// What some device without a cursor has taken: moves `delivered` alone.
struct PutDelivered {
  Uid uid = 0;
  Upos upto = 0;
};
struct DropDevice {
  Uid uid = 0;
  std::string name;
};
// But for what PutListening and PutAvatar carry.
struct PutLastPresence {
  Uid uid = 0;
  Presence presence;
};
struct PutListening {
  Uid uid = 0;
  EventPtr event;  // body: Listening
};
struct PutAvatar {
  Uid uid = 0;
  std::string avatar;
};

// A new node, or how one is configured from now on. Of its items the newest `keep` stay.
struct PutNode {
  Uid uid = 0;
  Node node;
  std::uint32_t keep = 0;
};
struct DropNode {
  Uid uid = 0;
  std::string node;
};
// In the place of the item of the same id, as the newest; then the newest `keep` of the node stay. Errors: too_big if
// the account's payloads together would have more than `limit` bytes.
struct PutItem {
  Uid uid = 0;
  std::string node;
  Item item;
  std::uint32_t keep = 0;
  std::uint64_t limit = 0;
};
// Errors: not_found if there is no such item.
struct DropItem {
  Uid uid = 0;
  std::string node;
  std::string item;
};

struct PutArchivePreferences {
  Uid uid = 0;
  ArchivePreferences preferences;
};

// Whose log an event goes into. `owner`: hash of the account's address, so that the report finds its shard.
struct LogTarget {
  Uid uid = 0;
  std::uint64_t owner = 0;
  bool archived = true;  // false: no query finds it, and it goes once every device of the account has it
};
// An earlier message of the same conversation that an event speaks of: one of these people wrote it.
struct Reference {
  std::string name;  // as in names_in(event.body)
  Uid author = 0;
  Uid or_author = 0;  // 0: nobody else
};
// An event is appended to the logs of the people it concerns, unless `key` says that it already was.
struct Append {
  EventPtr event;
  ConvId conversation;
  std::vector<LogTarget> logs;  // each gets its next position; no account twice
  Uid source = 0;               // whose duplicate keys and names: the author's
  std::string key;              // empty: not checked
  WallMs key_expires;
  bool key_fresh = false;        // certainly no repeat: whatever had the key before has it no longer
  std::string alias;             // a name that later events may use beside the event's cid
  std::vector<Reference> about;  // one for each of names_in(event.body); the store completes the event by what it finds
  // no_message unless each of `about` is there: edits and recalls, which are nothing without it. A Recall withdraws the
  // message and its edits from every log.
  bool must_find = false;
};

using Change =
    std::variant<CreateAccount, CreateInvite, SetCredentials, SetDisabled, DropAccount, PutRosterItem, PutBlocks,
                 PutProfile, PutDevice, PutDelivered, DropDevice, PutLastPresence, PutArchivePreferences, Append,
                 PutListening, PutAvatar, PutNode, DropNode, PutItem, DropItem, TopicChange>;

}  // namespace confab::core
