// What transactions do to the database.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/ports.h"
#include "store/sqlite/database.h"
#include "store/sqlite/options.h"

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

  // Forgets up to `limit` duplicate keys that have expired. How many. By the time of the newest event.
  Result<int> expire_keys(std::int64_t limit);

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

  // The event's bytes, if it can be appended.
  Result<std::string> check(const core::Append& append);
  Result<> store(const core::Append& append, std::string_view body, Applied out);
  // 0: the key was free and now stands for `n`; else the n of the message that has it.
  Result<std::uint64_t> claim_key(const core::Append& append, std::uint64_t n);
  Result<> store_known_id(const core::Append& append, Applied out);
  Result<> store_repeat(std::uint64_t first, const core::Append& append, Applied out);
  Result<std::uint64_t> conversation_number(const ConvId& id);
  Result<Upos*> head_of(Uid uid);
  Result<> require_account(Uid uid);

  Result<> run(Statement& statement);
  int changes() const { return sqlite3_changes(db_.raw()); }
  void forget_caches();

  Database db_;
  SqliteOptions options_;
  std::unique_ptr<Statements, void (*)(Statements*)> sql_;
  std::function<std::uint64_t(std::string_view)> hash_;
  std::unordered_map<Uid, Upos> heads_;
  std::unordered_map<ConvId, std::uint64_t, ConvHash> conversations_;
  std::uint64_t next_n_ = 1;
  std::int64_t latest_at_ = 0;
  std::size_t page_bytes_ = 4096;
  std::size_t wal_bytes_ = 0;
};

}  // namespace confab::store
