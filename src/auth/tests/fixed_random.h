// Randomness that repeats: 0, 1, 2, ... from a start.
#pragma once

#include "base/ids.h"

namespace confab::auth {

inline RandomBytes fixed_random(unsigned char start = 0) {
  return [next = start](unsigned char* out, std::size_t size) mutable {
    for (std::size_t i = 0; i < size; ++i) out[i] = next++;
  };
}

}  // namespace confab::auth
