// Arbitrary bytes are refused or decode; what decodes comes back the same after being encoded.
#include <cstdint>
#include <cstdlib>

#include "core/topic_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace confab::core;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto message = decode_topic_message(text)) {
    const auto again = decode_topic_message(encode_topic_message(*message));
    if (!again || *again != *message) std::abort();
  }
  if (const auto will = decode_topic_will(text)) {
    const auto again = decode_topic_will(encode_topic_will(*will));
    if (!again || *again != *will) std::abort();
  }
  return 0;
}
