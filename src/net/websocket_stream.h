// WebSocket (RFC 6455) between a connection and its pump, as the server.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "session/stream.h"
#include "websocket/reader.h"

namespace confab::net {

// A Stream around another one: what is written goes out in binary frames, what comes in binary messages is one stream
// of bytes, whose borders mean nothing (MQTT 5 §6). Pings are answered and the closing handshake is kept here, so that
// no protocol knows of any of it. Free of sockets; owns no buffer while idle. Lives on: one loop at a time.
class WebSocketStream final : public session::Stream, private session::StreamListener {
 public:
  // `stream` is on `loop`, not being read, and has sent the 101. `rest`: what has been read behind the request.
  WebSocketStream(std::unique_ptr<session::Stream> stream, Loop& loop, const websocket::Limits& limits,
                  std::string rest);

  void listen(session::StreamListener& listener) override { listener_ = &listener; }
  void set_reading(bool on) override;
  std::size_t write(std::string_view bytes) override;
  void start_tls() override;  // never: TLS was there before HTTP, or it is not there
  void close(session::CloseReason reason) override;
  void leave() override;
  void enter(Loop& loop) override;

 private:
  struct Ending {
    websocket::CloseCode code;  // what the peer is told
    session::CloseReason reason;
  };

  void on_stream_bytes(ByteSpan bytes) override;
  void on_stream_writable() override;
  void on_stream_secured(const session::TlsInfo&) override {}
  void on_stream_closed(session::CloseReason reason) override;

  bool holds_back() const { return !held_.empty() || ending_; }
  void go_on_soon();
  void go_on();
  void read(std::string_view bytes);
  void decode(std::string_view bytes, std::string& payload);
  void answer(std::string_view ping);
  void end();

  std::size_t write_on(std::string_view payload);
  bool send_controls();
  void say_goodbye(websocket::CloseCode code);

  std::unique_ptr<session::Stream> inner_;
  session::StreamListener* listener_ = nullptr;
  Loop* loop_;
  websocket::Reader reader_;
  std::string held_;      // not decoded yet: goes first when reading is on
  std::string begun_;     // of what the peer has seen the beginning of, but not left_: goes out before all else
  std::string controls_;  // whole control frames, for when no frame is under way
  std::size_t left_ = 0;  // payload of the frame under way that is still to be written
  std::optional<Ending> ending_;
  std::shared_ptr<WebSocketStream*> posted_;  // go_on is on its way
  bool reading_ = false;
  bool owed_ = false;  // on_stream_writable, to the listener
  bool over_ = false;  // closed or reported closed
};

}  // namespace confab::net
