#include "store/search_page.h"

#include <algorithm>

namespace confab::store {

Result<SearchPage> SearchPage::make(const core::SearchQuery& query, Address owner) {
  Result<words::Query> words = words::read_query(query.text);
  if (!words) return fail(std::move(words.error()));
  SearchPage page;
  page.words_ = std::move(*words);
  page.owner_ = std::move(owner);
  page.with_ = query.with;
  page.limit_ = std::max<std::size_t>(1, query.limit);
  page.rows_ = std::max<std::size_t>(1, query.rows);
  page.found_.next = query.before;
  return page;
}

void SearchPage::look(Upos seq, const core::EventPtr& event, std::size_t bytes) {
  --rows_;
  bytes_ += bytes;
  found_.next = seq;
  if (!with_.empty() && !core::is_said_with(*event, owner_, with_)) return;
  if (words::matches(words_, tokens_of(*event))) found_.found.push_back({seq, event});
}

words::Tokens tokens_of(const core::Event& event) {
  words::Tokens tokens;
  for (const std::string_view text : core::texts_of(event)) words::add_tokens(text, tokens);
  return tokens;
}

}  // namespace confab::store
