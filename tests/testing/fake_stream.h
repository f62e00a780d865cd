// A stream without a socket: the test plays the kernel and the peer.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "session/stream.h"

namespace confab::testing {

// What remains to look at after the stream itself is gone.
struct FakeWire {
  session::StreamListener* listener = nullptr;
  session::Stream* stream = nullptr;
  std::string written;                              // what the peer has received
  std::size_t room = static_cast<std::size_t>(-1);  // what the kernel still takes
  bool reading = false;
  bool handshaking = false;
  bool closed = false;  // by close()
  bool destroyed = false;
  bool in_transit = false;
  Loop* loop = nullptr;
  int writes = 0;

  void send(std::string_view bytes) { listener->on_stream_bytes(as_bytes(bytes)); }
  void make_room(std::size_t bytes) {
    room = bytes;
    listener->on_stream_writable();
  }
  void secure(const session::TlsInfo& tls = {}) {
    handshaking = false;
    listener->on_stream_secured(tls);
  }
  void hang_up(session::CloseReason reason = session::CloseReason::peer_closed) { listener->on_stream_closed(reason); }
};

class FakeStream final : public session::Stream {
 public:
  explicit FakeStream(std::shared_ptr<FakeWire> wire) : wire_(std::move(wire)) { wire_->stream = this; }
  ~FakeStream() override { wire_->destroyed = true; }

  void listen(session::StreamListener& listener) override { wire_->listener = &listener; }
  void set_reading(bool on) override { wire_->reading = on; }
  std::size_t write(std::string_view bytes) override {
    ++wire_->writes;
    const std::size_t taken = wire_->handshaking ? 0 : std::min(bytes.size(), wire_->room);
    wire_->written.append(bytes.substr(0, taken));
    wire_->room -= taken;
    return taken;
  }
  void start_tls() override { wire_->handshaking = true; }
  void close(session::CloseReason) override { wire_->closed = true; }
  void leave() override { wire_->in_transit = true; }
  void enter(Loop& loop) override {
    wire_->in_transit = false;
    wire_->loop = &loop;
  }

 private:
  std::shared_ptr<FakeWire> wire_;
};

}  // namespace confab::testing
