// One page of a search, the same for every store: rows go by, newest first, and those that match stay.
#pragma once

#include "core/search.h"
#include "words/words.h"

namespace confab::store {

// Lives on: one thread at a time.
class SearchPage {
 public:
  static constexpr std::size_t kBytes = 16U << 20;  // of events, looked at for one page

  // `owner`: the account whose log it is. Errors: those of words::read_query.
  static Result<SearchPage> make(const core::SearchQuery& query, Address owner);

  const words::Query& words() const { return words_; }
  bool is_full() const { return found_.found.size() >= limit_ || rows_ == 0 || bytes_ >= kBytes; }
  // The next older row, of `bytes` bytes as it is stored.
  void look(Upos seq, const core::EventPtr& event, std::size_t bytes);
  // There is nothing older.
  void end() { found_.next = 0; }
  core::FoundEvents take() { return std::move(found_); }

 private:
  SearchPage() = default;

  words::Query words_;
  Address owner_;
  Address with_;
  std::size_t limit_ = 0;
  std::size_t rows_ = 0;   // that may still be looked at
  std::size_t bytes_ = 0;  // that were
  core::FoundEvents found_;
};

// All tokens of an event, as they are indexed; none: nobody can find it.
words::Tokens tokens_of(const core::Event& event);

}  // namespace confab::store
