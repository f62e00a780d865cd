// What the engine needs from outside: the store, and the pool where passwords are worked on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "core/account.h"
#include "core/change.h"
#include "core/command.h"
#include "core/event.h"
#include "core/history.h"
#include "core/search.h"

namespace confab::engine {

// What a transaction can do is core's to say (core/change.h).
using core::Append;
using core::Change;
using core::CreateAccount;
using core::CreateInvite;
using core::DropAccount;
using core::DropDevice;
using core::DropItem;
using core::DropNode;
using core::LogTarget;
using core::PutArchivePreferences;
using core::PutAvatar;
using core::PutBlocks;
using core::PutDelivered;
using core::PutDevice;
using core::PutItem;
using core::PutLastPresence;
using core::PutListening;
using core::PutNode;
using core::PutProfile;
using core::PutRosterItem;
using core::SetCredentials;
using core::SetDisabled;

struct Transaction {
  std::vector<Change> changes;
};

// What became of an Append.
struct Appended {
  MsgId id;  // of the event that is in the log: the first one's, if this was a repeat
  WallMs at;
  bool duplicate = false;
  std::vector<Upos> positions;  // as in Append::logs; of a repeat: 0s
};
struct Committed {
  std::vector<Appended> appended;  // one for each Append, in order
  Uid created = 0;                 // of CreateAccount
};

// Whether what failed so may be done later.
bool may_pass(const Error& error);

// One new row of one account's log.
struct LogRow {
  Uid uid = 0;
  std::uint64_t owner = 0;
  Upos upos = 0;
  core::EventPtr event;
};

// What some people published last, person by person, in each the nodes in their order.
struct LastQuery {
  Address asker;                // full: whose entry in their rosters and block lists is wanted
  std::vector<Address> people;  // bare
  std::vector<std::string> nodes;
  bool listening = false;  // comes before the nodes
  std::size_t skip = 0;    // so many of the first person's wanted things were told before
  std::size_t bytes = 0;   // about so many of payloads, and one payload at least
};
struct LastSaid {
  core::EventPtr event;     // from: the person; core::Published with the payload, or core::Listening
  core::NodeConfig config;  // of the node
  std::optional<core::RosterItem> entry;
  bool blocked = false;
};
struct LastPage {
  std::vector<LastSaid> said;
  std::size_t people = 0;  // so many of the query's people are through
  std::size_t skip = 0;    // and of the next one so many things
};

// Told of every committed Append, in the order of the positions of each log, before the `done` of its transaction is
// posted. Lives on: called on the store's thread; hands the rows over to their owners' shards.
class LogListener {
 public:
  virtual ~LogListener() = default;
  virtual void on_appended(std::vector<LogRow>&& rows) = 0;
  // The same of the log of free topics: every row, in order.
  virtual void on_topics(std::vector<core::TopicRow>&&) {}
};

// The one truth (store.md). Every `done` runs on `loop`. Errors: unavailable (try again), no_space, conflict,
// not_found. Lives on: called from anywhere.
class Store {
 public:
  virtual ~Store() = default;

  // Commits are done in the order in which one thread submitted them. When `done` runs the transaction is durable.
  // A failed transaction changed nothing, and one that fails does not take those beside it along.
  virtual void commit(Transaction transaction, Loop& loop, UniqueFunction<void(Result<Committed>)> done) = 0;

  // Everything of AccountRow. not_found: there is no such account.
  virtual void load_account(const Address& bare, Loop& loop, UniqueFunction<void(Result<core::AccountRow>)> done) = 0;
  virtual void load_profile(Uid uid, Loop& loop, UniqueFunction<void(Result<core::Profile>)> done) = 0;

  // Rows of the log after `after`, oldest first, at most `rows` of them and about `bytes` of events (at least one).
  virtual void read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes, Loop& loop,
                        UniqueFunction<void(Result<std::vector<LogRow>>)> done) = 0;

  // A page of the account's archive (core/command.h), at most `bytes` of events (at least one). Errors: not_found, if a
  // row that the query names is not there.
  virtual void read_archive(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                            UniqueFunction<void(Result<core::ArchivePage>)> done) = 0;
  // The same page of messages alone, and what was said of them; as much less of it as fits into `bytes` with that, but
  // one row at least. Of reactions and receipts to one message there are some hundreds at most.
  virtual void read_history(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                            UniqueFunction<void(Result<core::HistoryRows>)> done) = 0;
  // The newest `limit` of what the account has read, the last that moved first.
  virtual void load_read_markers(Uid uid, std::size_t limit, Loop& loop,
                                 UniqueFunction<void(Result<core::ReadMarkersFound>)> done) = 0;
  virtual void read_archive_ends(Uid uid, Loop& loop, UniqueFunction<void(Result<core::ArchiveEnds>)> done) = 0;

  // The last presence of each of `people` that is an account here, in any order; the Presence's account is first.
  using LastPresence = std::pair<Address, core::Presence>;
  virtual void load_last_presence(std::vector<Address> people, Loop& loop,
                                  UniqueFunction<void(Result<std::vector<LastPresence>>)> done) = 0;

  // Items of one node; not_found: there is no such node, or none of its items is `before` or `after`. About `bytes` of
  // payloads, and one item at least.
  virtual void load_items(Uid uid, std::string node, core::ItemQuery query, std::size_t bytes, Loop& loop,
                          UniqueFunction<void(Result<core::ItemPage>)> done) = 0;
  virtual void load_last_said(LastQuery query, Loop& loop, UniqueFunction<void(Result<LastPage>)> done) = 0;

  // What is kept of free topics. Sessions and topics by their names, after `after` (empty: from the start), at most
  // `limit`. Rows of the log as read_log does.
  virtual void load_topic_sessions(std::string after, std::size_t limit, Loop& loop,
                                   UniqueFunction<void(Result<std::vector<core::StoredTopicSession>>)> done) = 0;
  virtual void load_retained(std::string after, std::size_t limit, Loop& loop,
                             UniqueFunction<void(Result<std::vector<core::StoredRetained>>)> done) = 0;
  virtual void load_topic_places(Loop& loop, UniqueFunction<void(Result<core::StoredPlaces>)> done) = 0;
  virtual void read_topics(core::TopicSeq after, std::size_t rows, std::size_t bytes, Loop& loop,
                           UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) = 0;

  // Addresses of all accounts, sorted, after `after` (empty: from the start), at most `limit`.
  struct AccountLine {
    Uid uid = 0;
    Address address;
    bool admin = false;
    bool disabled = false;
    WallMs created;
  };
  virtual void list_accounts(Address after, std::size_t limit, Loop& loop,
                             UniqueFunction<void(Result<std::vector<AccountLine>>)> done) = 0;

  // What of the log of `uid`, and of no other one, matches the query, newest first; a page of it. Errors: bad_payload
  // (no word to look for), too_big (too many of them).
  virtual void search_log(Uid uid, core::SearchQuery query, Loop& loop,
                          UniqueFunction<void(Result<core::FoundEvents>)> done) = 0;

  // Works that take long: done piece by piece beside the commits, one after the other.
  enum class Chore : std::uint8_t {
    clear_search,  // forgets whatever was prepared for search_log, which goes on without; it is prepared anew by itself
    fill_search,   // the same, now
    scrub,         // what was taken away before leaves no bytes in the store's files
  };
  virtual void work_on(Chore chore, Loop& loop, UniqueFunction<void(Result<>)> done) = 0;
};

// Works that cost milliseconds of a core, in a bounded pool beside the shards. Every `done` runs on `loop`.
// Errors: too_fast when too many wait. Lives on: called from anywhere.
class Passwords {
 public:
  virtual ~Passwords() = default;

  // Whether `password` (prepared) is the one of `credentials`. `uid` 0: nobody's; costs the same, answers false.
  virtual void verify(Uid uid, std::string credentials, std::string password, Loop& loop,
                      UniqueFunction<void(Result<bool>)> done) = 0;
  // The credential record of a new password for the account `name` (local part).
  virtual void derive(std::string name, std::string password, Loop& loop,
                      UniqueFunction<void(Result<std::string>)> done) = 0;
  // A record for a name that does not exist, the same each time, so that nobody learns which names do.
  virtual std::string decoy(const std::string& name) = 0;
  // The password of `uid` changed: nothing remembered of it holds any more.
  virtual void forget(Uid uid) = 0;
};

}  // namespace confab::engine
