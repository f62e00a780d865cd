// Character data, attribute values and their references, read in place.
#pragma once

#include "xml/chars.h"
#include "xml/reader.h"

namespace confab::xml {

struct Fault {
  Problem problem = Problem::none;
  const char* why = "";
  explicit operator bool() const { return problem != Problem::none; }
};

// What was read lies at the old place, shorter or as long: from the first `in` to `out`. `in`: where reading stopped.
struct Decoded {
  char* in;
  char* out;
  Fault fault;
};

// `mode`: kStopText, kStopValue (to the byte `quote`, which is not eaten, or to `end`) or kStopCdata.
Decoded decode(char* in, char* end, ByteClass mode, char quote = 0);

// What stands between "<?xml" and "?>".
Fault read_declaration(std::string_view rest);

}  // namespace confab::xml
