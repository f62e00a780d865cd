// What transactions do to the database.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/ports.h"
#include "store/sqlite/database.h"
#include "store/sqlite/options.h"
#include "store/sqlite/search_index.h"
#include "store/sqlite/topic_writer.h"

namespace confab::store {

// The one connection that writes. begin, apply as many transactions as wait, commit. Lives on: the store thread.
class Writer {
 public:
  static Result<std::unique_ptr<Writer>> make(Database db, const SqliteOptions& options);

  Result<> begin();
  // On an error nothing of the group is in the database.
  Result<> commit();
  void rollback();

  // Does all of `transaction`, or nothing and says why; new rows of logs are added to `rows`. After unavailable or
  // no_space the group must be rolled back: the disk failed half-way.
  Result<engine::Committed> apply(const engine::Transaction& transaction, std::vector<engine::LogRow>& rows);

  // Rows of the log of free topics that the group has appended; those of a group that failed are none.
  std::vector<core::TopicRow> take_topic_rows() { return topics_.take_rows(); }
  // Forgets about `limit` things of free topics that are no more of use at `now`, in a transaction of its own. How
  // many.
  Result<int> expire_topics(WallMs now, std::int64_t limit);

  // Forgets up to `limit` duplicate keys that have expired. How many. By the time of the newest event.
  Result<int> expire_keys(std::int64_t limit);

  // Takes old rows out of the logs, and the events that no log has any more: a slice of some accounts and at most about
  // `limit` rows, in a transaction of its own. false: the round through all accounts is complete.
  struct Retention {
    WallMs oldest;            // what is older goes; 0: nothing is too old
    std::uint64_t bytes = 0;  // of one account's events; the oldest beyond it go; 0: as many as there are
    WallMs now;
    WallMs devices;            // devices last seen before do not count, unless their own expiry says otherwise
    std::int64_t limit = 500;  // rows at once
  };
  Result<bool> expire_rows(const Retention& retention);
  // Pieces of what takes long (writer_chores.cpp), each a transaction of its own. fill, merge: true: nothing is left.
  Result<bool> fill_search(const SearchIndex::Slice& slice);
  Result<> clear_search();
  Result<bool> merge_search(bool first);
  // Copies the write-ahead log back and empties it. conflict: somebody reads just now.
  Result<> empty_wal();
  // How many messages are not in the search index yet, about.
  std::uint64_t search_behind() const { return next_n_ - 1 - std::min(next_n_ - 1, search_done_); }

  // Copies the write-ahead log back into the database, as far as readers allow; `whole`: waits for them, shortly, so
  // that the log starts anew. Failures only delay it.
  void checkpoint(bool whole);
  std::size_t wal_bytes() const { return wal_bytes_; }

  static bool is_disk_failure(Errc code) { return code == Errc::unavailable || code == Errc::no_space; }

 private:
  struct Applied {
    engine::Committed& committed;
    std::vector<engine::LogRow>& rows;
  };
  struct Statements;
  struct ConvHash {
    std::size_t operator()(const ConvId& id) const {
      std::size_t hash = 0;  // a part of a SHA-256, or random
      std::memcpy(&hash, id.bytes.data(), sizeof hash);
      return hash;
    }
  };

  Writer(Database db, const SqliteOptions& options);
  Result<> prepare();
  Result<> prepare_search();

  Result<> apply_all(const std::vector<core::Change>& changes, Applied out);
  Result<> apply_appends(const std::vector<core::Change>& changes, Applied out);

  // Each refuses before it writes anything.
  Result<> apply(const core::CreateAccount& change, Applied out);
  Result<> apply(const core::CreateInvite& change, Applied out);
  static bool takes_invite(const core::Change& change);
  Result<> take_invite(const core::CreateAccount& change);
  Result<> apply(const core::SetCredentials& change, Applied out);
  Result<> apply(const core::SetDisabled& change, Applied out);
  Result<> apply(const core::DropAccount& change, Applied out);
  Result<> apply(const core::PutRosterItem& change, Applied out);
  Result<> apply(const core::PutBlocks& change, Applied out);
  Result<> apply(const core::PutProfile& change, Applied out);
  Result<> apply(const core::PutDevice& change, Applied out);
  Result<> apply(const core::PutDelivered& change, Applied out);
  Result<> apply(const core::DropDevice& change, Applied out);
  Result<> apply(const core::PutLastPresence& change, Applied out);
  Result<> apply(const core::Append& change, Applied out);
  Result<> apply(const core::PutListening& change, Applied out);
  Result<> apply(const core::PutAvatar& change, Applied out);
  Result<> apply(const core::PutNode& change, Applied out);
  Result<> apply(const core::DropNode& change, Applied out);
  Result<> apply(const core::PutItem& change, Applied out);
  Result<> apply(const core::DropItem& change, Applied out);
  Result<> apply(const core::TopicChange& change, Applied) { return topics_.apply(change); }

  // A node's number, and how many items are in it.
  struct StoredNode {
    std::uint64_t n = 0;
    std::int64_t items = 0;
  };
  Result<StoredNode> find_node(Uid uid, const std::string& name);
  // What an item takes the place of: the one of its id, and the oldest, which go to make room.
  struct Replaced {
    std::int64_t bytes = 0;
    std::int64_t same = 0;    // 1: there is one of its id
    std::int64_t oldest = 0;  // so many beside that
  };
  Result<Replaced> find_replaced(const core::PutItem& change, const StoredNode& node);
  Result<> trim(std::uint64_t node, std::uint32_t keep);
  Result<> drop_nodes(Uid uid);

  Result<> apply(const core::PutArchivePreferences& change, Applied out);

  // What an Append comes to, once it is known that it can be done.
  struct Prepared {
    core::EventPtr event;                  // as it was given, or with what it speaks of filled in
    std::string body;                      // the event's bytes
    std::vector<std::uint64_t> originals;  // msg.n of what it speaks of
  };
  Result<Prepared> prepare(const core::Append& append);
  Result<> store(const core::Append& append, const Prepared& prepared, Applied out);
  struct Row {
    std::uint64_t n = 0;
    std::uint32_t kind = 0;
    std::uint64_t conversation = 0;
  };
  Result<> put_row(const Row& row, const core::LogTarget& log, const Prepared& prepared, Applied out);

  // writer_retention.cpp
  static constexpr Upos kAllRows = std::numeric_limits<std::int64_t>::max();
  Result<> forget_rows(Uid uid, Upos from, Upos upto);
  Result<> drop_rows(Uid uid, Upos upto);
  Result<> drop_row(Uid uid, Upos upos);
  Result<> run_for_rows(const char* sql, Uid uid, Upos from, Upos upto);
  Result<Uid> next_account(Uid after);
  Result<Upos> expired_row(Uid uid, const Retention& retention);
  Result<std::int64_t> drop_hidden_rows(Uid uid, const Retention& retention);
  Result<std::int64_t> expire_account(Uid uid, const Retention& retention);

  // writer_references.cpp
  struct Found {
    std::uint64_t n = 0;  // 0: not found
    core::EventPtr event;
  };
  std::uint64_t hash_name(Uid author, std::string_view name) const;
  Result<> find_references(const core::Append& append, Prepared& prepared);
  Result<Found> find_reference(std::uint64_t conversation, const core::Reference& reference);
  Result<Found> find_named(Statement& find, std::uint64_t conversation, Uid author, std::string_view name, bool exact);
  Result<Found> find_by_server_id(std::uint64_t conversation, std::string_view name);
  Result<Found> first_of_edits(Found found);
  Result<> put_references(const Prepared& prepared, std::uint64_t n);
  Result<> put_read_marker(const core::Append& append, const core::Event& event);
  Result<> withdraw(std::uint64_t n, const core::Event& recall);
  Result<> withdraw_one(std::uint64_t n, const core::Event& recall);

  // 0: the key was free and now stands for `n`; else the n of the message that has it.
  Result<std::uint64_t> claim_key(const core::Append& append, std::uint64_t n);
  Result<> store_known_id(const core::Append& append, Applied out);
  Result<> store_repeat(std::uint64_t first, const core::Append& append, Applied out);
  Result<std::uint64_t> find_conversation(const ConvId& id);  // 0: there is none yet
  Result<std::uint64_t> conversation_number(const ConvId& id);
  // Where a log ends.
  struct Head {
    Upos upos = 0;
    std::int64_t top_ms = 0;
    std::uint64_t bytes = 0;
  };
  Result<Head*> head_of(Uid uid);
  Result<> require_account(Uid uid);
  Result<> drop_log(Uid uid);  // writer_erasure.cpp, as what follows
  Result<> retire_address(Uid uid);
  Result<bool> is_retired(const Address& address);
  Result<> give_again(const Address& address);

  Result<> run(Statement& statement);
  int changes() const { return sqlite3_changes(db_.raw()); }
  void forget_caches();

  Database db_;
  SqliteOptions options_;
  std::unique_ptr<Statements, void (*)(Statements*)> sql_;
  std::function<std::uint64_t(std::string_view)> hash_;
  std::unordered_map<Uid, Head> heads_;
  std::unordered_map<ConvId, std::uint64_t, ConvHash> conversations_;
  SearchIndex search_;
  TopicWriter topics_;
  std::uint64_t search_done_ = 0;
  std::uint64_t next_n_ = 1;
  std::int64_t latest_at_ = 0;
  Uid expired_upto_ = 0;  // the account at which the round of expire_rows stands
  std::size_t page_bytes_ = 4096;
  std::size_t wal_bytes_ = 0;
};

}  // namespace confab::store
