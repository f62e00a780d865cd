// Arbitrary bytes are refused or decode; what decodes comes back the same after being encoded.
#include <cstdint>
#include <cstdlib>

#include "core/node.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace confab::core;
  const auto config = decode_config({reinterpret_cast<const char*>(bytes), size});
  if (!config) return 0;
  const auto again = decode_config(encode_config(*config));
  if (!again || *again != *config) std::abort();
  return 0;
}
