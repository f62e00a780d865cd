#include "http/http_session.h"

#include <doctest/doctest.h>

#include <variant>

namespace confab::http {
namespace {

class FixedPages final : public Pages {
 public:
  Page get(std::string_view path, const session::PeerInfo& peer) override {
    if (path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
    if (path == "/metrics") return peer.loopback ? Page{200, "text/plain", "m 1\n"} : Page{403, "text/plain", ""};
    return {};
  }
};

// One connection: what was sent, which timers are armed, whether it was closed.
struct Connection {
  explicit Connection(Limits limits = {}, bool loopback = true) : session(pages, limits) {
    session::PeerInfo peer;
    peer.loopback = loopback;
    session.on_open(peer, out);
    perform();
  }

  std::string send(std::string_view text) {
    session.on_bytes(as_bytes(text), out);
    perform();
    return std::exchange(bytes, {});
  }
  std::string fire() {
    session.on_timer(1, out);
    perform();
    return std::exchange(bytes, {});
  }

  void perform() {
    for (const session::Effect& effect : out.take_effects()) {
      if (const auto* arm = std::get_if<session::Arm>(&effect)) {
        armed = arm->delay;
        ++arms;
      }
      if (const auto* close = std::get_if<session::Close>(&effect)) closed = close->reason;
    }
  }

  FixedPages pages;
  HttpSession session;
  std::string bytes;
  session::Outbox out{bytes};
  milliseconds armed{0};
  int arms = 0;
  std::optional<session::CloseReason> closed;
};

constexpr std::string_view kOk =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\nCache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n\r\nok\n";
constexpr std::string_view kGet = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

std::string status_of(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n"));
}

TEST_CASE("a GET is answered, and the connection stays") {
  Connection c;
  CHECK(c.send(kGet) == kOk);
  CHECK(!c.closed);
  CHECK(c.send("GET /healthz?x=1 HTTP/1.1\r\nHost: a\r\n\r\n") == kOk);
}

TEST_CASE("byte by byte, and two at once") {
  Connection c;
  std::string answer;
  for (const char byte : kGet) answer += c.send(std::string_view(&byte, 1));
  CHECK(answer == kOk);
  CHECK(c.send(std::string(kGet) + std::string(kGet)) == std::string(kOk) + std::string(kOk));
}

TEST_CASE("HEAD has the length and no body") {
  Connection c;
  const std::string answer = c.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(answer == std::string(kOk.substr(0, kOk.size() - 3)));
}

TEST_CASE("statuses of what is not there, not allowed, or only for this machine") {
  Connection c({}, false);
  CHECK(status_of(c.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")) == "HTTP/1.1 404 Not Found");
  CHECK(status_of(c.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")) == "HTTP/1.1 403 Forbidden");
  const std::string answer = c.send("DELETE /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(status_of(answer) == "HTTP/1.1 405 Method Not Allowed");
  CHECK(answer.find("Allow: GET, HEAD\r\n") != std::string::npos);
  CHECK(!c.closed);
}

TEST_CASE("Connection: close and HTTP/1.0 end the connection after the answer") {
  Connection one;
  const std::string answer = one.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Foo, CLOSE\r\n\r\n");
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(one.closed == session::CloseReason::finished);
  CHECK(one.send(kGet).empty());
  Connection zero;
  CHECK(status_of(zero.send("GET /healthz HTTP/1.0\r\n\r\n")) == "HTTP/1.1 200 OK");
  CHECK(zero.closed == session::CloseReason::finished);
}

TEST_CASE("what two readers could read differently is refused with 400 (RFC 9112 §11.2)") {
  const std::string_view heads[] = {
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: a\r\n\r\n x HTTP/1.1",
      "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
      "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\x16\x03\x01 hello\r\n",
  };
  for (const std::string_view head : heads) {
    CAPTURE(head);
    Connection c;
    CHECK(status_of(c.send(head)) == "HTTP/1.1 400 Bad Request");
    CHECK(c.closed == session::CloseReason::violation);
  }
}

TEST_CASE("bodies, other versions, long heads") {
  Connection body;
  CHECK(status_of(body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")) == "HTTP/1.1 404 Not Found");
  CHECK(!body.closed);
  Connection empty;
  CHECK(status_of(empty.send("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")) == "HTTP/1.1 200 OK");
  Connection version;
  CHECK(status_of(version.send("PRI * HTTP/2.0\r\n\r\n")) == "HTTP/1.1 505 HTTP Version Not Supported");
  Connection head;
  CHECK(status_of(head.send("GET /" + std::string(17000, 'a'))) == "HTTP/1.1 431 Request Header Fields Too Large");
  Connection blank;
  std::string lines;
  for (int i = 0; i < 9000; ++i) lines += "\r\n";
  CHECK(status_of(blank.send(lines)) == "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_CASE("a slow head ends with 408, its deadline does not move; silence between requests just ends") {
  Connection c;
  CHECK(c.armed == seconds(30));
  c.send("GET /healthz HT");
  c.send("TP/1.1\r\n");
  CHECK(c.arms == 1);
  CHECK(status_of(c.fire()) == "HTTP/1.1 408 Request Timeout");
  CHECK(c.closed == session::CloseReason::timed_out);

  Connection idle;
  idle.send(kGet);
  CHECK(idle.armed == seconds(75));
  idle.send("G");
  CHECK(idle.armed == seconds(30));
  idle.send(kGet.substr(1));
  CHECK(idle.armed == seconds(75));
  CHECK(idle.fire().empty());
  CHECK(idle.closed == session::CloseReason::timed_out);
}

TEST_CASE("answers are bounded, at once and in all") {
  Limits limits;
  limits.pipelined = 2;
  Connection many(limits);
  const std::string get(kGet);
  CHECK(many.send(get + get + get).find("429") != std::string::npos);
  CHECK(many.closed);
  limits.answers = 2;
  Connection c(limits);
  c.send(kGet);
  CHECK(!c.closed);
  c.send(kGet);
  CHECK(c.closed == session::CloseReason::finished);
}

TEST_CASE("the server goes down") {
  Connection c;
  c.session.on_end(session::CloseReason::shutdown, c.out);
  c.perform();
  CHECK(c.closed == session::CloseReason::shutdown);
}

}  // namespace
}  // namespace confab::http
