#include <doctest/doctest.h>

#include "http/tests/http_peer.h"

namespace confab::http {
namespace {

constexpr std::string_view kNext = "GET /read?next HTTP/1.1\r\nHost: a\r\n\r\n";

// Refused, closed, and what stood behind it was read by nobody.
void check_refused(const std::string& bytes, int status) {
  CAPTURE(bytes);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size() + 1}) {
    HttpPeer c;
    const std::string answer = c.send_by(piece, bytes);
    CHECK(status_of(answer) == status);
    CHECK(c.closed == session::CloseReason::violation);
    CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    CHECK(c.services.last == nullptr);
  }
}

void check_read(const std::string& bytes, std::string_view body) {
  CAPTURE(bytes);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    HttpPeer c;
    CHECK(body_of(c.send_by(piece, bytes)) == "POST /echo  " + std::string(body));
    CHECK_FALSE(c.closed);
    CHECK(body_of(c.send(kNext)) == "GET /read next ");
  }
}

}  // namespace

TEST_CASE("a body by its length, in any pieces") {
  check_read(post("Content-Length: 5\r\n", "hello"), "hello");
  check_read(post("Content-Length: 0\r\n", ""), "");
  check_read(post("Content-Length: 0005\r\n", "he\r\no"), "he\r\no");
  check_read(post("", ""), "");
}

TEST_CASE("a body in chunks (RFC 9112 §7.1), in any pieces") {
  check_read(chunked("5\r\nhello\r\n0\r\n\r\n"), "hello");
  check_read(chunked("0\r\n\r\n"), "");
  check_read(chunked("4\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n"),
             "Wikipedia in \r\n\r\nchunks.");
  check_read(chunked("00000003\r\nabc\r\n000\r\n\r\n"), "abc");
  check_read(chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), "01234567890123456789");
  check_read(post("transfer-ENCODING:  CHUNKED \r\n", "1\r\nx\r\n0\r\n\r\n"), "x");
}

TEST_CASE("extensions and trailers are read and dropped (§7.1.1, §7.1.2)") {
  check_read(chunked("5;a=b;c=\"d;e\"\r\nhello\r\n0;last\r\n\r\n"), "hello");
  check_read(chunked("5 ; a = b\r\nhello\r\n0\r\n\r\n"), "hello");
  check_read(chunked("5\r\nhello\r\n0\r\nExpires: never\r\nContent-Length: 900\r\nHost: b\r\n\r\n"), "hello");
}

TEST_CASE("two ends of one body: 400 (§6.3, §11.2)") {
  const std::string chunks = "0\r\n\r\n" + std::string(kNext);
  check_refused(post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", chunks), 400);
  check_refused(post("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", chunks), 400);
  check_refused(post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400);
  check_refused(post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400);
  check_refused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks), 400);
  check_refused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunks), 400);
  check_refused("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, 400);
}

TEST_CASE("a length that is no number: 400") {
  for (const char* length : {"-5", "+5", "0x5", "5 5", "5, 5", "5,5", "", "5.0", "5;x", "\"5\"", "1e1", "five", "5\x0b",
                             "1234567890123456789", "99999999999999999999999999"}) {
    check_refused(post("Content-Length: " + std::string(length) + "\r\n", "hello"), 400);
  }
}

TEST_CASE("codings: chunked alone; 400 where the end is unknown, 501 for what is not read here (§6.1)") {
  const std::string chunks = "0\r\n\r\n" + std::string(kNext);
  for (const char* coding : {"xchunked", "chunkedx", "chunked, identity", "identity", "chunked, chunked", "gzip", "",
                             "chunked,", "chunked;q=1", "\"chunked\"", "chunk ed", "x-chunked, chunked", "chunked\x0b",
                             "chunked, gzip", "\xc4\x8bhunked"}) {
    check_refused(post("Transfer-Encoding: " + std::string(coding) + "\r\n", chunks), 400);
  }
  for (const char* coding : {"gzip, chunked", "identity, chunked", ",chunked"}) {
    check_refused(post("Transfer-Encoding: " + std::string(coding) + "\r\n", chunks), 501);
  }
}

TEST_CASE("fields that hide from some readers: 400") {
  for (const char* field :
       {"Transfer-Encoding : chunked\r\n", " Transfer-Encoding: chunked\r\n", "Transfer-Encoding:\r\n chunked\r\n",
        "X: y\r\n\tTransfer-Encoding: chunked\r\n", "Content-Length : 5\r\n", "Content-Length\t: 5\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n", "X: y\rTransfer-Encoding: chunked\r\n",
        "Transfer\x01-Encoding: chunked\r\n", "Transfer-Encoding\r\n", ": chunked\r\n", "Content-Length: 5\n"}) {
    check_refused(post(field, "0\r\n\r\n"), 400);
  }
}

TEST_CASE("chunks that are none: 400") {
  for (const char* chunks : {"5\r\nhelloX\r\n0\r\n\r\n",
                             "5\r\nhello0\r\n\r\n",
                             "5\nhello\r\n0\r\n\r\n",
                             "5\r\nhello\n0\r\n\r\n",
                             "5\r\nhello\r\n0\n\r\n",
                             "5\r\nhello\r\n0\r\n\n",
                             "5\r\nhell\r\n0\r\n\r\n",
                             "\r\n0\r\n\r\n",
                             "0x5\r\nhello\r\n",
                             "-5\r\nhello\r\n",
                             "+5\r\nhello\r\n",
                             " 5\r\nhello\r\n",
                             "5 \r\nhello\r\n",
                             "5 6\r\nhello\r\n",
                             "G\r\n",
                             "000000005\r\nhello\r\n",
                             "FFFFFFFFFFFFFFFF\r\n",
                             "100000000\r\n",
                             "10000000000000005\r\nhello\r\n",
                             ";a\r\n",
                             "5;a\nb\r\nhello\r\n",
                             "5;a\rb\r\nhello\r\n",
                             "5;a\x01\r\nhello\r\n",
                             "5\r\r\nhello\r\n",
                             "0\r\n folded: 1\r\n\r\n",
                             "0\r\nX : 1\r\n\r\n",
                             "0\r\nno field\r\n\r\n",
                             "0\r\nX: \x01\r\n\r\n"}) {
    check_refused(chunked(chunks), 400);
  }
}

TEST_CASE("extensions and trailers are bounded") {
  check_refused(chunked("1;" + std::string(1100, 'a')), 400);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "1;" + std::string(100, 'a') + "\r\nx\r\n";
  check_refused(chunked(many), 400);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 100; ++i) trailers += "X: " + std::string(100, 'a') + "\r\n";
  check_refused(chunked(trailers), 400);
}

TEST_CASE("a body over the limit: 413, as soon as it is known") {
  Limits limits;
  limits.body_bytes = 10;
  const auto status = [&limits](const std::string& bytes) {
    HttpPeer c(limits);
    const int code = status_of(c.send(bytes));
    CHECK(c.closed.has_value() == (code == 413));
    return code;
  };
  CHECK(status(post("Content-Length: 10\r\n", "0123456789")) == 200);
  CHECK(status(post("Content-Length: 11\r\n", "")) == 413);
  CHECK(status(post("Content-Length: 999999999999999999\r\n", "")) == 413);
  CHECK(status(chunked("A\r\n0123456789\r\n0\r\n\r\n")) == 200);
  CHECK(status(chunked("B\r\n")) == 413);
  CHECK(status(chunked("FFFFFFFF\r\n")) == 413);
  CHECK(status(chunked("9\r\n012345678\r\n2\r\n")) == 413);
  CHECK(status(post("Content-Length: 4\r\n", "0123", "/small")) == 200);
  CHECK(status(post("Content-Length: 5\r\n", "", "/small")) == 413);
  CHECK(status(post("Content-Length: 11\r\n", "", "/nothing")) == 413);
}

TEST_CASE("a slow body: 408, and its deadline does not move") {
  HttpPeer c;
  c.send(post("Content-Length: 5\r\n", ""));
  CHECK(c.armed[1] == seconds(60));
  const int arms = c.arms;
  for (const char* byte : {"h", "e", "l", "l"}) c.send(byte);
  CHECK(c.arms == arms);
  const std::string answer = c.fire(1);
  CHECK(status_of(answer) == 408);
  CHECK(c.closed == session::CloseReason::timed_out);
  CHECK(c.send("o" + std::string(kNext)).empty());
  CHECK(c.services.last == nullptr);

  HttpPeer idle;
  idle.send(post("Content-Length: 5\r\n", "hell"));
  idle.send("o");
  CHECK(idle.armed[1] == seconds(75));
  idle.send(post("Content-Length: 5\r\n", "") + "hello" + post("Content-Length: 5\r\n", ""));
  CHECK(idle.armed[1] == seconds(60));
}

TEST_CASE("a body that nobody wants is read to its end") {
  HttpPeer c;
  const std::string answers = c.send(post("Content-Length: 5\r\n", "GET /", "/nothing") + std::string(kNext));
  CHECK(status_of(answers) == 404);
  CHECK(answers.ends_with("GET /read next "));
  CHECK(status_of(c.send(post("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n", "/read"))) == 405);
  CHECK(c.send("GET /page HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").ends_with("\r\n\r\npage"));
  CHECK_FALSE(c.closed);
}

TEST_CASE("Expect: 100-continue (RFC 9110 §10.1.1)") {
  const std::string expects = "Expect: 100-Continue\r\nContent-Length: 5\r\n";
  HttpPeer c;
  CHECK(c.send(post(expects, "")) == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(body_of(c.send("hello")) == "POST /echo  hello");
  CHECK(c.send(post(expects, "hello")).starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  CHECK(status_of(c.send(post("Expect: 100-continue\r\n", ""))) == 200);
  CHECK(status_of(c.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\n" + expects + "\r\nhello")) == 200);
  CHECK_FALSE(c.closed);

  const auto refused = [](const std::string& bytes) {
    HttpPeer peer;
    const std::string answer = peer.send(bytes + std::string(kNext));
    CHECK(peer.closed);
    CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
    return status_of(answer);
  };
  CHECK(refused(post("Expect: something\r\nContent-Length: 5\r\n", "hello")) == 417);
  CHECK(refused(post("Expect: 100-continue, else\r\n", "")) == 417);
  CHECK(refused(post("Expect: 100-continue\r\nContent-Length: 99999999\r\n", "")) == 413);
  CHECK(refused(post(expects, "", "/nothing")) == 404);
  CHECK(refused(post(expects, "", "/read")) == 405);
}

TEST_CASE("an upgrade with a body is refused") {
  const std::string fields =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Version: 13\r\n";
  const std::string head = "GET /mqtt HTTP/1.1\r\nHost: a\r\n" + fields;
  check_refused(head + "Content-Length: 3\r\n\r\nabc", 413);
  check_refused(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413);
}

}  // namespace confab::http
