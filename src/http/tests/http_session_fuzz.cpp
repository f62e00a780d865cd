// Bytes in any pieces give the same answers as the same bytes at once, and no more than one head is ever kept.
#include <cstdint>
#include <cstdlib>

#include "http/http_session.h"

namespace {

using namespace confab;

class NoPages final : public http::Pages {
 public:
  http::Page get(std::string_view, const session::PeerInfo&) override { return {200, "text/plain", "x"}; }
};

std::string run(std::string_view input, std::size_t piece) {
  NoPages pages;
  http::Limits limits;
  limits.pipelined = input.size() + 1;  // how many come at once is the only thing that pieces change
  const http::Upgrades upgrades{{"/mqtt", {"mqtt", "mqttv3.1"}, {}}};
  http::HttpSession machine(pages, limits, upgrades);
  std::string bytes;
  session::Outbox out(bytes);
  machine.on_open({}, out);
  while (!input.empty()) {
    machine.on_bytes(as_bytes(input.substr(0, piece)), out);
    input.remove_prefix(std::min(piece, input.size()));
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (run(input, input.size() + 1) != run(input, std::size_t{data[0]} % 16 + 1)) std::abort();
  return 0;
}
