// Rows of the archive and what was said of them later, made into messages as people read them.
#pragma once

#include <vector>

#include "core/archive.h"

namespace confab::core {

// What the store has. `events`: corrections, reactions and receipts that speak of the page's rows, those of one row in
// the order in which they came. Of corrections and of each person's reactions the last is enough.
struct HistoryRows {
  ArchivePage page;
  std::vector<EventPtr> events;
};

HistoryFound fold(HistoryRows rows);

}  // namespace confab::core
