// What crosses from one account, shard or node to another.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "base/function.h"
#include "core/command.h"
#include "core/plan.h"
#include "session/domain.h"

namespace confab::engine {

// Who waits for an answer: a connection's request, or a call from inside the process.
struct Origin {
  session::ConnectionId connection;
  session::RequestId request = 0;                           // 0: nobody
  std::shared_ptr<UniqueFunction<void(core::Reply)>> done;  // called on the account's shard
};

// An event on its way to the account that it is for.
struct Envelope {
  Address to;
  core::EventPtr event;
  core::Sender sender;
  Origin origin;
};

// A command of the account's own session, or about an account that nobody is logged in to yet.
struct Request {
  core::Command command;
  Origin origin;
};

using Work = std::variant<Envelope, Request>;

}  // namespace confab::engine
