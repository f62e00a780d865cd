// What a MemoryStore keeps, as plain values.
#pragma once

#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/ports.h"

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
  std::vector<engine::Store::LastPresence> load_last_presence(const std::vector<Address>& people) const;
  Result<core::ItemPage> load_items(Uid uid, const std::string& node, const core::ItemQuery& query,
                                    std::size_t bytes) const;
  engine::LastPage load_last_said(const engine::LastQuery& query) const;
  std::vector<engine::Store::AccountLine> list_accounts(const Address& after, std::size_t limit) const;

 private:
  struct Stored {
    core::EventPtr event;
    std::size_t bytes = 0;  // of its encoded form, for pages
  };
  struct Account {
    core::AccountRow row;
    core::Profile profile;
    std::vector<Stored> log;                               // position 1 first
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
  Result<> check_nodes(const core::Change& change) const;
  core::EventPtr last_said(const Account& account, const std::string& node, core::NodeConfig& config) const;
  bool is_invited(const core::CreateAccount& create) const;
  core::EventPtr find_repeat(const core::Append& append) const;

  std::uint64_t site_;
  std::uint64_t next_account_ = 1;
  std::map<Uid, Account> accounts_;
  std::map<Address, Uid> by_address_;
  std::map<std::string, Invite> invites_;
  std::map<std::pair<Uid, std::string>, Key> keys_;
  std::unordered_map<MsgId, core::EventPtr> events_;
};

}  // namespace confab::store
