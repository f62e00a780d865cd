// Looking for something in a log that is in memory: row by row.
#include "store/memory/memory_state.h"
#include "store/search_page.h"

namespace confab::store {

Result<core::FoundEvents> MemoryState::search_log(Uid uid, const core::SearchQuery& query) const {
  const auto known = accounts_.find(uid);
  if (known == accounts_.end()) return fail(Errc::not_found, "no such account");
  Result<SearchPage> page = SearchPage::make(query, known->second.row.address);
  if (!page) return fail(std::move(page.error()));
  const std::vector<Row>& log = known->second.log;
  Upos at = query.before == 0 ? log.size() : std::min<Upos>(query.before - 1, log.size());
  for (; at > 0 && !page->is_full(); --at) {
    const Stored& row = stored(log[at - 1]);
    page->look(at, row.event, row.bytes);
  }
  if (at == 0) page->end();
  return page->take();
}

}  // namespace confab::store
