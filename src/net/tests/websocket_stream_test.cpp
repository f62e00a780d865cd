#include "net/websocket_stream.h"

#include <doctest/doctest.h>

#include <random>

#include "net/pumps.h"
#include "testing/fake_loop.h"
#include "testing/fake_stream.h"
#include "testing/recording_session.h"
#include "websocket/writer.h"

using namespace confab;
using namespace confab::net;
using namespace confab::testing;
using session::CloseReason;
using session::Outbox;
using websocket::CloseCode;
using websocket::Opcode;

namespace {

constexpr websocket::Mask kMask{0x37, 0xFA, 0x21, 0x3D};

std::string client(Opcode opcode, std::string_view payload, bool last = true) {
  std::string bytes;
  websocket::encode_masked(bytes, opcode, payload, kMask, last);
  return bytes;
}
std::string client_close(std::uint16_t code) {
  return client(Opcode::close, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)});
}

// What a client makes of the server's bytes: payload in one, other events in brackets.
std::string understood(std::string_view bytes) {
  websocket::Reader reader(websocket::Side::client, websocket::Messages::binary, {});
  std::string all;
  for (auto event = reader.read(bytes, all);; event = reader.read(bytes, all)) {
    if (!event) return all + "[fault]";
    if (!*event) return all;
    const websocket::Event& got = **event;
    if (got.opcode == Opcode::pong) all += "[pong " + got.payload + "]";
    if (got.opcode == Opcode::close) all += "[close " + std::to_string(static_cast<int>(got.code)) + "]";
    if (got.opcode == Opcode::close) return all + std::string(bytes);
  }
}

struct Listener final : session::StreamListener {
  void on_stream_bytes(ByteSpan bytes) override {
    ++calls;
    heard += as_text(bytes);
    if (act) act();
  }
  void on_stream_writable() override { ++writable; }
  void on_stream_secured(const session::TlsInfo&) override {}
  void on_stream_closed(CloseReason why) override { closed = why; }

  std::string heard;
  std::function<void()> act;
  int calls = 0;
  int writable = 0;
  std::optional<CloseReason> closed;
};

struct Layer {
  explicit Layer(std::string rest = {}, const websocket::Limits& limits = {})
      : stream(std::make_unique<WebSocketStream>(std::make_unique<FakeStream>(wire), loop, limits, std::move(rest))) {
    stream->listen(listener);
    stream->set_reading(true);
  }
  std::shared_ptr<FakeWire> wire = std::make_shared<FakeWire>();
  FakeLoop loop, other;
  Listener listener;
  std::unique_ptr<WebSocketStream> stream;
};

}  // namespace

TEST_CASE("binary messages come through as one stream of bytes, whatever their frames and pieces are") {
  const std::string bytes = client(Opcode::binary, "MQ", false) + client(Opcode::ping, "p") +
                            client(Opcode::continuation, "TT") + client(Opcode::binary, "") +
                            client(Opcode::binary, std::string(70'000, 'x'));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{65536}, bytes.size()}) {
    Layer layer;
    for (std::string_view left = bytes; !left.empty(); left.remove_prefix(std::min(piece, left.size()))) {
      layer.wire->send(left.substr(0, piece));
    }
    CHECK(layer.listener.heard == "MQTT" + std::string(70'000, 'x'));
    CHECK(understood(layer.wire->written) == "[pong p]");
    CHECK_FALSE(layer.listener.closed);
  }
}

TEST_CASE("what one reading brings goes up in one call") {
  Layer layer;
  layer.wire->send(client(Opcode::binary, "a") + client(Opcode::binary, "b") + client(Opcode::binary, "c", false));
  CHECK(layer.listener.heard == "abc");
  CHECK(layer.listener.calls == 1);
}

TEST_CASE("what is written in one turn is one frame; more than 64 KiB is several") {
  Layer layer;
  CHECK(layer.stream->write("CONNACK and more") == 16);
  CHECK(encode_hex(layer.wire->written.substr(0, 2)) == "8210");
  CHECK(layer.wire->writes == 1);
  CHECK(layer.stream->write(std::string(200'000, 'y')) == 200'000);
  CHECK(layer.wire->writes == 5);
  CHECK(understood(layer.wire->written) == "CONNACK and more" + std::string(200'000, 'y'));
}

TEST_CASE("a frame that is taken in pieces stays whole, with pings in between") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Layer layer;
    layer.wire->room = 0;
    std::string queue;
    std::string all;
    int pings = 0;
    for (int step = 0; step < 40 || !queue.empty() || layer.wire->room == 0; ++step) {
      if (step < 40 && random() % 3 == 0) {
        const std::string more(random() % 300, static_cast<char>('a' + step % 26));
        queue += more;
        all += more;
      }
      if (step < 40 && random() % 8 == 0) layer.wire->send(client(Opcode::ping, std::to_string(pings++)));
      queue.erase(0, layer.stream->write(queue));
      layer.wire->make_room(random() % 60);
      if (step > 40) layer.wire->make_room(100'000);
    }
    layer.stream->close(CloseReason::finished);
    std::string text = understood(layer.wire->written);
    REQUIRE(text.ends_with("[close 1000]"));
    text.resize(text.size() - 12);
    for (int i = 0; i < pings; ++i) {
      const std::string pong = "[pong " + std::to_string(i) + "]";
      const std::size_t at = text.find(pong);
      REQUIRE(at != std::string::npos);
      text.erase(at, pong.size());
    }
    CHECK(text == all);
  }
}

TEST_CASE("the pump is told of room when it was told of none, and only then") {
  Layer layer;
  layer.wire->room = 5;
  CHECK(layer.stream->write("0123456789") == 3);
  layer.wire->make_room(2);
  CHECK(layer.listener.writable == 1);
  CHECK(layer.stream->write("3456789") == 2);
  layer.wire->room = 0;
  layer.wire->send(client(Opcode::ping, "p"));
  layer.wire->make_room(100);
  CHECK(layer.listener.writable == 2);
  CHECK(layer.stream->write("56789") == 5);
  CHECK(understood(layer.wire->written) == "0123456789[pong p]");
  layer.wire->make_room(100);
  CHECK(layer.listener.writable == 2);
}

TEST_CASE("a head of which nothing was taken is offered again, the same") {
  Layer layer;
  layer.wire->room = 0;
  CHECK(layer.stream->write("abc") == 0);
  layer.wire->make_room(1);
  CHECK(layer.stream->write("abcdef") == 0);
  layer.wire->send(client(Opcode::ping, "p"));
  layer.wire->make_room(100);
  CHECK(layer.stream->write("abcdef") == 6);
  CHECK(understood(layer.wire->written) == "abc[pong p]def");
  CHECK(encode_hex(layer.wire->written.substr(0, 2)) == "8203");
}

TEST_CASE("of more pings than have room the newest is answered") {
  Layer layer;
  layer.wire->room = 0;
  for (int i = 0; i < 1000; ++i) layer.wire->send(client(Opcode::ping, std::to_string(i)));
  layer.wire->make_room(100'000);
  CHECK(layer.wire->written.size() < 5000);
  CHECK(understood(layer.wire->written).ends_with("[pong 999]"));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += client(Opcode::ping, std::to_string(i));
  layer.wire->send(many);
  CHECK(layer.wire->written.size() < 9000);
}

TEST_CASE("the peer's Close is answered with its code, and ends the connection") {
  for (const auto& [frame, code] : {std::pair{client_close(1000), 1000}, std::pair{client_close(3001), 3001},
                                    std::pair{client(Opcode::close, ""), 1005}}) {
    Layer layer;
    layer.wire->send(client(Opcode::binary, "DISCONNECT") + frame + client(Opcode::binary, "late"));
    CHECK(layer.listener.heard == "DISCONNECT");
    CHECK(layer.listener.closed == CloseReason::peer_closed);
    CHECK(understood(layer.wire->written) == "[close " + std::to_string(code) + "]");
    CHECK(layer.wire->closed);
    CHECK(layer.stream->write("more") == 0);
  }
}

TEST_CASE("faults are answered with their code after what was good") {
  const auto answer = [](const std::string& bytes) {
    Layer layer({}, {.frame_bytes = 1000, .message_bytes = 1000});
    layer.wire->send(client(Opcode::binary, "good") + bytes);
    CHECK(layer.listener.heard.starts_with("good"));
    CHECK(layer.listener.closed == CloseReason::violation);
    CHECK(layer.wire->closed);
    return understood(layer.wire->written);
  };
  CHECK(answer(client(Opcode::text, "{}")) == "[close 1003]");
  CHECK(answer(client(Opcode::binary, std::string(1001, 'x'))) == "[close 1009]");
  CHECK(answer(std::string("\x82\x01x")) == "[close 1002]");
  CHECK(answer(client(Opcode::continuation, "x")) == "[close 1002]");
  CHECK(answer(client(Opcode::close, "\x03\xE8\xFF")) == "[close 1007]");
}

TEST_CASE("close() says goodbye with a code for its reason; not inside a frame") {
  const auto goodbye = [](CloseReason reason) {
    Layer layer;
    layer.stream->close(reason);
    CHECK(layer.wire->closed);
    CHECK_FALSE(layer.listener.closed);
    return understood(layer.wire->written);
  };
  CHECK(goodbye(CloseReason::finished) == "[close 1000]");
  CHECK(goodbye(CloseReason::replaced) == "[close 1000]");
  CHECK(goodbye(CloseReason::shutdown) == "[close 1001]");
  CHECK(goodbye(CloseReason::violation) == "[close 1008]");
  CHECK(goodbye(CloseReason::slow_reader) == "[close 1008]");
  Layer layer;
  layer.wire->room = 6;
  CHECK(layer.stream->write("0123456789") == 4);
  layer.wire->room = 100;
  layer.stream->close(CloseReason::finished);
  CHECK(layer.wire->written.size() == 6);
  CHECK(layer.wire->closed);
}

TEST_CASE("a connection that is lost is told as it is, once") {
  Layer layer;
  layer.wire->hang_up(CloseReason::reset);
  CHECK(layer.listener.closed == CloseReason::reset);
  layer.stream->close(CloseReason::reset);
  CHECK_FALSE(layer.wire->closed);
}

TEST_CASE("what came behind the request is read when reading is on, not before, and before what comes after it") {
  const std::string whole = client(Opcode::binary, "first ") + client(Opcode::binary, "second");
  Layer layer(whole.substr(0, 15));
  CHECK(layer.listener.heard.empty());
  CHECK_FALSE(layer.wire->reading);
  layer.stream->set_reading(false);
  layer.loop.run();
  CHECK(layer.listener.heard.empty());
  layer.stream->set_reading(true);
  layer.loop.run();
  CHECK(layer.listener.heard == "first ");
  CHECK(layer.wire->reading);
  layer.wire->send(whole.substr(15));
  CHECK(layer.listener.heard == "first second");
}

TEST_CASE("what came behind the request moves to another loop with the stream; a task of the first finds nobody") {
  Layer layer(client(Opcode::binary, "rest"));
  layer.stream->leave();
  CHECK(layer.wire->in_transit);
  layer.loop.run();
  CHECK(layer.listener.heard.empty());
  layer.stream->enter(layer.other);
  CHECK(layer.wire->loop == &layer.other);
  layer.other.run();
  CHECK(layer.listener.heard == "rest");
  CHECK(layer.wire->reading);

  Layer gone(client(Opcode::binary, "rest"));
  gone.stream.reset();
  gone.loop.run();
  CHECK(gone.listener.heard.empty());
}

TEST_CASE("an end behind bytes that turned reading off waits until it is on again") {
  Layer layer;
  layer.listener.act = [&] { layer.stream->set_reading(false); };
  layer.wire->send(client(Opcode::binary, "PUBLISH") + client_close(1000));
  CHECK(layer.listener.heard == "PUBLISH");
  CHECK_FALSE(layer.listener.closed);
  CHECK(layer.stream->write("PUBACK") == 6);
  layer.stream->leave();
  layer.stream->enter(layer.other);
  layer.stream->set_reading(true);
  CHECK_FALSE(layer.wire->reading);
  CHECK_FALSE(layer.listener.closed);
  layer.other.run();
  CHECK(layer.listener.closed == CloseReason::peer_closed);
  CHECK(understood(layer.wire->written) == "PUBACK[close 1000]");
}

TEST_CASE("a listener that closes in its call is the last to be heard") {
  Layer layer;
  layer.listener.act = [&] { layer.stream->close(CloseReason::finished); };
  layer.wire->send(client(Opcode::binary, "q") + client(Opcode::ping, "p") + client_close(1000));
  CHECK_FALSE(layer.listener.closed);
  CHECK(understood(layer.wire->written).find("[close 1000]") != std::string::npos);
}
