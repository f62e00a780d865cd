// Looking for something in one's own log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"

namespace confab::core {

struct SearchQuery {
  std::string text;       // words, all of which must be there (src/words/README.md)
  Address with;           // bare: only what was said with this one; empty: with anybody
  Upos before = 0;        // only what stands before this place in the log; 0: from the end on
  std::size_t limit = 0;  // that many results at most
  std::size_t rows = 0;   // about so many rows are looked at, at most: then the answer says where to go on
};

struct Found {
  Upos seq = 0;  // its place in the log
  EventPtr event;
};

// Newest first. `next` 0: that is all; else there may be more before that place.
struct FoundEvents {
  std::vector<Found> found;
  Upos next = 0;
};

// The texts of an event that are looked through: bodies and subjects of messages and of what replaces them; of every
// other kind none.
std::vector<std::string_view> texts_of(const Event& event);

// Whether the event is part of what `owner`, in whose log it stands, said with `peer`. Both are bare.
bool is_said_with(const Event& event, const Address& owner, const Address& peer);

}  // namespace confab::core
