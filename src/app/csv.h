// Comma-separated values (RFC 4180), for imports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace confab::app {

struct CsvRow {
  std::size_t line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
};

// CRLF or LF; a UTF-8 byte order mark is passed over, empty lines too. Errors: bad_payload, "line N: ...".
Result<std::vector<CsvRow>> parse_csv(std::string_view text);

// One row with its line feed, quoted where needed.
std::string write_csv_row(const std::vector<std::string>& fields);

}  // namespace confab::app
