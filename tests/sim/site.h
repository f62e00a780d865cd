// A whole site in the simulator: the real store contract, engine, pumps and XMPP sessions, on simulated shards.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/timer_wheel.h"
#include "engine/node.h"
#include "net/pumps.h"
#include "sim/network.h"
#include "sim/world.h"
#include "store/memory/memory_store.h"
#include "xmpp/protocol.h"

namespace confab::sim {

struct SiteOptions {
  std::uint32_t shards = 2;
  bool store_faults = false;     // commits are slow, fail, or find the disk full
  bool crash_at_commit = false;  // some commits kill the process, before or after they happened
};

// Lives on: the world's one thread.
class SimSite {
 public:
  SimSite(World& world, SiteOptions options);
  ~SimSite();

  void add_user(const std::string& name);  // password: "secret-" + name
  bool accept(const std::shared_ptr<Wire>& wire);

  // kill -9: what was not committed is gone, and every connection is reset.
  void crash();
  void start();
  bool is_running() const { return process_ != nullptr; }
  // Faults happen from begin_faults() to heal().
  void begin_faults() { sound_ = false; }
  void heal() { sound_ = true; }
  bool is_sound() const { return sound_; }

  // The account's log as it is committed, oldest first.
  std::vector<core::EventPtr> log_of(const std::string& user);
  core::AccountRow row_of(const std::string& user);
  // The one item of a node; empty: none.
  std::string item_of(const std::string& user, const std::string& node);

 private:
  struct Process;
  store::Fault next_fault(const engine::Transaction& transaction);
  template <class T, class Ask>
  T ask(Ask ask);

  World& world_;
  SiteOptions options_;
  bool sound_ = true;  // no faults now
  bool crash_wanted_ = false;
  store::MemoryState durable_;
  std::unique_ptr<Process> process_;
  std::vector<std::weak_ptr<Wire>> wires_;
  std::size_t next_shard_ = 0;
};

}  // namespace confab::sim
