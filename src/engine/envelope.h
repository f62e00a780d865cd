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

// The connection, and whatever session could be resumed on it, is gone: after everything that it submitted.
struct Gone {
  session::ConnectionId connection;
};

// What may have been changed in the store past the actor is to be read again: credentials, disabled.
struct Refresh {
  Task done;  // called on the account's shard when it counts
};

// What another account's session wants to know of this one: GetItems, GetNodes, GetListening.
struct Inquiry {
  Address asker;  // bare, as the asker's own actor says
  core::Command question;
  Origin origin;
};

using Work = std::variant<Envelope, Request, Gone, Refresh, Inquiry>;

// Whether a full queue may refuse the work. What ends something, or makes room, is never lost: nobody would ask again,
// and one connection has only a few of them under way.
bool may_be_refused(const Work& work);

}  // namespace confab::engine
