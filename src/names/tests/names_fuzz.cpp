// Whatever is prepared is prepared to itself, is UTF-8, and is short enough.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"
#include "names/names.h"

namespace {
using namespace confab;

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check(Result<std::string> (*prepare)(std::string_view), std::string_view text) {
  const auto made = prepare(text);
  if (!made) return;
  require(is_utf8(*made), "no UTF-8");
  require(!made->empty() && made->size() <= names::kMaxPartBytes, "size");
  const auto again = prepare(*made);
  require(again.has_value(), "prepared, and then refused");
  require(*again == *made, "prepared twice, and different");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto prepare : {names::prepare_local, names::prepare_domain, names::prepare_resource,
                             names::prepare_password, names::prepare_nickname, names::nickname_key}) {
    check(prepare, text);
  }
  const auto address = names::parse_address(text);
  if (!address) return 0;
  const auto again = names::parse_address(to_string(*address));
  require(again.has_value() && *again == *address, "an address reads back otherwise");
  return 0;
}
