// The accounts of one shard, and the works that are on their way to them.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/loop.h"
#include "engine/actor.h"
#include "engine/counters.h"
#include "engine/envelope.h"
#include "engine/options.h"
#include "engine/ports.h"
#include "session/domain.h"

namespace confab::engine {

class Node;

// Owns the actors whose accounts hash to it. Lives on: its loop's thread, but for post().
class AccountShard {
 public:
  AccountShard(Node& node, std::uint32_t index, Loop& loop, session::Connections& connections);

  // Puts a work in the queue; it is done in a later task of the loop, never inside the call.
  void enqueue(Address to, Work work);
  void on_rows(const std::vector<LogRow>& rows);

  // An event's way to its account: here, on another shard, or nowhere (a foreign domain).
  void route(Envelope envelope, bool live_only);
  void answer(const Origin& origin, core::Reply reply);
  void refuse(Work work, core::Refused why);
  void refuse_later(Origin origin, core::Refused why);  // not inside the call
  void deliver(session::ConnectionId to, core::Delivery delivery);
  void end(session::ConnectionId connection, session::CloseReason reason);

  // Writes what the actors have put off. With `done`: everything of this shard, then `done`.
  void note_dirty(const std::shared_ptr<Actor>& actor);
  void flush_dirty(Task done);

  Actor* find(const Address& account);
  void forget(Actor& actor);  // out of the table; loaded anew when next needed
  void index(Actor& actor) { by_uid_[actor.account().row.uid] = &actor; }
  void unindex(const Actor& actor);

  core::Context context();
  core::SessionId next_session_id() { return ++last_session_ << 8U | index_; }
  std::uint32_t index() const { return index_; }
  Loop& loop() { return loop_; }
  Node& node() { return node_; }
  const Options& options() const { return options_; }
  void change_policy(const Options& options);
  Store& store();
  Passwords& passwords();
  std::string random_resource();
  std::size_t accounts() const { return actors_.size(); }
  std::size_t sessions() const;
  HybridClock& ids() { return ids_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }

  template <class Each>
  void for_each_actor(Each each) {
    for (auto& [address, actor] : actors_) each(*actor);
  }

 private:
  void schedule();
  void drain();
  void sweep();
  void on_written(const Result<Committed>& done);
  void tell_written();
  std::shared_ptr<Actor> obtain(const Address& account);

  struct Queued {
    Address to;
    Work work;
  };

  Node& node_;
  Options options_;  // this shard's own: it may change while the site runs
  std::uint32_t index_;
  Loop& loop_;
  session::Connections& connections_;
  HybridClock ids_;
  Counters counters_;
  core::SessionId last_session_ = 0;
  bool scheduled_ = false;
  bool flush_scheduled_ = false;
  std::deque<Queued> queue_;
  std::unordered_map<std::string, std::shared_ptr<Actor>> actors_;  // by local part
  std::unordered_map<Uid, Actor*> by_uid_;
  std::vector<std::weak_ptr<Actor>> dirty_;
  std::size_t writing_ = 0;         // commits of what was put off that have not come back
  std::string not_written_;         // why the last of them failed
  std::vector<Task> when_written_;  // wait for all of them
};

}  // namespace confab::engine
