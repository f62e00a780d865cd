// The answers of one group of transactions, handed over with one post per loop.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/ports.h"

namespace confab::store {

using CommitDone = UniqueFunction<void(Result<engine::Committed>)>;

// Lives on: one thread at a time.
class Completions {
 public:
  void add(Loop& loop, CommitDone done, Result<engine::Committed> result) {
    const auto same = [&](const Batch& batch) { return batch.loop == &loop; };
    auto at = std::find_if(batches_.begin(), batches_.end(), same);
    if (at == batches_.end()) at = batches_.insert(at, Batch{&loop, {}});
    at->answers.push_back({std::move(done), std::move(result)});
  }

  void post() {
    for (Batch& batch : batches_) {
      batch.loop->post([answers = std::move(batch.answers)]() mutable {
        for (Answer& answer : answers) answer.done(std::move(answer.result));
      });
    }
    batches_.clear();
  }

 private:
  struct Answer {
    CommitDone done;
    Result<engine::Committed> result;
  };
  struct Batch {
    Loop* loop;
    std::vector<Answer> answers;
  };
  std::vector<Batch> batches_;
};

}  // namespace confab::store
