// One call of a method, from its parameters to its answer: what every wire does with a request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/members.h"
#include "api/viewer.h"
#include "base/function.h"
#include "core/command.h"

namespace confab::api {

// Who calls.
struct Caller {
  Viewer viewer;
  std::size_t message_bytes = 0;  // of a message's bodies; 0: no limit
  core::EventPtr presence;        // the session's own, as it last said it; null: it said none
};

// The session gives it to the domain, command by command: whenever take_command() gives one, it is submitted, and its
// reply handed to on_reply; else answer() is there. A SetPresence among the commands is the session's new presence.
// Lives on: the connection's shard.
class Call {
 public:
  // What is done with the reply; must not keep references. It calls exactly one of result, error and ask.
  using Then = UniqueFunction<void(const core::Reply& reply, Call& call)>;

  // `params`: an object. Looks the method up (api/methods.h), checks the parameters by its table, and begins.
  Call(Caller caller, std::string_view method, std::string_view params);

  std::optional<core::Command> take_command();
  void on_reply(const core::Reply& reply);

  // {"status":0,"result":…} or {"status":-1,"error":…,"message":…}; empty while a reply is missing.
  const std::string& answer() const { return answer_; }
  // Why there is no result, for wires that have words of their own for it.
  std::optional<Errc> failure() const { return failure_; }

  // For methods.
  const Caller& caller() const { return caller_; }
  const Viewer& viewer() const { return caller_.viewer; }
  void result(std::string_view json);
  void done() { result("true"); }
  void error(Errc code, std::string_view text = {});
  void error(const Error& error) { this->error(error.code, error.text); }
  // Asks the domain. Refused is an error, without `then`; with ask_anyway it is a reply like others.
  void ask(core::Command command, Then then);
  void ask_anyway(core::Command command, Then then);
  // One after the other, as long as none is refused; then the result.
  void ask_in_turn(std::vector<core::Command> commands, std::string result = "true");

 private:
  void begin(std::string_view method, std::string_view params);

  Caller caller_;
  std::string answer_;
  std::optional<Errc> failure_;
  std::optional<core::Command> command_;
  Then then_;
  bool refusals_too_ = false;
};

}  // namespace confab::api
