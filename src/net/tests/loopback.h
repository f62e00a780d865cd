// A network with an echo session on loopback, and clients with bounded waits.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/certificates.h"
#include "net/network.h"
#include "testing/temporary_folder.h"

namespace confab::net {

// Owns accounts by their name: "1@…" is of shard 1. Counts what ends.
class NamedDomain final : public session::Domain {
 public:
  void submit(session::ConnectionId from, const Address&, session::RequestId, core::Command) override {
    last_shard = from.shard;
  }
  std::uint32_t owner_shard(const Address& account) const override {
    return static_cast<std::uint32_t>(account.local[0] - '0');
  }
  void closed(session::ConnectionId, const Address&) override { ++gone; }

  std::atomic<int> gone{0};
  std::atomic<std::uint32_t> last_shard{99};
};

// The first line says what to do: "E" echo; "L1" log in on shard 1, then echo; "T" STARTTLS, then echo; "S" send more
// than the limit; "Q" close; "W" WebSocket, then the same from the beginning. Under TLS it says first what it knows of
// it.
class EchoSession final : public session::Session {
 public:
  explicit EchoSession(Loop& loop) : loop_(loop) {}

  void on_open(const session::PeerInfo&, session::Outbox& out) override { out.arm(1, milliseconds(60'000)); }
  void on_secured(const session::TlsInfo& tls, session::Outbox& out) override {
    tls_ = std::make_unique<session::TlsInfo>(tls);
    out.send(tls.alpn + " " + encode_hex(tls.exporter) + " " + encode_hex(tls.server_end_point) + " " + tls.version +
             "\n");
  }
  void on_bytes(ByteSpan bytes, session::Outbox& out) override {
    last_ = loop_.now().mono;
    std::string_view text = as_text(bytes);
    while (!echo_ && !text.empty()) {
      line_ += text.front();
      text.remove_prefix(1);
      if (line_.back() == '\n') obey(text, out);
    }
    if (echo_) out.send(text);
  }
  void on_delivery(const core::Delivery&, session::Outbox&) override {}
  void on_reply(session::RequestId, const core::Reply&, session::Outbox&) override {}
  void on_timer(session::TimerId, session::Outbox&) override {}
  void on_flushed(session::Outbox&) override {}
  void on_end(session::CloseReason reason, session::Outbox& out) override {
    out.send("bye\n");
    out.close(reason);
  }
  void on_close(session::CloseReason, session::Outbox&) override {}
  void on_resumed(const session::PeerInfo&, std::unique_ptr<session::Handover>, session::Outbox&) override {}
  void on_take_over_failed(std::unique_ptr<session::Handover>, session::Outbox&) override {}
  void on_expired(session::Outbox&) override {}

 private:
  void obey(std::string_view& rest, session::Outbox& out) {
    if (line_[0] == 'W') {
      out.send("switched\n");
      out.upgrade({.listener = "ws",
                   .tls = std::move(tls_),
                   .make_session = [&loop = loop_] { return std::make_unique<EchoSession>(loop); },
                   .rest = std::string(std::exchange(rest, {}))});
    }
    echo_ = line_[0] == 'E' || line_[0] == 'L';
    if (line_[0] == 'T') out.send("proceed\n"), out.start_tls();
    if (line_[0] == 'L') out.belong_to({line_.substr(1, 1), "localhost", {}}), out.submit(1, core::GetRoster{});
    if (line_[0] == 'S') out.bytes().append(64U << 20, 'x');
    if (line_[0] == 'Q') out.send("done\n"), out.close(session::CloseReason::finished);
    line_.clear();
  }

  Loop& loop_;
  MonoMs last_;
  std::string line_;
  std::unique_ptr<session::TlsInfo> tls_;
  bool echo_ = false;
};

struct Loopback {
  explicit Loopback(NetworkOptions options = {.shards = 2}) : network(options) {
    for (std::uint32_t i = 0; i < network.size(); ++i) network.serve(i, domain);
  }
  ~Loopback() { network.stop(seconds(5)); }

  std::uint16_t listen(std::shared_ptr<const TlsProfile> tls = nullptr, bool direct = false) {
    const auto bound = network.listen({.name = "test",
                                       .addresses = {"127.0.0.1:0"},
                                       .make_session = [](Loop& loop) { return std::make_unique<EchoSession>(loop); },
                                       .tls = std::move(tls),
                                       .direct_tls = direct});
    network.start();
    if (!bound) return 0;
    return static_cast<std::uint16_t>(std::stoi(bound->front().substr(bound->front().rfind(':') + 1)));
  }
  std::uint64_t sum(Counter Counters::* counter) {
    std::uint64_t all = 0;
    for (std::uint32_t i = 0; i < network.size(); ++i) all += (network.shard(i).counters().*counter).get();
    return all;
  }
  std::uint64_t closed(session::CloseReason reason) {
    std::uint64_t all = 0;
    for (std::uint32_t i = 0; i < network.size(); ++i) {
      all += network.shard(i).counters().closed[static_cast<std::size_t>(reason)].get();
    }
    return all;
  }

  NamedDomain domain;
  Network network;
};

// Bounded: false after ten seconds.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// A blocking client; every wait ends after ten seconds.
class Client {
 public:
  Client() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  explicit Client(std::uint16_t port) : Client() { connect(port); }
  Client(Client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        context_(std::exchange(other.context_, nullptr)),
        ssl_(std::exchange(other.ssl_, nullptr)) {}
  Client& operator=(Client&&) = delete;
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    if (fd_ >= 0) ::close(fd_);
  }

  bool connect(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  void take_little() {
    const int bytes = 4096;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  // `alpn` in the wire's form: "\x0bxmpp-client".
  bool start_tls(const std::string& alpn = {}, int version = TLS1_3_VERSION) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context_, version);
    ssl_ = SSL_new(context_);
    if (!alpn.empty()) {
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
    }
    SSL_set_fd(ssl_, fd_);
    return SSL_connect(ssl_) == 1;
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                     : static_cast<int>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // Up to `count` bytes; less at the end of the connection, or after ten seconds.
  std::string read(std::size_t count) {
    std::string all(count, '\0');
    std::size_t have = 0;
    while (have < count) {
      const auto n = ssl_ != nullptr ? SSL_read(ssl_, all.data() + have, static_cast<int>(count - have))
                                     : static_cast<int>(::recv(fd_, all.data() + have, count - have, 0));
      if (n <= 0) break;
      have += static_cast<std::size_t>(n);
    }
    all.resize(have);
    return all;
  }
  std::string read_line() {
    std::string line;
    for (std::string one = read(1); one.size() == 1 && one != "\n"; one = read(1)) line += one;
    return line;
  }
  bool echoes(const std::string& text) { return send(text) && read(text.size()) == text; }
  SSL* ssl() { return ssl_; }
  int descriptor() const { return fd_; }

 private:
  int fd_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
};

// A certificate of a site's own for the tests.
struct TestSite {
  TestSite() {
    certificate = *ensure_site_certificate(folder.path(), {"localhost", {}, {"127.0.0.1"}}, wall_now());
    context = *TlsContext::load(certificate.certificate, certificate.key);
  }
  std::shared_ptr<const TlsProfile> profile(std::vector<std::string> alpn = {}) const {
    return std::make_shared<const TlsProfile>(TlsProfile{context, std::move(alpn)});
  }
  static WallMs wall_now() {
    return {std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
  }
  testing::TemporaryFolder folder;
  SiteCertificate certificate;
  std::shared_ptr<TlsContext> context;
};

}  // namespace confab::net
