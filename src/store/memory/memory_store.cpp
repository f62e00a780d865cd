#include "store/memory/memory_store.h"

#include <deque>
#include <mutex>
#include <optional>

#include "store/completions.h"

namespace confab::store {

// Everything behind the mutex, shared with the tasks that work on it. Lives on: anywhere.
class MemoryStore::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(MemoryOptions options, MemoryState state) : options_(std::move(options)), state_(std::move(state)) {}

  void commit(engine::Transaction transaction, Loop& loop, CommitDone done) {
    const std::lock_guard hold(mutex_);
    if (dead_) return;
    waiting_.push_back({std::move(transaction), &loop, std::move(done), {}});
    if (working_) return;
    working_ = true;
    work_on(loop);
  }

  template <class T, class Ask>
  void read(Loop& loop, UniqueFunction<void(Result<T>)> done, Ask ask) {
    const std::lock_guard hold(mutex_);
    if (dead_) return;
    loop.post([self = weak_from_this(), done = std::move(done), result = Result<T>(ask(state_))]() mutable {
      if (is_alive(self)) done(std::move(result));
    });
  }

  void die() {
    const std::lock_guard hold(mutex_);
    dead_ = true;
    waiting_.clear();
  }
  bool dead() const {
    const std::lock_guard hold(mutex_);
    return dead_;
  }
  MemoryState snapshot() const {
    const std::lock_guard hold(mutex_);
    return state_;
  }
  void listen(engine::LogListener* listener) {
    const std::lock_guard hold(mutex_);
    options_.listener = listener;
  }
  void plan_faults(FaultPlan faults) {
    const std::lock_guard hold(mutex_);
    options_.faults = std::move(faults);
  }

 private:
  struct Waiting {
    engine::Transaction transaction;
    Loop* loop;
    CommitDone done;
    std::optional<Fault> fault;  // decided already, and delayed
  };
  // What one turn did; told to the others when the mutex is free again.
  struct Turn {
    std::vector<engine::LogRow> rows;
    std::vector<core::TopicRow> topics;
    std::vector<std::pair<Waiting, Result<engine::Committed>>> done;
    Loop* later = nullptr;
    milliseconds delay{0};
  };

  static bool is_alive(const std::weak_ptr<Core>& core) {
    const std::shared_ptr<Core> self = core.lock();
    return self != nullptr && !self->dead();
  }

  void work_on(Loop& loop) {
    loop.post([core = weak_from_this()] {
      if (const std::shared_ptr<Core> self = core.lock()) self->work();
    });
  }

  void work() {
    Turn turn;
    engine::LogListener* listener = nullptr;
    {
      const std::lock_guard hold(mutex_);
      apply_waiting(turn);
      if (dead_) return;
      turn.topics = state_.topics().take_rows();
      listener = options_.listener;
    }
    if (listener != nullptr && !turn.rows.empty()) listener->on_appended(std::move(turn.rows));
    if (listener != nullptr && !turn.topics.empty()) listener->on_topics(std::move(turn.topics));
    Completions answers;
    for (auto& [waiting, result] : turn.done) {
      CommitDone done = [core = weak_from_this(),
                         tell = std::move(waiting.done)](Result<engine::Committed> answer) mutable {
        if (is_alive(core)) tell(std::move(answer));
      };
      answers.add(*waiting.loop, std::move(done), std::move(result));
    }
    answers.post();
    work_again(turn);
  }

  void apply_waiting(Turn& turn) {
    while (!waiting_.empty() && !dead_) {
      Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      const Fault fault = next.fault ? *next.fault : options_.faults ? options_.faults(next.transaction) : Fault{};
      if (!next.fault && fault.delay.count() > 0) {
        next.fault = fault;
        turn.later = next.loop;
        turn.delay = fault.delay;
        waiting_.push_front(std::move(next));
        return;
      }
      apply_one(std::move(next), fault, turn);
    }
  }

  void apply_one(Waiting next, const Fault& fault, Turn& turn) {
    Result<engine::Committed> result = fail(fault.code, "a planned fault");
    if (fault.kind == Fault::Kind::none || fault.kind == Fault::Kind::crash_after) {
      result = state_.apply(next.transaction, turn.rows);
    }
    if (fault.kind == Fault::Kind::crash_before || fault.kind == Fault::Kind::crash_after) {
      dead_ = true;
      waiting_.clear();
      return;
    }
    turn.done.emplace_back(std::move(next), std::move(result));
  }

  void work_again(const Turn& turn) {
    const std::lock_guard hold(mutex_);
    if (turn.later != nullptr) {
      turn.later->post([core = weak_from_this(), loop = turn.later, delay = turn.delay] {
        loop->after(delay, [core] {
          if (const std::shared_ptr<Core> self = core.lock()) self->work();
        });
      });
    } else if (!waiting_.empty()) {
      work_on(*waiting_.front().loop);
    } else {
      working_ = false;
    }
  }

  mutable std::mutex mutex_;
  MemoryOptions options_;
  MemoryState state_;
  std::deque<Waiting> waiting_;
  bool working_ = false;
  bool dead_ = false;
};

MemoryStore::MemoryStore(MemoryOptions options) : MemoryStore(options, MemoryState(options.site)) {}
MemoryStore::MemoryStore(MemoryOptions options, MemoryState state)
    : core_(std::make_shared<Core>(std::move(options), std::move(state))) {}
MemoryStore::~MemoryStore() {
  core_->die();
}

void MemoryStore::listen(engine::LogListener* listener) {
  core_->listen(listener);
}
void MemoryStore::plan_faults(FaultPlan faults) {
  core_->plan_faults(std::move(faults));
}
MemoryState MemoryStore::snapshot() const {
  return core_->snapshot();
}
void MemoryStore::crash() {
  core_->die();
}
bool MemoryStore::crashed() const {
  return core_->dead();
}

void MemoryStore::commit(engine::Transaction transaction, Loop& loop, CommitDone done) {
  core_->commit(std::move(transaction), loop, std::move(done));
}

void MemoryStore::load_account(const Address& bare, Loop& loop, UniqueFunction<void(Result<core::AccountRow>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.load_account(bare); });
}

void MemoryStore::load_profile(Uid uid, Loop& loop, UniqueFunction<void(Result<core::Profile>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.load_profile(uid); });
}

void MemoryStore::read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes, Loop& loop,
                           UniqueFunction<void(Result<std::vector<engine::LogRow>>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.read_log(uid, after, rows, bytes); });
}

void MemoryStore::read_archive(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                               UniqueFunction<void(Result<core::ArchivePage>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.read_archive(uid, query, bytes); });
}

void MemoryStore::read_history(Uid uid, core::ArchiveQuery query, std::size_t bytes, Loop& loop,
                               UniqueFunction<void(Result<core::HistoryRows>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.read_history(uid, query, bytes); });
}

void MemoryStore::load_read_markers(Uid uid, std::size_t limit, Loop& loop,
                                    UniqueFunction<void(Result<core::ReadMarkersFound>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.load_read_markers(uid, limit); });
}

void MemoryStore::read_archive_ends(Uid uid, Loop& loop, UniqueFunction<void(Result<core::ArchiveEnds>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.read_archive_ends(uid); });
}

void MemoryStore::load_last_presence(std::vector<Address> people, Loop& loop,
                                     UniqueFunction<void(Result<std::vector<LastPresence>>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.load_last_presence(people); });
}

void MemoryStore::load_items(Uid uid, std::string node, core::ItemQuery query, std::size_t bytes, Loop& loop,
                             UniqueFunction<void(Result<core::ItemPage>)> done) {
  core_->read(loop, std::move(done),
              [&](const MemoryState& state) { return state.load_items(uid, node, query, bytes); });
}

void MemoryStore::load_last_said(engine::LastQuery query, Loop& loop,
                                 UniqueFunction<void(Result<engine::LastPage>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.load_last_said(query); });
}

void MemoryStore::list_accounts(Address after, std::size_t limit, Loop& loop,
                                UniqueFunction<void(Result<std::vector<AccountLine>>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.list_accounts(after, limit); });
}

void MemoryStore::search_log(Uid uid, core::SearchQuery query, Loop& loop,
                             UniqueFunction<void(Result<core::FoundEvents>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.search_log(uid, query); });
}

void MemoryStore::load_topic_sessions(std::string after, std::size_t limit, Loop& loop,
                                      UniqueFunction<void(Result<std::vector<core::StoredTopicSession>>)> done) {
  core_->read(loop, std::move(done),
              [&](const MemoryState& state) { return state.topics().load_sessions(after, limit); });
}

void MemoryStore::load_retained(std::string after, std::size_t limit, Loop& loop,
                                UniqueFunction<void(Result<std::vector<core::StoredRetained>>)> done) {
  core_->read(loop, std::move(done),
              [&](const MemoryState& state) { return state.topics().load_retained(after, limit); });
}

void MemoryStore::load_topic_places(Loop& loop, UniqueFunction<void(Result<core::StoredPlaces>)> done) {
  core_->read(loop, std::move(done), [](const MemoryState& state) { return state.topics().load_places(); });
}

void MemoryStore::read_topics(core::TopicSeq after, std::size_t rows, std::size_t bytes, Loop& loop,
                              UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) {
  core_->read(loop, std::move(done), [&](const MemoryState& state) { return state.topics().read(after, rows, bytes); });
}

void MemoryStore::work_on(Chore, Loop& loop, UniqueFunction<void(Result<>)> done) {
  core_->read(loop, std::move(done), [](const MemoryState&) { return Result<>(); });
}

}  // namespace confab::store
