// Bytes in any pieces, and replies of the domain at any time, give the same answers as the same bytes at once and the
// replies behind them; and behind the last word there is no other.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <variant>

#include "http/tests/http_peer.h"

namespace {

using namespace confab;

struct Outcome {
  std::string bytes;
  std::string rest;  // what the next session is given
  bool closed = false;
  bool operator==(const Outcome&) const = default;
};

Outcome run(std::string_view input, std::size_t piece, bool replies_early) {
  http::Limits limits;
  limits.pipelined = input.size() + 1;  // how many come at once, or wait, is the only thing that pieces change
  limits.body_bytes = 64;
  http::HttpPeer peer(limits, {"https://app.example"});
  Outcome outcome;
  const auto reply = [&] {
    for (; !peer.asked.empty(); peer.asked.pop_back()) outcome.bytes += peer.reply(peer.asked.back());
  };
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    if (peer.upgrade) {
      peer.upgrade->rest.append(input);
      break;
    }
    const bool closed = peer.closed.has_value();
    const std::string bytes = peer.send(input.substr(0, piece));
    if (closed && !bytes.empty()) std::abort();
    outcome.bytes += bytes;
    if (replies_early) reply();
  }
  reply();
  if (peer.closed && peer.upgrade) std::abort();
  outcome.closed = peer.closed.has_value();
  if (peer.upgrade) outcome.rest = peer.upgrade->rest;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = run(input, input.size() + 1, false);
  const std::size_t piece = std::size_t{data[0]} % 16 + 1;
  if (whole != run(input, piece, false) || whole != run(input, piece, true)) std::abort();
  return 0;
}
