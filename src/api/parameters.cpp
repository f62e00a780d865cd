#include "api/parameters.h"

#include "api/topic_name.h"
#include "json/write.h"

namespace confab::api {

std::optional<Address> person_in(Members& params, std::string_view name, Call& call) {
  Result<Address> person = complete_address(params.text(name), call.viewer());
  if (person) return person->bare();
  call.error(Errc::bad_address, name);
  return std::nullopt;
}

std::optional<Address> conversation_in(Members& params, std::string_view name, Call& call) {
  std::string text = params.text(name);
  if (text.starts_with("g:")) {
    call.error(Errc::unsupported, name);
    return std::nullopt;
  }
  const std::string& site = call.viewer().me.domain;
  if (text == "u:" + site) return Address{{}, site, {}};
  if (text.starts_with("u:")) text.erase(0, 2);
  Result<Address> person = complete_address(text, call.viewer());
  if (person) return person->bare();
  call.error(Errc::bad_address, name);
  return std::nullopt;
}

bool is_sound(const Members& params, Call& call) {
  const Result<> verdict = params.verdict();
  if (!verdict) call.error(verdict.error());
  return verdict.has_value();
}

void find_message(const MsgId& id, Call& call, WithMessage with) {
  core::GetHistory command;
  command.query.ids = {id};
  command.query.limit = 1;
  command.query.skip_missing = true;
  call.ask(std::move(command), [with = std::move(with)](const core::Reply& reply, Call& then) mutable {
    const auto* found = std::get_if<core::HistoryFound>(&reply);
    if (found == nullptr || found->rows.empty()) return then.error(Errc::no_message, "id");
    with(found->rows.front(), then);
  });
}

std::string sent_json(const core::Sent& sent) {
  json::ObjectText out;
  out.text("id", to_string(sent.id)).number("ts", sent.at.ms).number("seq", static_cast<std::int64_t>(sent.seq));
  return out.take();
}

void send(core::Send command, Call& call) {
  call.ask(std::move(command), [](const core::Reply& reply, Call& then) {
    const auto* sent = std::get_if<core::Sent>(&reply);
    then.result(sent == nullptr ? "true" : sent_json(*sent));
  });
}

}  // namespace confab::api
