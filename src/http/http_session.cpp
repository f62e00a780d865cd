#include "http/http_session.h"

#include <algorithm>
#include <array>
#include <utility>

namespace confab::http {
namespace {

using session::CloseReason;
using session::Outbox;

constexpr session::TimerId kDeadline = 1;

int status_of(Errc code) {
  switch (code) {
    case Errc::too_big:
      return 431;
    case Errc::unsupported:
      return 505;
    default:
      return 400;
  }
}

}  // namespace

std::string_view reason_of(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 14> kReasons{{{200, "OK"},
                                                                       {400, "Bad Request"},
                                                                       {403, "Forbidden"},
                                                                       {404, "Not Found"},
                                                                       {405, "Method Not Allowed"},
                                                                       {408, "Request Timeout"},
                                                                       {413, "Content Too Large"},
                                                                       {426, "Upgrade Required"},
                                                                       {429, "Too Many Requests"},
                                                                       {431, "Request Header Fields Too Large"},
                                                                       {500, "Internal Server Error"},
                                                                       {501, "Not Implemented"},
                                                                       {503, "Service Unavailable"},
                                                                       {505, "HTTP Version Not Supported"}}};
  for (const auto& [code, reason] : kReasons) {
    if (code == status) return reason;
  }
  return "Error";
}

HttpSession::HttpSession(Pages& pages, const Limits& limits, const Upgrades& upgrades)
    : pages_(pages), limits_(limits), upgrades_(upgrades), parser_(limits.head_bytes) {}

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
  const bool idle_before = !head_under_way_;
  std::size_t answers = 0;
  while (!closed_) {
    auto request = parser_.read(text);
    if (!request) return refuse(request.error(), out);
    if (!*request) break;
    if (++answers > limits_.pipelined) return end(429, out);
    answer(**request, text, out);
  }
  if (closed_) return;
  // A head's deadline is armed once, when it begins: a byte now and then does not move it.
  const bool under_way = !parser_.idle();
  const bool same_head = answers == 0 && !idle_before && under_way;
  head_under_way_ = under_way || (answers == 0 && !idle_before);
  if (!same_head && (answers > 0 || under_way)) arm(out);
}

void HttpSession::arm(Outbox& out) {
  out.arm(kDeadline, head_under_way_ ? limits_.head_seconds : limits_.idle_seconds);
}

void HttpSession::answer(const Request& request, std::string_view rest, Outbox& out) {
  if (request.has_body())
    return end(413, out);  // nobody here reads bodies, so where the next request begins is unknown
  const bool head = request.method == "HEAD";
  const bool keep = request.keeps_alive() && ++answered_ < limits_.answers;
  if (!head && request.method != "GET") {
    write(405, {405, "text/plain; charset=utf-8", "Method Not Allowed\n"}, true, keep, out);
  } else {
    const auto route = std::find_if(upgrades_.begin(), upgrades_.end(),
                                    [&](const UpgradeRoute& one) { return one.path == request.path(); });
    if (!head && route != upgrades_.end()) return upgrade(request, *route, rest, out);
    Page page = pages_.get(request.path(), peer_);
    if (page.status != 200 && page.body.empty()) page.body = std::string(reason_of(page.status)) + "\n";
    write(page.status, page, !head, keep, out);
  }
  if (keep) return;
  closed_ = true;
  out.close(CloseReason::finished);
}

// What came behind the request is no HTTP any more. A refusal closes: what comes next may be frames all the same.
void HttpSession::upgrade(const Request& request, const UpgradeRoute& route, std::string_view rest, Outbox& out) {
  const Handshake handshake = answer_handshake(request, route);
  if (handshake.status != 101) return end(handshake.status, out);
  std::string& to = out.bytes();
  to.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
  to.append("Sec-WebSocket-Accept: ").append(handshake.accept).append("\r\n");
  if (!handshake.subprotocol.empty()) {
    to.append("Sec-WebSocket-Protocol: ").append(handshake.subprotocol).append("\r\n");
  }
  to.append("\r\n");
  closed_ = handed_on_ = true;
  out.disarm(kDeadline);
  const char* listener = tls_ ? "wss" : "ws";
  out.upgrade(
      {.listener = listener, .tls = std::move(tls_), .make_session = route.make_session, .rest = std::string(rest)});
}

void HttpSession::refuse(const Error& error, Outbox& out) {
  end(status_of(error.code), out);
}

void HttpSession::end(int status, Outbox& out) {
  write(status, {status, "text/plain; charset=utf-8", std::string(reason_of(status)) + "\n"}, true, false, out);
  closed_ = true;
  out.disarm(kDeadline);
  out.close(status == 408 ? CloseReason::timed_out : CloseReason::violation);
}

void HttpSession::write(int status, const Page& page, bool with_body, bool keep, Outbox& out) {
  std::string& to = out.bytes();
  to.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason_of(status)).append("\r\n");
  if (status == 405) to.append("Allow: GET, HEAD\r\n");
  to.append("Content-Type: ").append(page.type).append("\r\n");
  to.append("Content-Length: ").append(std::to_string(page.body.size())).append("\r\n");
  to.append("Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
  if (status == 426) {
    to.append("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade, close\r\n");
  } else if (!keep) {
    to.append("Connection: close\r\n");
  }
  to.append("\r\n");
  if (with_body) to.append(page.body);
}

// Between requests silence is no fault: the connection just ends (RFC 9112 §9.5).
void HttpSession::on_timer(session::TimerId timer, Outbox& out) {
  if (timer != kDeadline || closed_) return;
  if (head_under_way_) return end(408, out);
  closed_ = true;
  out.close(CloseReason::timed_out);
}

// 101 may not have left yet: then there is nobody else to close it.
void HttpSession::on_end(CloseReason reason, Outbox& out) {
  if (closed_ && !handed_on_) return;
  closed_ = true;
  out.close(reason);
}

}  // namespace confab::http
