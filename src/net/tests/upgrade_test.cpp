#include <doctest/doctest.h>

#include "loopback.h"
#include "pump_site.h"
#include "websocket/reader.h"
#include "websocket/writer.h"

using namespace confab;
using namespace confab::net;
using session::CloseReason;
using session::Outbox;
using websocket::Opcode;

namespace {

std::string client(Opcode opcode, std::string_view payload) {
  std::string bytes;
  websocket::encode_masked(bytes, opcode, payload, {1, 2, 3, 4});
  return bytes;
}

// A connection whose first session answers "go" with "101" and hands on to `next`'s.
struct Upgraded : Site {
  explicit Upgraded(std::string rest = {}, bool tls = false, std::size_t room = std::size_t(-1)) {
    first = connect(
        [this, rest, tls](const std::string& call, Outbox& out) {
          if (call == "open") out.arm(1, seconds(9));
          if (call != "bytes go") return;
          out.send("101");
          session::Upgrade upgrade{.listener = "wss", .rest = rest};
          if (tls) upgrade.tls = std::make_unique<session::TlsInfo>(session::TlsInfo{.alpn = "http/1.1"});
          upgrade.make_session = [this] { return std::make_unique<testing::RecordingSession>(next); };
          out.upgrade(std::move(upgrade));
        },
        room);
    first.wire->send("go");
  }
  testing::FakeWire& wire() { return *first.wire; }

  Link first;
  std::shared_ptr<testing::SessionLog> next = std::make_shared<testing::SessionLog>();
};

}  // namespace

TEST_CASE("the new session takes the connection when the answer has left, and speaks in frames") {
  Upgraded site({}, false, 2);
  CHECK_FALSE(site.wire().reading);
  site.turn();
  CHECK(site.next->calls.empty());
  site.next->act = [](const std::string& call, Outbox& out) { out.send("<" + call + ">"); };
  site.wire().make_room(1000);
  site.turn();
  CHECK(site.first.log->destroyed);
  CHECK(site.first.log->count("close") == 0);
  CHECK(site.next->calls == std::vector<std::string>{"open"});
  CHECK(site.wire().reading);
  site.wire().send(client(Opcode::binary, "x") + client(Opcode::ping, ""));
  site.turn();
  CHECK(site.next->bytes == "x");
  CHECK(site.wire().written == "101\x82\x06<open>\x8A" + std::string(1, '\0') + "\x82\x09<bytes x>");
  site.turn(seconds(20));
  CHECK(site.next->calls.back() == "bytes x");  // the first one's timer is gone with it
  CHECK(site.pumps.size() == 1);
  CHECK(site.domain.gone.empty());
}

TEST_CASE("the new session learns of TLS, and gets what came behind the request") {
  Upgraded site(client(Opcode::binary, "CONNECT"), true);
  site.turn();
  CHECK(site.next->calls == std::vector<std::string>{"open", "secured http/1.1", "bytes CONNECT"});
  CHECK(site.pumps.counters().handshakes.get() == 0);
}

TEST_CASE("a connection that is lost before the answer has left is the first session's to the end") {
  Upgraded site({}, false, 0);
  site.turn();
  site.wire().hang_up();
  site.turn();
  CHECK(site.first.log->calls.back() == close_call(CloseReason::peer_closed));
  CHECK(site.next->calls.empty());
  CHECK(site.pumps.size() == 0);
}

TEST_CASE("the new session closes when it opens, moves, pauses: what came behind the request follows") {
  const std::string rest = client(Opcode::binary, "CONNECT");
  Upgraded closes(rest, true);
  closes.next->act = [](const std::string& call, Outbox& out) {
    if (call == "open") out.send("no"), out.close(CloseReason::finished);
  };
  closes.turn();
  CHECK(closes.next->calls == std::vector<std::string>{"open", close_call(CloseReason::finished)});
  CHECK(closes.wire().written == "101\x82\x02no\x88\x02\x03\xE8");
  CHECK(closes.wire().destroyed);

  Upgraded moves(rest, true);
  moves.domain.owner = 1;
  moves.next->act = [](const std::string& call, Outbox& out) {
    if (call == "open") out.belong_to({"alice", "example.org", {}});
    if (call == "bytes CONNECT") out.send("CONNACK");
  };
  moves.turn();
  CHECK(moves.wire().loop == &moves.loop2);
  CHECK(moves.next->calls == std::vector<std::string>{"open", "secured http/1.1", "bytes CONNECT"});
  CHECK(moves.wire().written ==
        "101\x82\x07"
        "CONNACK");
  CHECK(moves.wire().reading);

  Upgraded pauses(rest);
  pauses.next->act = [](const std::string& call, Outbox& out) {
    if (call == "open") out.pause();
    if (call == "reply 1") out.resume();
  };
  pauses.turn();
  CHECK(pauses.next->calls == std::vector<std::string>{"open"});
  pauses.pumps.reply(pauses.first.id, 1, core::Done{});
  pauses.turn();
  CHECK(pauses.next->bytes == "CONNECT");
}

TEST_CASE("a session over WebSocket is kept and taken over on another connection") {
  Upgraded site;
  site.next->act = [](const std::string& call, Outbox& out) {
    if (call == "open") out.belong_to({"alice", "example.org", {}}), out.keep("t", seconds(60));
    if (call == "resumed 192.0.2.7") out.send("again");
  };
  site.turn();
  site.wire().send(client(Opcode::close, ""));
  site.turn();
  CHECK(site.next->calls.back() == close_call(CloseReason::peer_closed));
  CHECK(site.wire().destroyed);
  Link other = site.connect([](const std::string& call, Outbox& out) {
    if (call == "bytes r") out.belong_to({"alice", "example.org", {}}), out.take_over("t", nullptr);
  });
  other.wire->send("r");
  site.turn();
  CHECK(other.wire->written == "again");  // that one is no WebSocket
}

TEST_CASE("a client that reads nothing, over WebSocket: not read from, then closed") {
  Upgraded site;
  site.turn();
  site.wire().room = 10;
  site.next->act = [](const std::string&, Outbox& out) { out.send(std::string(300'000, 'x')); };
  site.pumps.deliver(site.first.id, core::Delivery{});
  site.turn();
  CHECK_FALSE(site.wire().reading);
  for (int i = 0; i < 4; ++i) site.pumps.deliver(site.first.id, core::Delivery{});
  site.turn();
  CHECK(site.next->calls.back() == close_call(CloseReason::slow_reader));
  CHECK(site.wire().destroyed);
}

TEST_CASE("the server goes down: the session's goodbye, then 1001") {
  Upgraded site;
  site.next->act = [](const std::string& call, Outbox& out) {
    if (call == "end") out.send("bye"), out.close(CloseReason::shutdown);
  };
  site.turn();
  site.pumps.end_all(CloseReason::shutdown);
  site.turn();
  CHECK(site.wire().written ==
        "101\x82\x03"
        "bye\x88\x02\x03\xE9");
}

// ---- Over sockets. ----

namespace {

// Reads frames from the server until `count` bytes of payload have come, or an end; never more than it must.
std::string read_payload(Client& client, std::size_t count) {
  websocket::Reader reader(websocket::Side::client, websocket::Messages::binary, {});
  std::string payload;
  while (payload.size() < count) {
    const std::string bytes = client.read(std::min<std::size_t>(count - payload.size(), 100'000));
    if (bytes.empty()) break;
    for (std::string_view left = bytes; !left.empty();) {
      const auto event = reader.read(left, payload);
      if (!event || (*event && (*event)->opcode == Opcode::close)) return payload;
    }
  }
  return payload;
}

bool echoes(Client& client, const std::string& text, std::size_t piece) {
  for (std::string_view left = text; !left.empty(); left.remove_prefix(std::min(piece, left.size()))) {
    if (!client.send(::client(Opcode::binary, left.substr(0, piece)))) return false;
  }
  return read_payload(client, text.size()) == text;
}

}  // namespace

TEST_CASE("WebSocket over TCP: frames behind the request, login on another shard, closing handshake") {
  Loopback net;
  const std::uint16_t port = net.listen();
  for (int i = 0; i < 8; ++i) {
    Client one(port);
    const std::string login = i % 4 < 2 ? "L0\n" : "L1\n";
    CHECK(one.send("W\n" + client(Opcode::binary, login.substr(0, 1)) + client(Opcode::binary, login.substr(1))));
    CHECK(one.read_line() == "switched");
    CHECK(echoes(one, "hello", 2));
    CHECK(one.send(client(Opcode::ping, "are you there")));
    CHECK(one.read(15) ==
          "\x8A\x0D"
          "are you there");
    CHECK(one.send(client(Opcode::close, "\x03\xE8")));
    CHECK(one.read(100) == "\x88\x02\x03\xE8");
  }
  CHECK(eventually([&] { return net.closed(CloseReason::peer_closed) == 8; }));
  CHECK(eventually([&] { return net.network.connections() == 0; }));
}

TEST_CASE("WebSocket under TLS: the session after the upgrade knows of it") {
  const TestSite site;
  Loopback net;
  const std::uint16_t port = net.listen(site.profile({"xmpp-client"}), true);
  Client one(port);
  REQUIRE(one.start_tls());
  const std::string tls = one.read_line();
  CHECK(one.send("W\n"));
  CHECK(one.read_line() == "switched");
  CHECK(read_payload(one, tls.size() + 1) == tls + "\n");
  CHECK(one.send(client(Opcode::binary, "L1\n")));
  CHECK(echoes(one, std::string(300'000, 'd'), 50'001));
  CHECK(one.send(client(Opcode::text, "no")));
  CHECK(one.read(100) == "\x88\x02\x03\xEB");
}

TEST_CASE("WebSocket: much goes both ways at once, with pings") {
  Loopback net;
  Client one(net.listen());
  CHECK(one.send("W\n"));
  CHECK(one.read_line() == "switched");
  CHECK(one.send(client(Opcode::binary, "L1\n")));
  const std::string data(6'000'000, 'd');
  std::thread sender([&] {
    for (std::size_t at = 0; at < data.size(); at += 30'000) {
      one.send(client(Opcode::binary, data.substr(at, 30'000)) + client(Opcode::ping, "p"));
    }
  });
  CHECK(read_payload(one, data.size()) == data);
  sender.join();
}

TEST_CASE("WebSocket: the server's goodbye comes in a frame, then Close") {
  Loopback net;
  Client one(net.listen());
  CHECK(one.send("W\n"));
  CHECK(one.read_line() == "switched");
  CHECK(one.send(client(Opcode::binary, "Q\n")));
  CHECK(one.read(100) ==
        "\x82\x05"
        "done\n\x88\x02\x03\xE8");
  CHECK(eventually([&] { return net.closed(CloseReason::finished) == 1; }));
}
