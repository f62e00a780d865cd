// A store without a disk, deterministic, with faults on demand: for tests and the simulator.
#pragma once

#include <functional>
#include <memory>

#include "engine/ports.h"
#include "store/memory/memory_state.h"

namespace confab::store {

// What becomes of the next transaction.
struct Fault {
  enum class Kind : std::uint8_t {
    none,
    fail,          // answered with `code`, nothing changed
    crash_before,  // the process dies: this one and all that wait are lost, and nobody is answered any more
    crash_after    // the process dies after the commit: this one is kept, but nobody is answered
  };
  Kind kind = Kind::none;
  Errc code = Errc::unavailable;  // or no_space
  milliseconds delay{0};          // before it happens; what was submitted later waits too
};

// Asked before each transaction, in order. Lives on: whichever loop the store works on just then.
using FaultPlan = std::function<Fault(const engine::Transaction&)>;

struct MemoryOptions {
  std::uint64_t site = 1;
  engine::LogListener* listener = nullptr;
  FaultPlan faults;  // empty: none
};

// Works on the loop of the first transaction that waits, in a task of its own, on all that wait by then: one group, as
// SqliteStore commits them. Reads are answered with the state as it is when they are asked. Lives on: called from
// anywhere; the listener is called on a loop's thread, never twice at a time.
class MemoryStore final : public engine::Store {
 public:
  explicit MemoryStore(MemoryOptions options = {});
  // Starts from what another one had committed.
  MemoryStore(MemoryOptions options, MemoryState state);
  ~MemoryStore() override;

  void listen(engine::LogListener* listener);
  void plan_faults(FaultPlan faults);

  // What is committed: what a site finds that starts again.
  MemoryState snapshot() const;
  // Dies now: nothing that waits is done, nobody is answered any more.
  void crash();
  bool crashed() const;

  void commit(engine::Transaction transaction, Loop& loop,
              UniqueFunction<void(Result<engine::Committed>)> done) override;
  void load_account(const Address& bare, Loop& loop, UniqueFunction<void(Result<core::AccountRow>)> done) override;
  void load_profile(Uid uid, Loop& loop, UniqueFunction<void(Result<core::Profile>)> done) override;
  void read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes, Loop& loop,
                UniqueFunction<void(Result<std::vector<engine::LogRow>>)> done) override;
  void read_archive(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                    UniqueFunction<void(Result<core::ArchivePage>)> done) override;
  void read_history(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                    UniqueFunction<void(Result<core::HistoryRows>)> done) override;
  void load_read_markers(Uid uid, std::size_t limit, Loop& loop,
                         UniqueFunction<void(Result<core::ReadMarkersFound>)> done) override;
  void read_archive_ends(Uid uid, Loop& loop, UniqueFunction<void(Result<core::ArchiveEnds>)> done) override;
  void load_last_presence(std::vector<Address> people, Loop& loop,
                          UniqueFunction<void(Result<std::vector<LastPresence>>)> done) override;
  void load_items(Uid uid, std::string node, core::ItemQuery query, std::size_t bytes, Loop& loop,
                  UniqueFunction<void(Result<core::ItemPage>)> done) override;
  void load_last_said(engine::LastQuery query, Loop& loop,
                      UniqueFunction<void(Result<engine::LastPage>)> done) override;
  void list_accounts(Address after, std::size_t limit, Loop& loop,
                     UniqueFunction<void(Result<std::vector<AccountLine>>)> done) override;
  void search_log(Uid uid, core::SearchQuery query, Loop& loop,
                  UniqueFunction<void(Result<core::FoundEvents>)> done) override;
  void load_topic_sessions(std::string after, std::size_t limit, Loop& loop,
                           UniqueFunction<void(Result<std::vector<core::StoredTopicSession>>)> done) override;
  void load_retained(std::string after, std::size_t limit, Loop& loop,
                     UniqueFunction<void(Result<std::vector<core::StoredRetained>>)> done) override;
  void load_topic_places(Loop& loop, UniqueFunction<void(Result<core::StoredPlaces>)> done) override;
  void read_topics(core::TopicSeq after, std::size_t rows, std::size_t bytes, Loop& loop,
                   UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) override;
  // There is nothing to prepare, and nothing leaves a trace.
  void work_on(Chore chore, Loop& loop, UniqueFunction<void(Result<>)> done) override;

 private:
  class Core;
  std::shared_ptr<Core> core_;  // tasks on the loops may outlive the store
};

}  // namespace confab::store
