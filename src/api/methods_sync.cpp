// sync.*: what happened since.
#include "api/methods.h"
#include "api/parameters.h"
#include "api/topics.h"
#include "json/write.h"

namespace confab::api {
namespace {

constexpr std::int64_t kRows = 100;

void add_events(const core::LogFound& log, const Viewer& viewer, std::vector<std::string>& events) {
  for (const core::ArchivedEvent& row : log.rows) {
    for (const Outgoing& told : write_all({.event = row.event, .seq = row.seq}, viewer)) {
      json::ObjectText out;
      events.push_back(out.text("topic", told.topic).raw("payload", told.payload).take());
    }
  }
}

void since(Members& params, Call& call) {
  core::ReadLog command;
  command.after = static_cast<Upos>(params.number("seq", 0, INT64_MAX));
  command.limit = static_cast<std::size_t>(params.number("limit", 1, 100'000, kRows));
  if (!is_sound(params, call)) return;
  call.ask(command, [](const core::Reply& reply, Call& then) {
    const auto* log = std::get_if<core::LogFound>(&reply);
    if (log == nullptr) return then.error(Errc::unavailable);
    std::vector<std::string> events;
    add_events(*log, then.viewer(), events);
    const Upos seq = log->complete || log->rows.empty() ? log->head : log->rows.back().seq;
    json::ObjectText out;
    out.raw("events", json::array_of(events)).number("seq", static_cast<std::int64_t>(seq));
    then.result(out.flag("gap", log->gap).flag("more", !log->complete).take());
  });
}

}  // namespace

void install_sync_methods(MethodTable& on) {
  on.add(
      {"sync.since",
       "The events of your log behind a place, as they are told live",
       {{"seq", Type::number, true, "the last that you have; 0: none"},
        {"limit", Type::number, false, "so many at most; 100, if you do not say"}},
       R"({"events":[{"topic","payload"}],"seq","gap","more"}: seq is where to go on; gap: older ones are not there any more)",
       R"({"seq":18231})",
       "msg",
       false,
       since});
}

}  // namespace confab::api
