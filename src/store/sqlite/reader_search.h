// A query of the archive on its way. For the reader's own units only.
#pragma once

#include <limits>

#include "store/sqlite/reader.h"

namespace confab::store {

inline constexpr Upos kEnd = std::numeric_limits<std::int64_t>::max();

// Which positions can match. Rows up to `split` are in the order of time; behind it only late ones can still match.
struct Reader::Range {
  Upos first = 1;     // inclusive
  Upos end = kEnd;    // exclusive
  Upos split = kEnd;  // exclusive
};

struct Reader::Search {
  Uid uid = 0;
  const core::ArchiveQuery& query;
  std::size_t byte_limit = 0;
  Range range;
  std::uint64_t conversation = 0;  // 0: any
  std::size_t bytes = 0;
  core::ArchivePage page;

  bool is_full() const { return !page.complete; }
  // false: the page is full, and there is more.
  bool take(Upos upos, core::EventPtr event, std::size_t size) {
    const bool room = page.events.size() < query.limit && (page.events.empty() || bytes + size <= byte_limit);
    if (!room) page.complete = false;
    if (room) page.events.push_back({std::move(event), upos});
    bytes += size;
    return room;
  }
};

}  // namespace confab::store
