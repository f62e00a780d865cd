#include "http/upgrades.h"

#include <doctest/doctest.h>

#include <optional>
#include <variant>

#include "http/http_session.h"
#include "testing/recording_session.h"

namespace confab::http {
namespace {

class OnePage final : public Pages {
 public:
  Page get(std::string_view path, const session::PeerInfo&) override {
    return path == "/page" ? Page{200, "text/plain", "page"} : Page{};
  }
};

// The client of RFC 6455 §1.3, with what each test changes of it.
struct Head {
  std::string method = "GET";
  std::string path = "/mqtt";
  std::string version = "HTTP/1.1";
  std::string fields =
      "Host: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Protocol: mqtt\r\nOrigin: http://elsewhere.example\r\n";

  Head& swap(std::string_view was, std::string_view is) {
    fields.replace(fields.find(was), was.size(), is);
    return *this;
  }
  operator std::string() const { return method + " " + path + " " + version + "\r\n" + fields + "\r\n"; }
};

struct Connection {
  explicit Connection(bool tls = false) {
    session.on_open({.address = "192.0.2.7"}, out);
    if (tls) session.on_secured({.alpn = "http/1.1", .version = "TLSv1.3", .exporter = "unique"}, out);
    perform();
  }
  std::string send(const std::string& text) {
    session.on_bytes(as_bytes(text), out);
    perform();
    return std::exchange(bytes, {});
  }
  void perform() {
    for (session::Effect& effect : out.take_effects()) {
      if (const auto* close = std::get_if<session::Close>(&effect)) closed = close->reason;
      if (auto* next = std::get_if<session::Upgrade>(&effect)) upgrade = std::move(*next);
      if (std::holds_alternative<session::Arm>(effect)) armed = true;
      if (std::holds_alternative<session::Disarm>(effect)) armed = false;
    }
  }

  std::shared_ptr<testing::SessionLog> log = std::make_shared<testing::SessionLog>();
  const Upgrades upgrades{
      {"/mqtt", {"mqtt", "mqttv3.1"}, [this] { return std::make_unique<testing::RecordingSession>(log); }},
      {"/any", {}, [this] { return std::make_unique<testing::RecordingSession>(log); }}};
  OnePage pages;
  HttpSession session{pages, {}, upgrades};
  std::string bytes;
  session::Outbox out{bytes};
  std::optional<session::CloseReason> closed;
  std::optional<session::Upgrade> upgrade;
  bool armed = false;
};

int status_of(const std::string& head) {
  Connection c;
  const std::string answer = c.send(head);
  CHECK(c.closed.has_value() != c.upgrade.has_value());
  return std::stoi(answer.substr(9, 3));
}

}  // namespace

TEST_CASE("the example of RFC 6455 §1.3 is switched") {
  Connection c;
  CHECK(c.send(Head{}) ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n");
  REQUIRE(c.upgrade);
  CHECK(c.upgrade->listener == "ws");
  CHECK(c.upgrade->tls == nullptr);
  CHECK(c.upgrade->rest.empty());
  CHECK_FALSE(c.closed);
  CHECK_FALSE(c.armed);
  CHECK(c.upgrade->make_session() != nullptr);
  CHECK(c.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n").empty());
}

TEST_CASE("what comes behind the request goes with it, and what TLS knows") {
  Connection c(true);
  CHECK(c.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /mqtt HT").ends_with("page"));
  CHECK(c.send(std::string(Head{}).substr(12) + "\x82\x80 GET / HTTP/1.1\r\n").starts_with("HTTP/1.1 101 "));
  REQUIRE(c.upgrade);
  CHECK(c.upgrade->rest == "\x82\x80 GET / HTTP/1.1\r\n");
  CHECK(c.upgrade->listener == "wss");
  REQUIRE(c.upgrade->tls);
  CHECK(c.upgrade->tls->exporter == "unique");
}

TEST_CASE("names are tokens in lists, in any case") {
  CHECK(status_of(Head{}.swap("Upgrade: websocket", "UPGRADE: foo/2, WebSocket")) == 101);
  CHECK(status_of(Head{}.swap("Connection: Upgrade", "Connection: keep-alive, UPGRADE")) == 101);
  CHECK(status_of(Head{}.swap("Connection: Upgrade", "Connection: keep-alive\r\nConnection: upgrade")) == 101);
  CHECK(status_of(Head{}.swap("Connection: Upgrade", "Connection: close, upgrade")) == 101);
}

TEST_CASE("the client's first choice among the subprotocols that are spoken here") {
  const auto chosen = [](std::string_view offered) {
    Connection c;
    const std::string answer = c.send(Head{}.swap("Sec-WebSocket-Protocol: mqtt", offered));
    const std::size_t at = answer.find("Sec-WebSocket-Protocol: ");
    return at == std::string::npos ? answer.substr(9, 3) : answer.substr(at + 24, answer.find('\r', at) - at - 24);
  };
  CHECK(chosen("Sec-WebSocket-Protocol: xmpp,, mqttv3.1 ,mqtt") == "mqttv3.1");
  CHECK(chosen("Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Protocol: mqtt") == "mqtt");
  CHECK(chosen("Sec-WebSocket-Protocol: MQTT") == "400");
  CHECK(chosen("Sec-WebSocket-Protocol: xmpp") == "400");
  CHECK(chosen("X: y") == "400");
  Head any;
  any.path = "/any";
  Connection c;
  CHECK(c.send(any).find("Sec-WebSocket-Protocol") == std::string::npos);
  CHECK(c.upgrade);
}

TEST_CASE("who does not ask for WebSocket 13 is told so by 426") {
  for (const char* field : {"Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Sec-WebSocket-Version: 13\r\n"}) {
    CAPTURE(field);
    CHECK(status_of(Head{}.swap(field, "")) == 426);
  }
  CHECK(status_of(Head{}.swap("Version: 13", "Version: 8")) == 426);
  Head old;
  old.version = "HTTP/1.0";
  CHECK(status_of(old) == 426);
  Connection c;
  const std::string answer = c.send("GET /mqtt HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
  CHECK(answer.find("Sec-WebSocket-Version: 13\r\n") != std::string::npos);
  CHECK(answer.find("Upgrade: websocket\r\n") != std::string::npos);
  CHECK(answer.find("Connection: Upgrade, close\r\n") != std::string::npos);
  CHECK(c.closed == session::CloseReason::violation);
}

TEST_CASE("a key that is none, or twice: 400") {
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  CHECK(status_of(Head{}.swap(key, "")) == 400);
  CHECK(status_of(Head{}.swap(key, key + key)) == 400);
  CHECK(status_of(Head{}.swap(key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n")) == 400);
  CHECK(status_of(Head{}.swap(key, "Sec-WebSocket-Key: the sample nonce\r\n")) == 400);
  CHECK(status_of(Head{}.swap("Version: 13\r\n", "Version: 13\r\nSec-WebSocket-Version: 13\r\n")) == 400);
  CHECK(status_of(Head{}.swap("Host: example.org\r\n", "")) == 400);
}

TEST_CASE("other methods, bodies and paths are answered as ever") {
  Head head;
  head.method = "HEAD";
  Connection c;
  CHECK(c.send(head).starts_with("HTTP/1.1 404 "));
  head.method = "POST";
  CHECK(c.send(head).starts_with("HTTP/1.1 405 "));
  head = {};
  head.path = "/page";
  CHECK(c.send(head).starts_with("HTTP/1.1 200 "));
  head.path = "/mqtt?x=y";
  CHECK(c.send(head).starts_with("HTTP/1.1 101 "));
  CHECK(status_of(Head{}.swap("Host:", "Content-Length: 3\r\nHost:")) == 413);
}

TEST_CASE("the server goes down before the 101 has left") {
  Connection c;
  c.send(Head{});
  c.session.on_end(session::CloseReason::shutdown, c.out);
  c.perform();
  CHECK(c.closed == session::CloseReason::shutdown);
}

}  // namespace confab::http
