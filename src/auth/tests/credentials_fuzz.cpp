// Whatever decode takes, encode writes back byte for byte.
#include <cstdint>
#include <cstdlib>

#include "auth/credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto credentials = confab::auth::decode(input);
  if (credentials && confab::auth::encode(*credentials) != input) std::abort();
  return 0;
}
