// The index of what can be looked for: made in the background, and made anew from the messages whenever one likes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/event.h"
#include "store/sqlite/database.h"

namespace confab::store {

// Writes it. An entry has the tokens of a message, and who has it in the log: one token for each account. Nothing is
// kept of an entry but the index itself: to take one out its tokens are made once more, so that must come before the
// message changes or goes. Every call happens inside a transaction of the writer. Lives on: the store thread.
class SearchIndex {
 public:
  struct Slice {
    std::size_t rows = 256;
    std::size_t bytes = 1U << 20;
  };

  Result<> prepare(const Database& db);

  // Takes in the next messages that are not in it. How many it looked at; 0: it is complete.
  Result<std::size_t> fill(const Slice& slice);
  // The last message that was looked at. Those behind it are looked through without an index.
  Result<std::uint64_t> done();

  // Message `n` is about to change, or to go; or to go from the log of `uid` alone.
  Result<> forget(std::uint64_t n);
  Result<> forget(std::uint64_t n, Uid uid);
  // `uid` is about to lose its log, while others keep what they have.
  Result<> forget_account(Uid uid);

  // Takes everything out; fill() begins anew. In one go, however much there is.
  Result<> clear();
  // Writes about `pages` pages anew without what was taken out of them, which stays readable in the file until then.
  // Negative in the first call, positive in those that follow. true: there is nothing left to do.
  Result<bool> merge(std::int64_t pages);

 private:
  struct Row {
    Uid uid = 0;
    Upos upos = 0;
  };

  static std::string tokens_of_accounts(const std::vector<Row>& rows);
  Result<> add(std::uint64_t n, const core::Event& event);
  Result<std::vector<Row>> logs_of(std::uint64_t n, const core::Event& event);
  Result<Upos> position_of(std::uint64_t n, Uid uid);
  Result<std::vector<std::uint64_t>> entries_of(Uid uid);
  Result<std::vector<Row>> rows_of(std::uint64_t n);
  Result<std::string> words_of(std::uint64_t n);
  Result<> put(std::uint64_t n, const std::vector<Row>& rows, const std::string& words);
  Result<> take_out(std::uint64_t n, const std::vector<Row>& rows, const std::string& words);
  Result<> run(Statement& statement);

  const Database* db_ = nullptr;
  Statement read_done_, put_done_, next_, put_, take_out_, merge_;
  Statement find_account_, first_last_, at_or_after_;
  Statement put_row_, rows_of_, drop_row_, entries_of_, message_;
};

// The token under which an account stands in the index.
std::string account_token(Uid uid);

}  // namespace confab::store
