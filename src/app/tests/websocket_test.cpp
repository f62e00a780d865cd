// From an HTTP request to bytes of a session, through everything that is between them.
#include <doctest/doctest.h>

#include "http/http_session.h"
#include "net/tests/loopback.h"
#include "websocket/writer.h"

namespace confab::app {
namespace {

class OnePage final : public http::Pages {
 public:
  http::Page get(std::string_view, const session::PeerInfo&) override { return {200, "text/plain", "page"}; }
};

struct Server {
  explicit Server(std::shared_ptr<const net::TlsProfile> tls = nullptr) {
    const bool direct = tls != nullptr;
    const auto bound = net.network.listen(
        {.name = "http",
         .addresses = {"127.0.0.1:0"},
         .make_session = [this](Loop&) { return std::make_unique<http::HttpSession>(pages, http::Limits{}, upgrades); },
         .tls = std::move(tls),
         .direct_tls = direct});
    net.network.start();
    REQUIRE(bound);
    port = static_cast<std::uint16_t>(std::stoi(bound->front().substr(bound->front().rfind(':') + 1)));
  }

  OnePage pages;
  const http::Upgrades upgrades{
      {"/mqtt", {"mqtt", "mqttv3.1"}, [] { return std::make_unique<net::EchoSession>(net::local_loop()); }}};
  net::Loopback net;
  std::uint16_t port = 0;
};

std::string frame(std::string_view payload) {
  std::string bytes;
  websocket::encode_masked(bytes, websocket::Opcode::binary, payload, {9, 8, 7, 6});
  return bytes;
}

std::string read_head(net::Client& client) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = client.read(1);
    if (byte.empty()) break;
    head += byte;
  }
  return head;
}

constexpr std::string_view kGet = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view kUpgrade =
    "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

void talk(net::Client& client, const std::string& first) {
  CHECK(client.send(std::string(kGet) + std::string(kUpgrade) + frame("L1\nhel") + frame("lo")));
  CHECK(read_head(client).starts_with("HTTP/1.1 200 "));
  CHECK(client.read(4) == "page");
  CHECK(read_head(client).find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
  if (!first.empty()) {
    CHECK(client.read_line().find(first) == 4);  // behind the head of a frame of more than 125 bytes
  }
  CHECK(client.read(first.empty() ? 7 : 5).ends_with("hello"));  // of one turn, so of one frame
  CHECK(client.send(frame("there")));
  CHECK(client.read(7) == "\x82\x05there");
}

}  // namespace

TEST_CASE("a page, then WebSocket on the same connection, in clear and under TLS") {
  Server clear;
  net::Client one(clear.port);
  talk(one, {});

  const net::TestSite site;
  Server secure(site.profile({"http/1.1"}));
  net::Client two(secure.port);
  REQUIRE(two.start_tls("\x08http/1.1"));
  talk(two, "http/1.1 ");
}

TEST_CASE("without its subprotocol the connection is refused and closed") {
  Server server;
  net::Client client(server.port);
  std::string request(kUpgrade);
  request.replace(request.find("mqtt\r\n\r\n"), 4, "stomp");
  CHECK(client.send(request + frame("x")));
  CHECK(client.read(10'000).starts_with("HTTP/1.1 400 "));
}

}  // namespace confab::app
