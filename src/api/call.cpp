#include "api/call.h"

#include "api/methods.h"
#include "api/topics.h"
#include "json/write.h"

namespace confab::api {

Call::Call(Caller caller, std::string_view method, std::string_view params) : caller_(std::move(caller)) {
  begin(method, params);
}

void Call::begin(std::string_view name, std::string_view params) {
  const Method* method = methods().find(name);
  if (method == nullptr) return error(Errc::not_found, "no such method");
  Result<Members> members = Members::read(params);
  if (!members) return error(members.error());
  if (Result<> checked = check(*method, *members); !checked) return error(checked.error());
  method->begin(*members, *this);
}

std::optional<core::Command> Call::take_command() {
  return std::exchange(command_, std::nullopt);
}

void Call::on_reply(const core::Reply& reply) {
  const auto* refused = std::get_if<core::Refused>(&reply);
  if (refused != nullptr && !refusals_too_) return error(refused->code, refused->text);
  if (Then then = std::exchange(then_, nullptr)) then(reply, *this);
}

void Call::result(std::string_view json) {
  json::ObjectText out;
  answer_ = out.number("status", 0).raw("result", json).take();
}

void Call::error(Errc code, std::string_view text) {
  failure_ = code;
  answer_ = error_json({code, std::string(text)});
}

void Call::ask(core::Command command, Then then) {
  command_ = std::move(command);
  then_ = std::move(then);
  refusals_too_ = false;
}

void Call::ask_anyway(core::Command command, Then then) {
  ask(std::move(command), std::move(then));
  refusals_too_ = true;
}

void Call::ask_in_turn(std::vector<core::Command> commands, std::string result) {
  if (commands.empty()) return this->result(result);
  core::Command next = std::move(commands.front());
  commands.erase(commands.begin());
  ask(std::move(next),
      [commands = std::move(commands), result = std::move(result)](const core::Reply&, Call& then) mutable {
        then.ask_in_turn(std::move(commands), std::move(result));
      });
}

}  // namespace confab::api
