// One TCP connection, with or without TLS.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "poller.h"

namespace confab::load {

using TlsContext = std::shared_ptr<SSL_CTX>;

// A client's context that believes every certificate: it measures, it protects nothing.
TlsContext make_tls_context();

class Connection : public Watched {
 public:
  struct Events {
    std::function<void()> on_open;                         // connected, and again when TLS is up
    std::function<void(std::string_view bytes)> on_bytes;  // valid during the call
    std::function<void(std::string_view why)> on_closed;   // by the peer or a failure; not by close()
  };

  Connection(Poller& poller, Events events) : poller_(poller), events_(std::move(events)) {}
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins to connect to an IPv4 address. on_open or on_closed follows.
  void open(const std::string& host, int port);

  // Takes a descriptor that is connected.
  void adopt(int descriptor);

  // From here on everything goes through TLS; on_open follows.
  void start_tls(const TlsContext& context);

  // Leaves at the end of the loop's turn.
  void send(std::string_view bytes);

  bool is_open() const { return descriptor_ >= 0; }
  void close();

  void on_ready(std::uint32_t events) override;
  void on_turn_end() override { flush(); }

 private:
  enum class State : unsigned char { closed, connecting, handshake, open };

  void on_connected();
  void continue_handshake();
  void read();
  void flush();
  long write_some(std::string_view bytes);
  void wait_for(bool writable);
  void fail(std::string_view why);

  Poller& poller_;
  Events events_;
  State state_ = State::closed;
  bool waits_writable_ = false;
  bool ends_turn_ = false;
  int descriptor_ = -1;
  SSL* tls_ = nullptr;
  std::string out_;
};

}  // namespace confab::load
