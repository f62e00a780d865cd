// Shorthand for the tests of methods: a call, what it asks of the domain, and what it answers.
#pragma once

#include <doctest/doctest.h>

#include "api/methods.h"
#include "api_world.h"

namespace confab::api {

class Called {
 public:
  Called(std::string_view method, std::string_view params, core::EventPtr presence = nullptr)
      : call_(Caller{kToAlice, 1000, std::move(presence)}, method, params) {}

  // The next command, which must be a T.
  template <class T>
  T asks() {
    std::optional<core::Command> command = call_.take_command();
    REQUIRE_MESSAGE(command.has_value(), call_.answer());
    REQUIRE(std::holds_alternative<T>(*command));
    return std::get<T>(std::move(*command));
  }
  template <class T>
  T asks(core::Reply reply) {
    T command = asks<T>();
    call_.on_reply(std::move(reply));
    return command;
  }
  const std::string& answer() {
    CHECK_FALSE(call_.take_command().has_value());
    return call_.answer();
  }
  std::optional<Errc> failure() const { return call_.failure(); }

 private:
  Call call_;
};

inline const std::string kTrue = R"({"status":0,"result":true})";
inline core::Reply refusal(Errc code) {
  return core::Refused{code, {}};
}
inline std::string error_of(std::string_view method, std::string_view params) {
  return Called(method, params).answer();
}
// A row of the history: alice's message to bob.
inline core::HistoryFound history_of(core::Event event) {
  core::HistoryFound found;
  found.rows.push_back({.event = std::make_shared<const core::Event>(std::move(event)), .seq = 5, .edited = {}});
  return found;
}

}  // namespace confab::api
