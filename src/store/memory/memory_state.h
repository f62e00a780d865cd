// What a MemoryStore keeps, as plain values.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/ports.h"
#include "store/memory/memory_topics.h"

namespace confab::store {

// Copyable: a copy is what a crashed site finds when it starts again. Lives on: one thread at a time.
class MemoryState {
 public:
  explicit MemoryState(std::uint64_t site = 1) : site_(site) {}

  // All of it, or nothing and why.
  Result<engine::Committed> apply(const engine::Transaction& transaction, std::vector<engine::LogRow>& rows);

  Result<core::AccountRow> load_account(const Address& bare) const;
  Result<core::Profile> load_profile(Uid uid) const;
  std::vector<engine::LogRow> read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes) const;
  Result<core::ArchivePage> read_archive(Uid uid, const core::ArchiveQuery& query, std::size_t bytes) const;
  Result<core::HistoryRows> read_history(Uid uid, const core::ArchiveQuery& query, std::size_t bytes) const;
  Result<core::ArchiveEnds> read_archive_ends(Uid uid) const;
  core::ReadMarkersFound load_read_markers(Uid uid, std::size_t limit) const;
  std::vector<engine::Store::LastPresence> load_last_presence(const std::vector<Address>& people) const;
  Result<core::ItemPage> load_items(Uid uid, const std::string& node, const core::ItemQuery& query,
                                    std::size_t bytes) const;
  engine::LastPage load_last_said(const engine::LastQuery& query) const;
  std::vector<engine::Store::AccountLine> list_accounts(const Address& after, std::size_t limit) const;
  Result<core::FoundEvents> search_log(Uid uid, const core::SearchQuery& query) const;
  MemoryTopics& topics() { return topics_; }
  const MemoryTopics& topics() const { return topics_; }

 private:
  // An event, in whosever logs it is.
  struct Stored {
    core::EventPtr event;
    std::size_t bytes = 0;  // of its encoded form, for pages
    ConvId conversation;
    std::vector<MsgId> edits;
  };
  struct Row {
    MsgId id;
    std::uint32_t kind = 0;  // as it came in
    bool archived = true;
  };
  struct Account {
    core::AccountRow row;
    core::Profile profile;
    std::vector<Row> log;  // position 1 first
    std::map<Address, std::pair<WallMs, core::ReadMarkersFound::One>> read_markers;
    std::map<std::string, std::vector<core::Item>> items;  // by node, in the order in which they were published
    core::EventPtr listening;                              // null: never said
  };
  struct Key {
    core::EventPtr first;
    WallMs expires;
  };
  struct Invite {
    WallMs expires;
    std::uint32_t uses = 0;
  };
  struct Applied {
    engine::Committed& committed;
    std::vector<engine::LogRow>& rows;
  };

  // Why the change cannot be done in the state as it is now.
  Result<> check(const core::Change& change) const;
  void apply(const core::CreateAccount& change, Applied out);
  void apply(const core::CreateInvite& change, Applied out);
  void apply(const core::SetCredentials& change, Applied out);
  void apply(const core::SetDisabled& change, Applied out);
  void apply(const core::DropAccount& change, Applied out);
  void apply(const core::PutRosterItem& change, Applied out);
  void apply(const core::PutBlocks& change, Applied out);
  void apply(const core::PutProfile& change, Applied out);
  void apply(const core::PutDevice& change, Applied out);
  void apply(const core::PutDelivered& change, Applied out);
  void apply(const core::DropDevice& change, Applied out);
  void apply(const core::PutLastPresence& change, Applied out);
  void apply(const core::Append& change, Applied out);
  void apply(const core::PutListening& change, Applied out);
  void apply(const core::PutAvatar& change, Applied out);
  void apply(const core::PutNode& change, Applied out);
  void apply(const core::DropNode& change, Applied out);
  void apply(const core::PutItem& change, Applied out);
  void apply(const core::DropItem& change, Applied out);
  void apply(const core::TopicChange& change, Applied) { topics_.apply(change); }
  Result<> check_nodes(const core::Change& change) const;
  core::EventPtr last_said(const Account& account, const std::string& node, core::NodeConfig& config) const;
  bool is_invited(const core::CreateAccount& create) const;
  void apply(const core::PutArchivePreferences& change, Applied out);
  core::EventPtr find_repeat(const core::Append& append) const;

  // memory_archive.cpp
  using Name = std::tuple<ConvId, Uid, std::string>;
  const Stored& stored(const Row& row) const { return events_.at(row.id); }
  Result<> check_append(const core::Append& append) const;
  core::EventPtr find_reference(const ConvId& conversation, const core::Reference& reference) const;
  core::EventPtr complete(const core::Append& append) const;
  void remember(const core::Append& append, const core::EventPtr& event);
  void withdraw(const MsgId& id, const core::Event& recall);
  void put_read_marker(const core::Append& append, const core::Event& event);
  static bool matches(const core::ArchiveQuery& query, const Row& row, const Stored& stored);
  Result<std::pair<Upos, Upos>> range_of(const Account& account, const core::ArchiveQuery& query) const;

  std::uint64_t site_;
  std::uint64_t next_account_ = 1;
  std::map<Uid, Account> accounts_;
  std::map<Address, Uid> by_address_;
  std::set<Address> retired_;
  std::map<std::string, Invite> invites_;
  std::map<std::pair<Uid, std::string>, Key> keys_;
  std::unordered_map<MsgId, Stored> events_;
  MemoryTopics topics_;
  std::map<Name, MsgId> names_;  // the newest event of each
};

}  // namespace confab::store
