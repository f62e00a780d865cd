// SHA-256 of a file (FIPS 180-4), for the checksum of backups: this layer links nothing but SQLite.
#pragma once

#include <string>

#include "base/result.h"

namespace confab::store {

// Lower-case hex. Errors: not_found, unavailable.
Result<std::string> sha256_of_file(const std::string& path);

}  // namespace confab::store
