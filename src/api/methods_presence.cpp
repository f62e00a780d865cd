// presence.*: the three facets.
#include "api/methods.h"
#include "api/parameters.h"
#include "api/presence.h"
#include "api/words.h"
#include "json/write.h"

namespace confab::api {
namespace {

constexpr std::size_t kMaxText = 1023;

std::optional<PresenceChange> change_in(Members& params, Call& call) {
  PresenceChange change;
  if (params.has("status")) {
    change.status = status_named(params.text("status"));
    if (!change.status) params.refuse("status");
  }
  if (params.has("priority")) change.priority = static_cast<int>(params.number("priority", -128, 127));
  if (params.has("signature")) {
    core::Text text{{}, params.text("signature")};
    const std::size_t most = call.caller().message_bytes;
    if (most != 0 && text.text.size() > most) params.refuse("signature", Errc::too_big);
    change.signature.emplace().push_back(std::move(text));
  }
  if (std::string text = params.text("text", kMaxText); !text.empty()) {
    change.annex.push_back({core::Wire::mqtt, std::string(kStatusTextKey), std::move(text)});
    if (!change.status) params.refuse("text");
  }
  if (!is_sound(params, call)) return std::nullopt;
  return change;
}

// Either the name, or what the topic has.
std::optional<core::SetListening> listening_in(Members& params, Call& call) {
  const std::string value(params.look("listening"));
  Result<core::SetListening> listening;
  if (value.starts_with('"')) {
    listening->text = params.text("listening", core::kMaxListening);
  } else {
    listening = read_listening(value);
  }
  if (!listening) {
    call.error(listening.error().code, "listening." + listening.error().text);
    return std::nullopt;
  }
  if (!is_sound(params, call)) return std::nullopt;
  return std::move(*listening);
}

// Of those whose presence the account sees, and of its own.
void get(Members& params, Call& call) {
  std::optional<Address> one;
  if (params.has("jid")) {
    one = person_in(params, "jid", call);
    if (!one) return;
  }
  call.ask(core::GetPresences{}, [one = std::move(one)](const core::Reply& reply, Call& then) {
    const auto* found = std::get_if<core::PresencesFound>(&reply);
    std::vector<std::string> presences;
    for (const core::EventPtr& event : found == nullptr ? std::vector<core::EventPtr>() : found->events) {
      if (!one || event->from.same_bare(*one)) presences.push_back(write_facets(*event));
    }
    if (one) return presences.empty() ? then.error(Errc::not_found, "jid") : then.result(presences.front());
    json::ObjectText out;
    then.result(out.raw("presences", json::array_of(presences)).take());
  });
}

void set(Members& params, Call& call) {
  std::vector<core::Command> commands;
  const std::optional<PresenceChange> change = change_in(params, call);
  if (!change) return;
  if (change->status || change->priority || change->signature) {
    core::Event presence;
    presence.body = core::Presence{.status = core::Status::online};
    if (call.caller().presence != nullptr) presence = *call.caller().presence;
    apply(*change, presence);
    commands.emplace_back(core::SetPresence{std::move(presence)});
  }
  if (params.has("listening")) {
    std::optional<core::SetListening> listening = listening_in(params, call);
    if (!listening) return;
    commands.emplace_back(std::move(*listening));
  }
  if (commands.empty()) return call.error(Errc::bad_payload, "missing parameter: status");
  call.ask_in_turn(std::move(commands));
}

}  // namespace

void install_presence_methods(MethodTable& on) {
  on.add({"presence.get",
          "The presence of those who let you see it, and your own",
          {{"jid", Type::text, false, "who; all of them, if nobody is named"}},
          R"({"jid","status","priority","signature","listening","text"?,"since","last"?}, or {"presences":[those]})",
          R"({"jid":"bob"})",
          "msg",
          false,
          get});
  on.add({"presence.set",
          "Your presence; what is not given stays",
          {{"status", Type::text, false, "online, away, dnd, busy or offline"},
           {"priority", Type::number, false, "-128 to 127, of this session"},
           {"text", Type::text, false, "to the status, for those who speak JSON"},
           {"signature", Type::text, false, "what everybody sees; empty takes it away"},
           {"listening", Type::any, false, "a name, or {\"kind\",\"name\",\"uri\"}; empty: nothing any more"}},
          "true",
          R"({"status":"away","signature":"lunch","listening":{"kind":"channel","name":"FM 97.5"}})",
          "msg",
          true,
          set});
}

}  // namespace confab::api
