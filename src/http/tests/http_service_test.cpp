#include <doctest/doctest.h>

#include "http/tests/http_peer.h"

namespace confab::http {
namespace {

std::string ask(std::string_view target, std::string_view method = "GET", std::string_view fields = "") {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

}  // namespace

TEST_CASE("an answer, byte for byte") {
  HttpPeer c;
  CHECK(c.send(post("Content-Length: 2\r\n", "hi", "/echo?a=1?b")) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 19\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\nPOST /echo a=1?b hi");
  CHECK(c.send(ask("/tag", "HEAD")) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n"
        "X-Content-Type-Options: nosniff\r\nETag: \"1\"\r\nCache-Control: max-age=5\r\n\r\n");
  CHECK(c.send(ask("/gone", "DELETE")) ==
        "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n");
}

TEST_CASE("a refusal of HEAD has no body either") {
  for (const char* fields :
       {"Transfer-Encoding: gzip, chunked\r\n", "Expect: tea\r\n", "Content-Length: 99999999\r\n"}) {
    HttpPeer c;
    const std::string answer = c.send(ask("/echo", "HEAD", fields));
    CHECK(status_of(answer) > 400);
    CHECK(body_of(answer).empty());
  }
}

TEST_CASE("methods reach the service; another one is told which there are") {
  HttpPeer c;
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    CHECK(body_of(c.send(ask("/echo", method))) == std::string(method) + " /echo  ");
  }
  for (const char* method : {"POST", "TRACE", "get", "FOO"}) {
    const std::string answer = c.send(ask("/read", method));
    CHECK(status_of(answer) == 405);
    CHECK(answer.find("\r\nAllow: GET, HEAD, OPTIONS\r\n") != std::string::npos);
  }
  const std::string options = c.send(ask("/read", "OPTIONS"));
  CHECK(status_of(options) == 204);
  CHECK(options.find("\r\nAllow: GET, HEAD, OPTIONS\r\n") != std::string::npos);
  CHECK(body_of(c.send(ask("/own", "OPTIONS"))) == "OPTIONS /own  ");
  CHECK(status_of(c.send(ask("*", "OPTIONS"))) == 204);
  CHECK(status_of(c.send(ask("/nothing", "POST"))) == 404);
  CHECK(status_of(c.send(ask("/page", "POST"))) == 405);
  CHECK_FALSE(c.closed);
}

TEST_CASE("a target may be a whole URI (RFC 9112 §3.2.2)") {
  HttpPeer c;
  CHECK(body_of(c.send(ask("http://a/echo?x=/y"))) == "GET /echo x=/y ");
  CHECK(body_of(c.send(ask("HTTPS://a:8443/echo"))) == "GET /echo  ");
  CHECK(status_of(c.send(ask("http://a"))) == 404);
  CHECK(status_of(c.send(ask("http://a?x=/echo"))) == 404);
}

TEST_CASE("a service cannot write two fields as one") {
  HttpPeer c;
  CHECK(c.send(ask("/split")).find("Set-Cookie") == std::string::npos);
}

TEST_CASE("answers that come later, in whatever order, leave in the order of the requests") {
  HttpPeer c;
  CHECK(c.send(ask("/later?1") + ask("/later?2") + ask("/echo?3") + ask("/page")).empty());
  REQUIRE(c.asked.size() == 2);
  CHECK(c.reply(c.asked[1]).empty());
  const std::string all = c.reply(c.asked[0]);
  const std::size_t one = all.find("GET /later 1 ");
  const std::size_t two = all.find("GET /later 2 ");
  const std::size_t three = all.find("GET /echo 3 ");
  CHECK(one < two);
  CHECK(two < three);
  CHECK(three < all.size());
  CHECK(all.ends_with("\r\n\r\npage"));
  CHECK(c.reply(c.asked[0]).empty());
  CHECK(c.reply(99).empty());
  CHECK(body_of(c.send(ask("/echo"))) == "GET /echo  ");
}

TEST_CASE("Connection: close ends the connection behind the answer, not before it") {
  HttpPeer c;
  CHECK(c.send(ask("/later", "GET", "Connection: close\r\n") + ask("/echo")).empty());
  CHECK_FALSE(c.closed);
  const std::string answer = c.reply(c.asked.at(0));
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(answer.ends_with("GET /later  "));
  CHECK(c.closed == session::CloseReason::finished);
  CHECK(c.services.last->seen.size() == 1);
}

TEST_CASE("a refusal waits for the answers that are due, and 100 too") {
  HttpPeer bad;
  CHECK(bad.send(ask("/later") + "nonsense\r\n").empty());
  CHECK_FALSE(bad.closed);
  const std::string answers = bad.reply(bad.asked.at(0));
  CHECK(status_of(answers) == 200);
  CHECK(answers.find("HTTP/1.1 400 Bad Request\r\n") != std::string::npos);
  CHECK(bad.closed == session::CloseReason::violation);

  HttpPeer c;
  CHECK(c.send(ask("/later") + post("Expect: 100-continue\r\nContent-Length: 2\r\n", "")).empty());
  CHECK_FALSE(c.armed[1]);  // it is not the client's turn
  CHECK(c.reply(c.asked.at(0)).ends_with("GET /later  HTTP/1.1 100 Continue\r\n\r\n"));
  CHECK(c.armed[1] == seconds(60));
  CHECK(body_of(c.send("hi")) == "POST /echo  hi");
}

TEST_CASE("101 waits for the answers that are due; what comes meanwhile is the next session's") {
  const std::string upgrade =
      "GET /mqtt HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  HttpPeer c;
  CHECK(c.send(ask("/later") + upgrade + "one").empty());
  CHECK(c.paused);
  CHECK(c.send(" two").empty());
  CHECK_FALSE(c.upgrade);
  const std::string answers = c.reply(c.asked.at(0));
  CHECK(answers.find("GET /later  HTTP/1.1 101 Switching Protocols\r\n") != std::string::npos);
  REQUIRE(c.upgrade);
  CHECK(c.upgrade->rest == "one two");
  CHECK_FALSE(c.closed);

  HttpPeer down;
  down.send(ask("/later") + upgrade);
  down.end(session::CloseReason::shutdown);
  const std::string last = down.reply(down.asked.at(0));
  CHECK(status_of(last) == 200);
  CHECK(last.find(" 101 ") == std::string::npos);
  CHECK_FALSE(down.upgrade);
  CHECK(down.closed == session::CloseReason::shutdown);
}

TEST_CASE("no more is read than is answered") {
  Limits limits;
  limits.pipelined = 2;
  HttpPeer c(limits);
  c.send(ask("/later"));
  CHECK_FALSE(c.paused);
  c.send(ask("/later"));
  CHECK(c.paused);
  c.reply(c.asked.at(0));
  CHECK_FALSE(c.paused);
  HttpPeer many(limits);
  many.send(ask("/later") + ask("/later") + ask("/later"));
  many.reply(many.asked.at(0));
  CHECK(many.reply(many.asked.at(1)).find("HTTP/1.1 429 ") != std::string::npos);
  CHECK(many.closed == session::CloseReason::violation);

  limits.body_bytes = 5;
  HttpPeer big(limits);
  big.send(post("Content-Length: 5\r\n", "hello", "/later"));
  CHECK(big.paused);
  big.reply(big.asked.at(0));
  CHECK_FALSE(big.paused);
  limits.pipelined = 1;
  HttpPeer one(limits);
  CHECK(one.send(post("Content-Length: 5\r\n", "hel")).empty());
  CHECK_FALSE(one.paused);
  CHECK(status_of(one.send("lo")) == 200);
}

TEST_CASE("a service that does not answer: 503 in its place, and the end") {
  HttpPeer c;
  c.send(ask("/echo"));
  CHECK(c.send(ask("/later") + ask("/silent") + ask("/echo")).empty());
  CHECK(c.armed[2] == seconds(60));
  CHECK_FALSE(c.armed[1]);
  const int arms = c.arms;
  CHECK(c.send(ask("/echo")).empty());
  CHECK(c.arms == arms);
  CHECK(body_of(c.reply(c.asked.at(0))) == "GET /later  ");
  CHECK(c.arms == arms + 1);
  const std::string answer = c.fire(2);
  CHECK(status_of(answer) == 503);
  CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
  CHECK(c.services.last->expired == std::vector<Ticket>{3});
  CHECK(c.closed == session::CloseReason::timed_out);
}

TEST_CASE("after the last answer silence counts; a service has timers of its own") {
  HttpPeer c;
  c.send(ask("/timed"));
  CHECK_FALSE(c.armed[1]);
  CHECK(c.armed[Desk::kFirstTimer] == seconds(1));
  CHECK(body_of(c.fire(Desk::kFirstTimer)) == "GET /timed  ");
  CHECK(c.armed[1] == seconds(75));
  CHECK_FALSE(c.armed[2]);
  CHECK(c.fire(1).empty());
  CHECK(c.closed == session::CloseReason::timed_out);
}

TEST_CASE("the server goes down: what is asked is still answered, what is half read is not") {
  HttpPeer c;
  c.send(ask("/later"));
  CHECK(c.end(session::CloseReason::shutdown).empty());
  CHECK_FALSE(c.closed);
  CHECK(c.send(ask("/echo")).empty());
  const std::string answer = c.reply(c.asked.at(0));
  CHECK(body_of(answer) == "GET /later  ");
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(c.closed == session::CloseReason::shutdown);
  HttpPeer half;
  half.send(post("Content-Length: 5\r\n", "hel"));
  CHECK(status_of(half.end(session::CloseReason::shutdown)) == 503);
  CHECK(half.closed == session::CloseReason::shutdown);
}

TEST_CASE("the connection is gone: the service is told, and late replies are nobody's") {
  HttpPeer c;
  c.send(ask("/later"));
  c.session.on_close(session::CloseReason::reset, c.out);
  CHECK(c.services.last->closed);
  CHECK_FALSE(c.closed);
  c.reply(c.asked.at(0));
  CHECK_FALSE(c.closed);
}

}  // namespace confab::http
