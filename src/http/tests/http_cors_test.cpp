#include <doctest/doctest.h>

#include "http/tests/http_peer.h"

namespace confab::http {
namespace {

std::string with(std::string_view fields, std::string_view method = "GET", std::string_view path = "/echo") {
  return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string preflight(std::string_view origin) {
  return with("Origin: " + std::string(origin) +
                  "\r\nAccess-Control-Request-Method: POST\r\n"
                  "Access-Control-Request-Headers: authorization,  content-type, no(token\r\n",
              "OPTIONS");
}
bool says(const std::string& answer, std::string_view line) {
  return answer.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("listed origins may read what services answer, others not; caches are told") {
  HttpPeer c({}, {"https://app.example", "http://localhost:5173"});
  const std::string listed = c.send(with("Origin: http://localhost:5173\r\n"));
  CHECK(says(listed, "Access-Control-Allow-Origin: http://localhost:5173"));
  CHECK(says(listed, "Vary: Origin"));
  for (const char* fields :
       {"", "Origin: https://evil.example\r\n", "Origin: null\r\n", "Origin: https://app.example.evil.example\r\n",
        "Origin: https://app.example\r\nOrigin: https://app.example\r\n"}) {
    const std::string other = c.send(with(fields));
    CHECK(status_of(other) == 200);
    CHECK(other.find("Access-Control") == std::string::npos);
    CHECK(says(other, "Vary: Origin"));
  }
}

TEST_CASE("any origin, none, and never credentials") {
  HttpPeer any({}, {"*"});
  const std::string answer = any.send(with("Origin: https://b.example\r\nCookie: a=b\r\n"));
  CHECK(says(answer, "Access-Control-Allow-Origin: *"));
  CHECK(answer.find("Vary") == std::string::npos);
  CHECK(answer.find("Credentials") == std::string::npos);
  CHECK(any.send(preflight("https://b.example")).find("Credentials") == std::string::npos);
  HttpPeer none;
  CHECK(none.send(with("Origin: https://b.example\r\n")).find("Access-Control") == std::string::npos);
  CHECK(none.send(preflight("https://b.example")).find("Access-Control") == std::string::npos);
}

TEST_CASE("a preflight is answered here") {
  HttpPeer c({}, {"https://app.example"});
  CHECK(c.send(preflight("https://app.example")) ==
        "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        "Allow: GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS\r\n"
        "Vary: Access-Control-Request-Method, Access-Control-Request-Headers\r\n"
        "Access-Control-Allow-Methods: GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS\r\nAccess-Control-Max-Age: 600\r\n"
        "Access-Control-Allow-Headers: authorization, content-type\r\n"
        "Access-Control-Allow-Origin: https://app.example\r\nVary: Origin\r\n\r\n");
  CHECK(c.send(preflight("https://evil.example")).find("Access-Control-Allow") == std::string::npos);
  CHECK(c.services.last == nullptr);
  CHECK_FALSE(c.closed);
}

TEST_CASE("errors of services can be read, pages cannot") {
  HttpPeer c({}, {"*"});
  const std::string origin = "Origin: https://b.example\r\n";
  CHECK(says(c.send(with(origin, "POST", "/read")), "Access-Control-Allow-Origin: *"));
  CHECK(c.send(with(origin, "GET", "/page")).find("Access-Control") == std::string::npos);
  CHECK(c.send(with(origin, "GET", "/nothing")).find("Access-Control") == std::string::npos);
  CHECK(says(c.send(with(origin + "Content-Length: 99999999\r\n", "POST")), "Access-Control-Allow-Origin: *"));
}

}  // namespace confab::http
