// A TCP connection, in clear or under TLS, as a Stream.
#pragma once

#include <memory>

#include "net/admission.h"
#include "net/tls_channel.h"
#include "net/watch.h"
#include "session/stream.h"

namespace confab::net {

class Shard;

// Waits for readiness and reads into the shard's one buffer, so it owns none. Lives on: a shard; moves by leave/enter.
class SocketStream final : public session::Stream, private Watcher {
 public:
  // Owns `descriptor`, which does not block. `tls` null: start_tls() fails the connection. direct_tls: the handshake
  // begins with listen(). enter() comes next.
  SocketStream(int descriptor, Ticket ticket, std::shared_ptr<const TlsProfile> tls, bool direct_tls);
  ~SocketStream() override;

  void listen(session::StreamListener& listener) override;
  void set_reading(bool on) override;
  std::size_t write(std::string_view bytes) override;
  void start_tls() override;
  void close(session::CloseReason reason) override;
  void leave() override;
  void enter(Loop& shard) override;  // a Shard

 private:
  struct Handshake;
  struct Tls;

  void on_readable() override;
  void on_writable() override;
  void read_some();
  TlsChannel::Step read_once(std::size_t& count);
  void shake_hands();
  void refuse_hands();
  void fail_soon(session::CloseReason reason);
  void report_closed(session::CloseReason reason);
  void wait_for_more();

  Shard* shard_ = nullptr;
  session::StreamListener* listener_ = nullptr;
  std::shared_ptr<const TlsProfile> profile_;
  std::unique_ptr<Tls> tls_;
  Watch watch_;
  Ticket ticket_;
  int descriptor_;  // -1 while the watch has it
  session::CloseReason failure_ = session::CloseReason::reset;
  bool reading_ = false;
  bool writing_ = false;           // on_stream_writable is owed
  bool read_wants_write_ = false;  // TLS answers the peer before it reads on
  bool write_wants_read_ = false;
  bool failed_ = false;
  bool over_ = false;  // closed or reported closed
};

}  // namespace confab::net
