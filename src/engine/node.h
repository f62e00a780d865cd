// All shards of this process: who owns which account, and the way from one to another.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "engine/options.h"
#include "engine/ports.h"
#include "engine/shard.h"
#include "engine/topics.h"
#include "session/domain.h"

namespace confab::engine {

// The domain as connections see it. Lives on: anywhere, as each member says.
class Node final : public session::Domain, public LogListener {
 public:
  Node(Options options, RandomBytes random);

  // Before anything else: the store and the pool, then every shard in order of its index.
  void attach(Store& store, Passwords& passwords);
  void add_shard(Loop& loop, session::Connections& connections);

  // session::Domain: on the connection's shard.
  void submit(session::ConnectionId from, const Address& account, session::RequestId request,
              core::Command command) override;
  std::uint32_t owner_shard(const Address& account) const override;
  void closed(session::ConnectionId connection, const Address& account) override;

  // LogListener: on the store's thread.
  void on_appended(std::vector<LogRow>&& rows) override;
  void on_topics(std::vector<core::TopicRow>&& rows) override;

  // A command with the site's own authority: Register, ChangePassword, Disable, RemoveAccount. `done` runs on `loop`.
  // From anywhere.
  void administer(Address account, core::Command command, Loop& loop, UniqueFunction<void(core::Reply)> done);

  // What people may do, and whether they may register, from now on; the rest of `options` counts at the start alone.
  // From anywhere.
  void change_policy(const Options& options);

  // The account was changed in the store, past its actor: its credentials and whether it is disabled are read again,
  // and the sessions of one that is disabled or gone are ended. `done` runs on `loop`. From anywhere.
  void refresh(Address account, Loop& loop, Task done);

  // One line for each session that is logged in. `done` runs on `loop`. From anywhere.
  struct SessionLine {
    Address address;
    core::Wire wire = core::Wire::none;
    bool available = false;
    WallMs since;
  };
  void list_sessions(Loop& loop, UniqueFunction<void(std::vector<SessionLine>)> done);

  // Writes what has been put off, on every shard; `done` runs on `loop` when all is durable. From anywhere.
  void flush(Loop& loop, Task done);

  // Moves out what has been put off, on every shard. Only once the shards' threads have ended.
  void collect_put_off(Transaction& transaction);

  // ---- What the store has of free topics, before the shards' threads run: begin, then sessions and what is retained,
  // then the log from `from` on, then end, whose changes must be durable before the first connection. ----

  core::TopicSeq begin_topics(const core::StoredPlaces& places);  // -> `from`
  void restore_topic_session(const core::StoredTopicSession& session, const core::StoredPlaces& places);
  void restore_retained(const core::StoredRetained& retained);
  void replay_topics(const std::vector<core::TopicRow>& rows);
  Transaction end_topics(const core::StoredPlaces& places);

  // For the shards.
  const Options& options() const { return options_; }
  Store& store() { return *store_; }
  Passwords& passwords() { return *passwords_; }
  const RandomBytes& random() const { return random_; }
  AccountShard& shard(std::uint32_t index) { return *shards_[index]; }
  std::size_t shards() const { return shards_.size(); }
  TopicShard& topics(std::uint32_t index) { return *topics_[index]; }
  std::uint64_t next_topic_stamp() { return topic_stamp_.fetch_add(1) + 1; }

 private:
  Options options_;
  RandomBytes random_;
  Store* store_ = nullptr;
  Passwords* passwords_ = nullptr;
  std::vector<std::unique_ptr<AccountShard>> shards_;
  std::vector<std::unique_ptr<TopicShard>> topics_;
  std::atomic<std::uint64_t> topic_stamp_{0};
};

// Spreads accounts over shards; the same on every node.
std::uint64_t owner_hash(const Address& account);

}  // namespace confab::engine
