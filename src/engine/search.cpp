// Looking for something in the account's own log.
#include <algorithm>

#include "engine/actor.h"
#include "engine/shard.h"

namespace confab::engine {

// One at a time: a search may take a reader of the store for a while, and one account must not keep all of them.
void Actor::search_log(core::SearchLog& command, const Origin& origin) {
  if (!is_entitled(origin)) return shard_.answer(origin, core::Refused{Errc::closed, "no session"});
  if (searching_) return shard_.answer(origin, core::Refused{Errc::too_fast, "search"});
  core::SearchQuery query = std::move(command.query);
  const std::size_t most = shard_.options().search_results;
  query.limit = query.limit == 0 ? most : std::min(query.limit, most);
  query.rows = shard_.options().search_rows;
  query.with = query.with.bare();
  searching_ = true;
  ++pending_;
  shard_.store().search_log(account_.row.uid, std::move(query), shard_.loop(),
                            [self = shared_from_this(), origin](Result<core::FoundEvents> found) {
                              --self->pending_;
                              self->searching_ = false;
                              if (found) {
                                self->shard_.answer(origin, std::move(*found));
                              } else {
                                const Error& error = found.error();
                                self->shard_.answer(origin, core::Refused{error.code, error.text});
                              }
                            });
}

}  // namespace confab::engine
