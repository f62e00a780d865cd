#include "http/http_session.h"

#include <algorithm>
#include <utility>

#include "http/body_reader.h"
#include "http/cors.h"
#include "http/syntax.h"

namespace confab::http {
namespace {

using session::CloseReason;
using session::Outbox;

constexpr session::TimerId kDeadline = 1;
constexpr session::TimerId kAnswer = 2;

int status_of_head(Errc code) {
  switch (code) {
    case Errc::too_big:
      return 431;
    case Errc::unsupported:
      return 505;
    default:
      return 400;
  }
}

bool has(const std::vector<std::string>& methods, std::string_view method) {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

// What Allow lists (RFC 9110 §10.2.1).
std::string allow_of(std::vector<std::string> methods) {
  if (has(methods, "GET") && !has(methods, "HEAD")) methods.emplace_back("HEAD");
  if (!has(methods, "OPTIONS")) methods.emplace_back("OPTIONS");
  std::string all;
  for (const std::string& method : methods) all.append(all.empty() ? "" : ", ").append(method);
  return all;
}

Response not_allowed(std::string methods) {
  Response response = plain_response(405);
  response.fields.push_back({"Allow", std::move(methods)});
  return response;
}

// RFC 9110 §10.1.1.
enum class Expectation : std::uint8_t { none, go_on, unknown };
Expectation expectation_of(const Request& request) {
  if (request.count("expect") == 0 || request.minor == 0) return Expectation::none;
  const auto all = request.list("expect");
  const bool known = !all.empty() && std::all_of(all.begin(), all.end(),
                                                 [](std::string_view one) { return to_lower(one) == "100-continue"; });
  return known ? Expectation::go_on : Expectation::unknown;
}

}  // namespace

// A request whose head is known.
struct HttpSession::Exchange {
  Request request;
  Terms terms;
  std::size_t max_body = 0;
  std::optional<Response> early;  // the answer is known: nobody wants the body
  Ticket ticket = 0;
  std::optional<BodyReader> body;
};

HttpSession::HttpSession(Pages& pages, const Limits& limits, const Upgrades& upgrades, const Site& site)
    : pages_(pages), limits_(limits), upgrades_(upgrades), site_(site), parser_(limits.head_bytes) {}

HttpSession::~HttpSession() = default;

void HttpSession::on_open(const session::PeerInfo& peer, Outbox& out) {
  peer_ = peer;
  out.arm(kDeadline, limits_.head_seconds);
}

// The first request's deadline counts from connect; the handshake has its own.
void HttpSession::on_secured(const session::TlsInfo& tls, Outbox&) {
  if (!upgrades_.empty()) tls_ = std::make_unique<session::TlsInfo>(tls);
}

void HttpSession::on_bytes(ByteSpan bytes, Outbox& out) {
  if (closed_) return;
  std::string_view text = as_text(bytes);
  if (deaf_) return queue_.append_rest(text);
  std::size_t requests = 0;
  while (!deaf_) {
    if (under_way_) {
      const auto whole = under_way_->body->read(text);
      if (!whole) {
        end(whole.error().code == Errc::too_big ? 413 : 400);
      } else if (*whole) {
        const auto exchange = std::move(under_way_);
        exchange->request.body = exchange->body->take();
        serve(*exchange, out);
      } else {
        break;
      }
    } else {
      auto request = parser_.read(text);
      if (!request) {
        end(status_of_head(request.error().code));
      } else if (!*request) {
        break;
      } else if (++requests > limits_.pipelined || queue_.size() >= limits_.pipelined) {
        end(429, (*request)->method == "HEAD");
      } else {
        begin(std::move(**request), text, out);
      }
    }
    queue_.flush(out.bytes());
  }
  settle(requests > 0, out);
}

void HttpSession::begin(Request request, std::string_view rest, Outbox& out) {
  ++begun_;
  const std::string* coding = request.find("transfer-encoding");
  if (coding != nullptr && to_lower(*coding) != "chunked") return end(501, request.method == "HEAD");
  const UpgradeRoute* route = upgrade_route(request.path());
  if (route != nullptr && request.method == "GET") return upgrade(request, *route, rest);
  Exchange exchange = aim(std::move(request));
  exchange.ticket = queue_.open(exchange.terms);
  const Expectation expectation = expectation_of(exchange.request);
  if (expectation != Expectation::unknown && !exchange.request.has_body()) return serve(exchange, out);
  int refusal = 0;
  if (expectation == Expectation::unknown) refusal = 417;
  if (length_of(exchange.request).value_or(0) > exchange.max_body) refusal = 413;
  // Who waits for 100 and is refused may send the body all the same, or not: where the next request begins is unknown.
  const bool unknown_end = exchange.early && expectation == Expectation::go_on;
  if (refusal != 0 || unknown_end) {
    deaf_ = true;
    const Response response = refusal != 0 ? plain_response(refusal) : *exchange.early;
    return queue_.end(exchange.ticket, response, refusal != 0 ? CloseReason::violation : CloseReason::finished);
  }
  if (expectation == Expectation::go_on) queue_.go_on(exchange.ticket);
  exchange.body.emplace(exchange.request, exchange.max_body, !exchange.early);
  under_way_ = std::make_unique<Exchange>(std::move(exchange));
}

const UpgradeRoute* HttpSession::upgrade_route(std::string_view path) const {
  const auto found =
      std::find_if(upgrades_.begin(), upgrades_.end(), [path](const UpgradeRoute& one) { return one.path == path; });
  return found == upgrades_.end() ? nullptr : &*found;
}

// Who answers, and what is answered if that is known already.
HttpSession::Exchange HttpSession::aim(Request request) const {
  Exchange exchange;
  exchange.terms.head = request.method == "HEAD";
  exchange.terms.keep = request.keeps_alive() && begun_ < limits_.answers;
  exchange.max_body = limits_.body_bytes;
  const auto route = site_.services != nullptr ? site_.services->find(request) : std::nullopt;
  if (request.method == "OPTIONS" && request.target == "*") {
    exchange.early = Response{204, {}, {}, {}};
  } else if (!route) {
    exchange.early = answer_page(request);
  } else {
    exchange.terms.fields = cors_fields(site_.cors_origins, request);
    exchange.max_body = route->body_bytes.value_or(limits_.body_bytes);
    const std::string_view method = exchange.terms.head ? "GET" : std::string_view(request.method);
    if (is_preflight(request)) {
      exchange.early = answer_preflight(site_.cors_origins, request, allow_of(route->methods));
    } else if (!has(route->methods, method) && !has(route->methods, request.method)) {
      const bool asks = method == "OPTIONS";
      exchange.early =
          asks ? Response{204, {}, {}, {{"Allow", allow_of(route->methods)}}} : not_allowed(allow_of(route->methods));
    }
  }
  exchange.request = std::move(request);
  return exchange;
}

Response HttpSession::answer_page(const Request& request) const {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && upgrade_route(request.path()) != nullptr) return not_allowed("GET");
  Page page = pages_.get(request.path(), peer_);
  if (!reads && page.status != 404) return not_allowed("GET, HEAD");
  if (page.status != 200 && page.body.empty()) page.body = std::string(reason_of(page.status)) + "\n";
  return {page.status, std::move(page.type), std::move(page.body), {}};
}

// The request is whole.
void HttpSession::serve(Exchange& exchange, Outbox& out) {
  if (!exchange.terms.keep) deaf_ = true;
  if (exchange.early) return queue_.answer(exchange.ticket, *exchange.early);
  queue_.hold(exchange.ticket, exchange.request.body.size());
  if (!service_) service_ = site_.services->make_service(peer_);
  Desk desk(out);
  service_->on_request(exchange.ticket, std::move(exchange.request), desk);
  take_answers(desk);
}

void HttpSession::take_answers(Desk& desk) {
  for (const auto& [ticket, response] : desk.take_answers()) queue_.answer(ticket, response);
}

// What came behind the request is no HTTP any more. A refusal closes: what comes next may be frames all the same.
void HttpSession::upgrade(const Request& request, const UpgradeRoute& route, std::string_view rest) {
  if (request.has_body()) return end(413);
  const Handshake handshake = answer_handshake(request, route);
  if (handshake.status != 101) return end(handshake.status);
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  head.append("Sec-WebSocket-Accept: ").append(handshake.accept).append("\r\n");
  if (!handshake.subprotocol.empty()) {
    head.append("Sec-WebSocket-Protocol: ").append(handshake.subprotocol).append("\r\n");
  }
  head.append("\r\n");
  deaf_ = true;
  const char* listener = tls_ ? "wss" : "ws";
  queue_.hand_on(
      queue_.open({}), std::move(head),
      {.listener = listener, .tls = std::move(tls_), .make_session = route.make_session, .rest = std::string(rest)});
}

// Refuses the request that is being read, behind the answers that are due.
void HttpSession::end(int status, bool head) {
  const Ticket ticket = under_way_ ? under_way_->ticket : queue_.open({.head = head});
  under_way_.reset();
  deaf_ = true;
  queue_.end(ticket, plain_response(status), status == 408 ? CloseReason::timed_out : CloseReason::violation);
}

void HttpSession::on_reply(session::RequestId request, const core::Reply& reply, Outbox& out) {
  if (!service_ || handed_on_) return;
  Desk desk(out);
  service_->on_reply(request, reply, desk);
  take_answers(desk);
  if (!closed_) settle(false, out);
}

void HttpSession::on_timer(session::TimerId timer, Outbox& out) {
  if (closed_) return;
  if (timer >= Desk::kFirstTimer) {
    if (!service_) return;
    Desk desk(out);
    service_->on_timer(timer, desk);
    take_answers(desk);
  } else if (timer == kAnswer) {
    if (watched_ == 0 || queue_.front() != watched_) return;
    Desk desk(out);
    service_->on_expired(watched_, desk);
    deaf_ = true;
    under_way_.reset();
    queue_.end(watched_, plain_response(503), CloseReason::timed_out);
  } else if (timer == kDeadline && wait_ == Wait::idle) {
    queue_.end_after_all(CloseReason::timed_out);  // silence is no fault: it just ends (RFC 9112 §9.5)
  } else if (timer == kDeadline && wait_ != Wait::nothing) {
    end(408);
  }
  settle(false, out);
}

// 101 may not have left yet: then there is nobody else to close it.
void HttpSession::on_end(CloseReason reason, Outbox& out) {
  if (handed_on_) return out.close(reason);
  if (closed_) return;
  deaf_ = true;
  if (under_way_)
    queue_.end(std::exchange(under_way_, nullptr)->ticket, plain_response(503), reason);
  else
    queue_.end_after_all(reason);
  settle(false, out);
}

void HttpSession::on_close(CloseReason reason, Outbox& out) {
  closed_ = deaf_ = true;
  if (!service_) return;
  Desk desk(out);
  service_->on_close(reason, desk);
}

// Sends what may leave, and says what is waited for now. `fresh`: a request has begun since.
void HttpSession::settle(bool fresh, Outbox& out) {
  queue_.flush(out.bytes());
  auto upgrade = queue_.take_upgrade();
  const auto reason = queue_.take_close();
  if (!upgrade && !reason) {
    pace(out);
    watch_peer(fresh, out);
    return watch_service(out);
  }
  closed_ = deaf_ = true;
  out.disarm(kDeadline);
  out.disarm(kAnswer);
  handed_on_ = upgrade != nullptr;
  if (upgrade) {
    out.upgrade(std::move(*upgrade));
  } else {
    out.close(*reason);
  }
}

// What is asked and not answered yet is bounded by not reading more.
void HttpSession::pace(Outbox& out) {
  const std::size_t due = queue_.size() - (under_way_ ? 1 : 0);
  const bool full = due > 0 && (due >= limits_.pipelined || queue_.held() >= limits_.body_bytes);
  const bool pause = full || queue_.leads_away();
  if (pause == std::exchange(paused_, pause)) return;
  if (pause) {
    out.pause();
  } else {
    out.resume();
  }
}

// A deadline is armed once, when what it is for begins: a byte now and then does not move it. There is none where it is
// not the peer's turn.
void HttpSession::watch_peer(bool fresh, Outbox& out) {
  Wait wait = Wait::idle;
  if (paused_ || deaf_) {
    wait = Wait::nothing;
  } else if (under_way_) {
    wait = queue_.told_to_go_on(under_way_->ticket) ? Wait::body : Wait::nothing;
  } else if (!parser_.idle() || (wait_ == Wait::head && !fresh)) {
    wait = Wait::head;
  } else if (!queue_.empty()) {
    wait = Wait::nothing;
  }
  if (wait == wait_ && (!fresh || wait == Wait::nothing)) return;
  wait_ = wait;
  if (wait == Wait::nothing) return out.disarm(kDeadline);
  out.arm(kDeadline, wait == Wait::head   ? limits_.head_seconds
                     : wait == Wait::body ? limits_.body_seconds
                                          : limits_.idle_seconds);
}

void HttpSession::watch_service(Outbox& out) {
  const Ticket front = under_way_ && under_way_->ticket == queue_.front() ? 0 : queue_.front();
  if (front == std::exchange(watched_, front)) return;
  if (front == 0) {
    out.disarm(kAnswer);
  } else {
    out.arm(kAnswer, limits_.answer_seconds);
  }
}

}  // namespace confab::http
