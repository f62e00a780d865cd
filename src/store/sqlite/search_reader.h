// What is asked of the search index, and of the rows that are not in it yet.
#pragma once

#include "core/search.h"
#include "store/search_page.h"
#include "store/sqlite/database.h"

namespace confab::store {

// A part of Reader, on its connection. Lives on: one reader thread.
class SearchReader {
 public:
  Result<> prepare(const Database& db);

  // Inside a transaction, so that index and log are of one moment. Errors: not_found (no such account), those of
  // words::read_query, unavailable.
  Result<core::FoundEvents> search_log(Uid uid, const core::SearchQuery& query);

 private:
  Result<Address> address_of(Uid uid);
  Result<bool> look_behind_index(Uid uid, Upos before, std::uint64_t done, SearchPage& page);
  Result<> look_in_index(Uid uid, Upos before, std::uint64_t done, SearchPage& page);
  Result<> look(Uid uid, Upos upos, std::string_view body, SearchPage& page);

  const Database* db_ = nullptr;
  Statement account_, done_, rows_, last_before_, hits_;
};

}  // namespace confab::store
