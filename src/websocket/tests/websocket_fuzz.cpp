// The reader against itself on other cuts of the same bytes; and what it understood, written by the writer, reads back
// as the same. The first two bytes choose limits and cuts, the others are frames.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "websocket/reader.h"
#include "websocket/writer.h"

namespace {
using namespace confab;
using namespace confab::websocket;

struct Outcome {
  std::string payload;  // of all messages
  std::vector<Event> events;
  std::vector<std::size_t> ends;  // payload before each event
  int fault = 0;
};

bool same(const Event& a, const Event& b) {
  return a.opcode == b.opcode && a.payload == b.payload && a.code == b.code;
}

bool same(const Outcome& a, const Outcome& b) {
  if (a.payload != b.payload || a.ends != b.ends || a.fault != b.fault) return false;
  if (a.events.size() != b.events.size()) return false;
  for (std::size_t i = 0; i < a.events.size(); ++i) {
    if (!same(a.events[i], b.events[i])) return false;
  }
  return true;
}

struct Setting {
  Side side;
  Messages wanted;
  Limits limits;
};

Outcome run(std::string_view input, std::size_t piece, const Setting& setting) {
  Reader reader(setting.side, setting.wanted, setting.limits);
  Outcome outcome;
  while (!input.empty()) {
    std::string_view part = input.substr(0, piece);
    input.remove_prefix(part.size());
    for (;;) {
      const auto event = reader.read(part, outcome.payload);
      if (!event) {
        outcome.fault = 1 + static_cast<int>(event.error().code);
        return outcome;
      }
      if (!*event) break;
      outcome.events.push_back(**event);
      outcome.ends.push_back(outcome.payload.size());
      if ((*event)->opcode == Opcode::close) return outcome;
    }
  }
  return outcome;
}

// The same events, each message in one frame, for the other side.
std::string write(const Outcome& outcome) {
  std::string bytes;
  std::size_t from = 0;
  for (std::size_t i = 0; i < outcome.events.size(); ++i) {
    const Event& event = outcome.events[i];
    if (event.opcode == Opcode::close) {
      encode_close(bytes, event.code, event.payload);
    } else if (is_control(event.opcode)) {
      encode_frame(bytes, event.opcode, event.payload);
    } else {
      encode_frame(bytes, event.opcode, std::string_view(outcome.payload).substr(from, outcome.ends[i] - from));
      from = outcome.ends[i];
    }
  }
  return bytes;
}

// What a control frame inside a message splits has moved behind it; so only messages are compared, in order.
std::string messages_of(const Outcome& outcome) {
  std::string all;
  std::size_t from = 0;
  for (std::size_t i = 0; i < outcome.events.size(); ++i) {
    if (is_control(outcome.events[i].opcode)) continue;
    all += static_cast<char>(outcome.events[i].opcode);
    all += std::to_string(outcome.ends[i] - from) + ":" + outcome.payload.substr(from, outcome.ends[i] - from);
    from = outcome.ends[i];
  }
  return all;
}

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Setting setting{
      .side = (data[0] & 1) != 0 ? Side::client : Side::server,
      .wanted = static_cast<Messages>((data[0] >> 1) % 3),
      .limits = {.frame_bytes = std::uint64_t{data[0]} * 64, .message_bytes = std::uint64_t{data[0]} * 96}};
  const Outcome whole = run(input, input.size(), setting);
  require(same(whole, run(input, std::size_t{data[1]} % 32 + 1, setting)), "a cut changes the outcome");
  const Outcome again = run(write(whole), std::size_t{1} << 20, {Side::client, setting.wanted, {}});
  require(again.fault == 0, "what was written does not read");
  require(messages_of(again) == messages_of(whole), "what was written reads differently");
  return 0;
}
