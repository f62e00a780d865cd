// The state of one account, as its owner shard holds it, and the pieces it is made of.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/account_roster.h"
#include "core/event.h"
#include "core/node.h"

namespace confab::core {

// A session's number, unique in this process's life. 0: none.
using SessionId = std::uint64_t;

// What people say of themselves. `annex` keeps each wire's own form (XMPP: the vCard as it was set).
struct Profile {
  std::string name;
  std::string email;
  std::string phone;
  Annex annex;
  bool operator==(const Profile&) const = default;
};

inline constexpr std::size_t kMaxDeviceMemo = 20 * 1024;

// A device that chose its own name has a cursor: everything in the log up to it has been acknowledged by the device.
struct Device {
  std::string name;  // resource, client id or instance
  Upos cursor = 0;
  WallMs last_seen;
  bool archive = false;      // it reads the archive, and is shown nothing that it can find there (rulings.md)
  Upos sent = 0;             // what it was sent, acknowledged or not; known to this process alone
  std::uint32_t expiry = 0;  // seconds after last_seen for which its place is kept; 0: device_days
  std::uint64_t roster = 0;  // the roster's version that it is known to have; 0: none
  RareText memo;             // what its wire remembers of it, and nobody else reads; at most kMaxDeviceMemo bytes
  bool operator==(const Device&) const = default;
};

struct BlockList {
  std::vector<Address> peers;  // sorted; bare, full or domain addresses (XEP-0191)
  bool covers(const Address& address) const;
};

// Whose messages are kept in the archive once they are delivered (XEP-0441).
struct ArchivePreferences {
  enum class Default : std::uint8_t { always, roster, never };
  Default others = Default::always;  // of whom neither list says anything
  std::vector<Address> always;       // bare or full
  std::vector<Address> never;
  bool operator==(const ArchivePreferences&) const = default;
};

// An account as the store keeps it. The profile and the log stay in the store until asked for.
struct AccountRow {
  Uid uid = 0;
  Address address;          // bare
  std::string credentials;  // auth's record, opaque here
  bool admin = false;
  bool disabled = false;
  WallMs created;
  Roster roster;
  BlockList blocks;
  std::vector<Device> devices;
  Upos head = 0;       // the last position in the log
  Upos delivered = 0;  // up to here some device has everything
  Presence last;       // signature, listening and avatar survive; since: last seen
  Nodes nodes;         // what is published in them stays in the store until asked for

  std::shared_ptr<const ArchivePreferences> archive;  // null: everything is archived

  Device* find_device(std::string_view name);  // null: no such device
  const Device* find_device(std::string_view name) const;
  // The last presence but for listening and avatar, which are changed by themselves.
  void set_last(Presence presence);
};

// One logged-in session of the account.
struct SessionState {
  SessionId id = 0;
  Wire wire = Wire::none;
  std::string resource;     // unique among the account's sessions
  bool named = false;       // the client chose the resource: it is a device with a cursor
  bool available = false;   // has sent presence
  bool interested = false;  // has asked for the roster (RFC 6121 §2.1.6): gets pushes
  bool blocklist = false;   // has asked for the block list: gets its pushes
  bool copies = false;      // gets what the account's other sessions send, and what only they are sent
  bool follows = false;     // gets the log whatever its presence: on wires where that says nothing of messages
  bool lingering = false;   // the connection was lost; its presence stays for the grace time
  // Friends still see a lingering session of this resource, in whose place this one came.
  bool inherited = false;
  EventPtr presence;              // as last announced; null before
  EventPtr last_word;             // CloseSession's, while it lingers
  std::vector<Address> directed;  // who got directed presence and must hear of the end (RFC 6121 §4.6.3)
};

// The account as its actor holds it.
struct Account {
  AccountRow row;
  std::vector<SessionState> sessions;

  const SessionState* find_session(SessionId id) const;
  const SessionState* find_resource(std::string_view resource) const;
};

}  // namespace confab::core
