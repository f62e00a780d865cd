// The port to what is done: a request in, sooner or later an answer out. Beside `pages`, which answer at once and only
// GET.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request_parser.h"
#include "http/response.h"
#include "session/session.h"

namespace confab::http {

// Names a request on its connection.
using Ticket = std::uint32_t;

// Collects what a service wants done; the session does it once the call that filled it has returned.
// Lives on: the connection's shard, for one call.
class Desk {
 public:
  // Timers of services are those from here on.
  static constexpr session::TimerId kFirstTimer = 16;

  explicit Desk(session::Outbox& out) : out_(out) {}

  // Once for each ticket, in any order: the answers leave in the order of the requests. Of a ticket that is not open
  // any more it is dropped.
  void answer(Ticket ticket, Response response) { answers_.emplace_back(ticket, std::move(response)); }

  // As in session::Outbox; every request's number is the service's.
  void submit(session::RequestId request, core::Command command) { out_.submit(request, std::move(command)); }
  void belong_to(Address account) { out_.belong_to(std::move(account)); }
  void arm(session::TimerId timer, milliseconds delay) { out_.arm(timer, delay); }
  void disarm(session::TimerId timer) { out_.disarm(timer); }

  std::vector<std::pair<Ticket, Response>> take_answers() { return std::exchange(answers_, {}); }

 private:
  session::Outbox& out_;
  std::vector<std::pair<Ticket, Response>> answers_;
};

// One connection's. Lives on: the connection's shard.
class Service {
 public:
  virtual ~Service() = default;

  // A whole request for a path and method of Services::find, HEAD where that says GET: it is answered like GET, and the
  // body left out on the way.
  virtual void on_request(Ticket ticket, Request request, Desk& desk) = 0;
  virtual void on_reply(session::RequestId request, const core::Reply& reply, Desk& desk) = 0;
  virtual void on_timer(session::TimerId timer, Desk& desk) = 0;
  // Nobody waits for this answer any more: it took longer than Limits::answer_seconds.
  virtual void on_expired(Ticket ticket, Desk& desk) = 0;
  // The connection is gone, and every ticket with it; `desk` can only submit.
  virtual void on_close(session::CloseReason reason, Desk& desk) = 0;
};

// What is known of a request when its head is.
struct Route {
  std::vector<std::string> methods;       // upper case; GET brings HEAD, and OPTIONS is answered for who has none
  std::optional<std::size_t> body_bytes;  // instead of Limits::body_bytes
};

// Lives on: called on any shard, several at once.
class Services {
 public:
  virtual ~Services() = default;
  // nullopt: the path is not served here.
  virtual std::optional<Route> find(const Request& head) const = 0;
  // Made with the first request of a connection.
  virtual std::unique_ptr<Service> make_service(const session::PeerInfo& peer) = 0;
};

// Immutable once served; used on every shard.
struct Site {
  Services* services = nullptr;           // outlives the site; null: there are pages only
  std::vector<std::string> cors_origins;  // "https://app.example", "*": whose pages may read what services answer
};
inline const Site kPagesOnly{};

}  // namespace confab::http
