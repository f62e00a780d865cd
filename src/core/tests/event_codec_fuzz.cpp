// Arbitrary bytes are refused or decode; what decodes comes back the same after being encoded.
#include <cstdint>
#include <cstdlib>

#include "core/event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace confab::core;
  const auto event = decode_event({reinterpret_cast<const char*>(bytes), size});
  if (!event) return 0;
  const auto again = decode_event(encode_event(*event));
  if (!again || *again != *event) std::abort();
  return 0;
}
