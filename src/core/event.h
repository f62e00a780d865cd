// What happens in Confab, whatever wire it came from: the one vocabulary that every protocol translates to and from.
// A meaning is a typed field here; what only one protocol understands travels in the annex, untouched.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "core/rare_text.h"

namespace confab::core {

enum class Wire : std::uint8_t { none, xmpp, mqtt, sip, http };

// "xmpp", …: as it stands in logs and metrics.
std::string_view name_of(Wire wire);

// What only `wire` understands: raw bytes under its own key, stored and given back untouched to that wire.
struct AnnexItem {
  Wire wire = Wire::none;
  std::string key;
  std::string bytes;
  bool operator==(const AnnexItem&) const = default;
};
using Annex = std::vector<AnnexItem>;
const AnnexItem* find(const Annex& annex, Wire wire, std::string_view key);

// A text in one language (BCP 47; empty: not told).
struct Text {
  std::string lang;
  std::string text;
  bool operator==(const Text&) const = default;
};

// What the author wants to hear back (XEP-0184, XEP-0333, IMDN, `want`). A set of bits.
enum class Ask : std::uint8_t { none = 0, delivered = 1, read = 2, played = 4 };
constexpr Ask operator|(Ask a, Ask b) {
  return static_cast<Ask>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool asks(Ask set, Ask one) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

// A link to a file that was uploaded before.
struct MediaLink {
  std::string url;
  std::string mime;
  std::string name;
  std::uint64_t size = 0;
  std::string sha256;  // lower-case hex, or empty
  std::uint32_t width = 0, height = 0;
  std::uint32_t duration_ms = 0;
  bool operator==(const MediaLink&) const = default;
};

// The paper's application attribute: whose data it is, and the data, which transport never looks into (JSON text).
struct AppTag {
  std::string app;
  std::string data;
  bool operator==(const AppTag&) const = default;
};

// ---- The meanings. Each is one alternative of Event::body. ----

// A message between people. `normal` stands alone, as mail does; `headline` is news that nobody answers and nobody
// keeps.
struct Message {
  enum class Kind : std::uint8_t { chat, normal, headline, group };
  Kind kind = Kind::chat;
  std::vector<Text> bodies;
  std::vector<Text> subjects;
  std::string thread;
  std::string re;  // the id of the message this one answers
  std::vector<MediaLink> media;
  AppTag app;
  Ask wants = Ask::none;
  bool keep = true;  // false: never stored (XEP-0334 no-store, no-permanent-store)
  bool operator==(const Message&) const = default;
};

// A new text for an earlier message of the same author.
struct Edit {
  std::string about;  // the message's id, as its author named it
  Message content;
  bool operator==(const Edit&) const = default;
};

// The author takes a message back.
struct Recall {
  std::string about;
  bool operator==(const Recall&) const = default;
};

struct Receipt {
  enum class Kind : std::uint8_t { delivered, read, played };
  Kind kind = Kind::delivered;
  std::vector<std::string> about;  // ids, as the messages' author named them
  bool operator==(const Receipt&) const = default;
};

// How far the person has read a conversation, on any device.
struct ReadMarker {
  Address conversation;
  MsgId upto;
  bool operator==(const ReadMarker&) const = default;
};

struct ChatState {
  enum class State : std::uint8_t { active, composing, paused, inactive, gone };
  State state = State::active;
  std::string thread;
  bool operator==(const ChatState&) const = default;
};

// The whole set of somebody's reactions to a message; empty takes them away.
struct Reaction {
  std::string about;
  std::vector<std::string> set;
  bool operator==(const Reaction&) const = default;
};

enum class Status : std::uint8_t { offline, online, away, dnd, busy };

// Presence::avatar of an account whose picture was taken away: told, so that others take it away, too.
inline constexpr std::string_view kNoAvatar = "-";

struct Event;

// One session's presence, or the account's when it comes from a bare address: the three facets of M5.
struct Presence {
  Status status = Status::offline;
  int priority = 0;             // -128..127 (RFC 6121 §4.7.2.3)
  std::vector<Text> signature;  // what XMPP calls status
  std::string listening;        // channel or track; empty: nothing
  WallMs since;
  RareText avatar;  // the account's picture: SHA-1 in hex; kNoAvatar: taken away; empty: there never was one
  // The account's presence as it is from now on, for wires on which an account has one; of what is told alone. Null:
  // for them nothing has changed.
  std::shared_ptr<const Event> account;
  bool operator==(const Presence&) const = default;
};

// "Tell me your presence" (RFC 6121 §4.3).
struct PresenceProbe {
  bool operator==(const PresenceProbe&) const = default;
};

// A step in the dance of presence subscriptions (RFC 6121 §3).
struct Subscription {
  enum class Step : std::uint8_t { subscribe, subscribed, unsubscribe, unsubscribed };
  Step step = Step::subscribe;
  std::vector<Text> note;  // what the asker says to it
  bool operator==(const Subscription&) const = default;
};

// A friend, as this account keeps him (RFC 6121 §2.1.2, and Appendix A's states as four flags).
struct RosterItem {
  Address peer;
  std::string name;
  std::vector<std::string> groups;
  bool to = false;            // this account sees the peer's presence
  bool from = false;          // the peer sees this account's
  bool pending_out = false;   // asked, not answered yet
  bool pending_in = false;    // was asked, has not answered yet
  bool approved = false;      // the next request is approved beforehand (RFC 6121 §3.4)
  bool listed = true;         // false: known only for `pending_in` or `approved`, not shown in the roster
  std::vector<Text> request;  // the note of the request that is pending in
  std::uint64_t version = 0;  // of the roster, when this item last changed
  bool deleted = false;       // a tombstone: tells devices with an older version that it went
  bool operator==(const RosterItem&) const = default;
};

// The account's roster changed; told to its own devices.
struct RosterChange {
  RosterItem item;  // deleted: removed
  std::uint64_t version = 0;
  bool added = false;  // it was not in the roster before
  bool operator==(const RosterChange&) const = default;
};

// The account's block list changed; told to its own devices (XEP-0191 §3.5). Empty `peers` with `blocked` false: all.
struct BlockChange {
  std::vector<Address> peers;
  bool blocked = false;
  bool operator==(const BlockChange&) const = default;
};

// Membership, role, name or subject of a group changed.
struct GroupChange {
  enum class What : std::uint8_t { created, joined, left, removed, role, renamed, subject, destroyed };
  What what = What::created;
  Address group;
  Address member;
  std::string role;
  std::string text;
  bool operator==(const GroupChange&) const = default;
};

// Something between two programs of one wire only (an XMPP iq between clients): its substance is all in the annex.
struct Opaque {
  bool operator==(const Opaque&) const = default;
};

// A message or request of this account could not be delivered; told to the session that sent it.
struct Bounce {
  std::uint8_t code = 0;  // an Errc
  std::string about;
  bool operator==(const Bounce&) const = default;
};

// What is left in the logs of a message that its author took back: who said it, when, and nothing of what it said.
struct Withdrawn {
  Message::Kind kind = Message::Kind::chat;
  MsgId by;          // the Recall
  std::string name;  // the Recall's cid
  WallMs at;
  std::string about;  // of a withdrawn Edit: the message's id, as its author named it
  bool operator==(const Withdrawn&) const = default;
};

// Something changed in what an account publishes (core/node.h). Told to those who may see it, and kept in no log.
struct Published {
  enum class What : std::uint8_t { item, retracted, purged, deleted, configured };
  What what = What::item;
  std::string node;
  std::string item;     // its id; of `item` and `retracted`
  std::string payload;  // as XMPP has it, the one wire that publishes; empty where the node tells without
  bool headline = true;
  bool operator==(const Published&) const = default;
};

// Listening::text is never longer.
inline constexpr std::size_t kMaxListening = 1023;

// What a person listens to, since `at`. Account state as the signature is; the annex keeps the wire's own form.
struct Listening {
  std::string text;  // channel or track; empty: nothing any more
  bool operator==(const Listening&) const = default;
};

using Body =
    std::variant<Message, Edit, Recall, Receipt, ReadMarker, ChatState, Reaction, Presence, PresenceProbe, Subscription,
                 RosterChange, BlockChange, GroupChange, Opaque, Bounce, Withdrawn, Published, Listening>;

// Something that happened, who did it, and to whom. Immutable once it left the machine that made it.
struct Event {
  MsgId id;         // given by the sender's site
  WallMs at;        // when the sender's site took it
  Address from;     // full where a session did it
  Address to;       // bare or full
  std::string cid;  // the author's own id: XMPP origin-id or id, MQTT cid, SIP imdn.Message-ID
  Wire source = Wire::none;
  Body body;
  Annex annex;
  std::vector<MsgId> about;  // what names_in(body) names, where the store found it (core/references.h)
  bool operator==(const Event&) const = default;
};
using EventPtr = std::shared_ptr<const Event>;

// News from the site itself, for everybody: a headline from a domain. It is kept, as other headlines are not.
bool is_announcement(const Event& event);

// Whether an event of this kind belongs in the logs (store.md): what a device must not miss.
bool is_kept(const Event& event);

// The binary form in which the store keeps an event: versioned, bounded, independent of any wire. Errors: bad_payload.
std::string encode_event(const Event& event);
Result<Event> decode_event(std::string_view bytes);

}  // namespace confab::core
