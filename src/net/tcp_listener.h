// Takes TCP connections in on one address and port.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "net/admission.h"
#include "net/tls_context.h"
#include "net/watch.h"
#include "session/session.h"

namespace confab::net {

class Shard;

// What a listener makes of its connections. Immutable once listening; used on every shard.
struct ListenerOptions {
  std::string name;  // the configuration's: "xmpp", "xmpps", …; PeerInfo::listener
  // "127.0.0.1:0", "[::1]:5222"; [::] takes IPv4 too; port 0 takes a free one.
  std::vector<std::string> addresses;
  // Called on the connection's shard. The loop is right on whatever shard the session is later.
  std::function<std::unique_ptr<session::Session>(Loop& loop)> make_session{};
  std::shared_ptr<const TlsProfile> tls{};  // null: no TLS, not by STARTTLS either
  bool direct_tls = false;                  // the handshake comes first
};

// A bound socket, listening. Errors: bad_address; unavailable (port taken, no right to it).
struct Bound {
  int descriptor = -1;
  std::string address;  // with the port that was really taken
};
Result<Bound> bind_tcp(const std::string& address);

// Accepts on its own shard and hands the connections to all shards in turn. Lives on: its shard.
class TcpListener final : private Watcher {
 public:
  // `shards` and `admission` outlive this. Owns `descriptor`.
  TcpListener(int descriptor, std::shared_ptr<const ListenerOptions> options, std::vector<Shard*> shards,
              Admission& admission, Shard& home);
  ~TcpListener() override;

 private:
  struct Retry;

  void on_readable() override;
  void on_writable() override {}
  bool accept_one();
  bool shed();
  void pause();
  void refuse(int descriptor, const std::string& address);

  Shard& home_;
  std::shared_ptr<const ListenerOptions> options_;
  std::vector<Shard*> shards_;
  Admission& admission_;
  Watch watch_;
  std::unique_ptr<Retry> retry_;
  int spare_;  // given up to shed a connection when there is no other descriptor
  std::size_t next_ = 0;
  MonoMs logged_{-60'000};
  std::uint64_t unlogged_ = 0;
};

}  // namespace confab::net
