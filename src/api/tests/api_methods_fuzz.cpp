// Arbitrary calls, "method \n parameters", answered by whatever command they ask for: each comes to one answer, which
// is sound JSON, after a few commands.
#include <cstdint>
#include <cstdlib>

#include "api/methods.h"

namespace {

using namespace confab;
using namespace confab::api;

const Address kAlice{"alice", "example.org", "phone"};
const Address kBob{"bob", "example.org", {}};

void require(bool holds) {
  if (!holds) std::abort();
}

core::EventPtr message_from(const Address& from, const Address& to) {
  core::Event event;
  event.id.bytes[15] = 3;
  event.from = from;
  event.to = to;
  core::Message message;
  message.bodies.push_back({"", "hello"});
  event.body = std::move(message);
  event.annex = {{core::Wire::mqtt, "json", R"({"bodies":[],"media":[],"x":1})"}};
  return std::make_shared<const core::Event>(std::move(event));
}

// `own`: of the two messages that there are, which is found.
core::Reply reply_to(const core::Command& command, bool own) {
  const core::EventPtr event = own ? message_from(kAlice, kBob) : message_from(kBob, kAlice.bare());
  if (std::holds_alternative<core::GetHistory>(command)) {
    core::HistoryFound found;
    found.rows.push_back({.event = event, .seq = 3, .edited = {}});
    return found;
  }
  if (std::holds_alternative<core::GetRoster>(command)) {
    core::RosterItem item;
    item.peer = kBob;
    item.pending_in = own;
    return core::RosterItems{{item}, 1, true};
  }
  if (std::holds_alternative<core::SearchLog>(command)) return core::FoundEvents{{{3, event}}, own ? 2U : 0U};
  if (std::holds_alternative<core::ReadLog>(command)) {
    core::LogFound log;
    log.rows.push_back({event, 3});
    return log;
  }
  if (std::holds_alternative<core::GetProfile>(command)) return core::ProfileFound{};
  if (std::holds_alternative<core::Send>(command)) return core::Sent{};
  return core::Done{};
}

void run(std::string_view method, std::string_view params, bool own) {
  Call call(Caller{{kAlice, false}, 4096, nullptr}, method, params);
  int asked = 0;
  while (std::optional<core::Command> command = call.take_command()) {
    require(call.answer().empty() && ++asked < 10);
    call.on_reply(reply_to(*command, own));
  }
  require(json::read_object(call.answer()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = all.find('\n');
  const std::string_view params = line == std::string_view::npos ? std::string_view() : all.substr(line + 1);
  for (const bool own : {true, false}) run(all.substr(0, line), params, own);
  return 0;
}
