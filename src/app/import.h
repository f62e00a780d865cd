// A file of people to add: CSV with the header row name,password[,display,email,department].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/account.h"

namespace confab::app {

struct ImportRow {
  std::size_t line = 0;
  std::string name;
  std::string password;
  core::Profile profile;
  std::string department;  // read, not used yet: there is no directory
};

// `first_line`: the number of the first row after the header, when `text` is a part of a file; 2 for a whole one.
// Errors: bad_payload, "line N: ...".
Result<std::vector<ImportRow>> read_import(std::string_view text, std::size_t first_line = 2);

// A part of a file that fits into one request, with the file's header. Lines within it are counted from `line`.
struct ImportPart {
  std::size_t line = 0;
  std::string text;
};
// Errors: as read_import, which is asked of the whole file first, so that nothing is added from a broken one.
Result<std::vector<ImportPart>> split_import(std::string_view text, std::size_t bytes);

}  // namespace confab::app
