// session.*: one's own sessions and devices.
#include "api/methods.h"
#include "api/parameters.h"
#include "json/write.h"

namespace confab::api {
namespace {

std::string session_json(const core::SessionLine& line) {
  json::ObjectText out;
  out.text("session", line.resource).flag("live", line.wire != core::Wire::none).flag("device", line.device);
  if (line.current) out.flag("current", true);
  if (line.wire != core::Wire::none) out.text("wire", core::name_of(line.wire));
  if (!line.address.empty()) out.text("address", line.address);
  if (line.since.ms != 0) out.number("since", line.since.ms);
  if (line.last_seen.ms != 0) out.number("last_seen", line.last_seen.ms);
  return out.take();
}

void list(Members&, Call& call) {
  call.ask(core::GetSessions{}, [](const core::Reply& reply, Call& then) {
    std::vector<std::string> sessions;
    if (const auto* found = std::get_if<core::SessionsFound>(&reply)) {
      for (const core::SessionLine& line : found->sessions) sessions.push_back(session_json(line));
    }
    json::ObjectText out;
    then.result(out.raw("sessions", json::array_of(sessions)).take());
  });
}

void kill(Members& params, Call& call) {
  core::EndSession command{params.text("session"), params.flag("forget", false)};
  if (is_sound(params, call)) call.ask_in_turn({std::move(command)});
}

}  // namespace

void install_session_methods(MethodTable& on) {
  on.add({"session.list",
          "Your sessions, and your devices that have none just now",
          {},
          R"({"sessions":[{"session","live","device","current"?,"wire"?,"address"?,"since"?,"last_seen"?}]})",
          "{}",
          "account",
          false,
          list});
  on.add({"session.kill",
          "Ends one of them",
          {{"session", Type::text, true, "its name in session.list"},
           {"forget", Type::flag, false, "the device's place in the log goes, too"}},
          "true",
          R"({"session":"phone"})",
          "account",
          true,
          kill});
}

}  // namespace confab::api
