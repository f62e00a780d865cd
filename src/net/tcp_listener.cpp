#include "net/tcp_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "net/shard.h"
#include "net/socket_stream.h"

namespace confab::net {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr milliseconds kRetryAfter{100};
constexpr std::int64_t kLogEveryMs = 10'000;

int open_spare() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// A peer that has gone without a word is noticed after four minutes, or two when it owes us acknowledgements.
void set_options(int fd) {
  const auto set = [fd](int level, int name, int value) { ::setsockopt(fd, level, name, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 120);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 30);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
}

// IPv4 in IPv6's clothes (RFC 4291 §2.5.5.2) is told as IPv4: one address, one limit.
session::PeerInfo peer_of(const sockaddr_storage& from) {
  session::PeerInfo peer;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (from.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(from);
    peer.port = ntohs(six.sin6_port);
    const unsigned char* bytes = six.sin6_addr.s6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
      ::inet_ntop(AF_INET, bytes + 12, text.data(), text.size());
      peer.loopback = bytes[12] == 127;
    } else {
      ::inet_ntop(AF_INET6, bytes, text.data(), text.size());
      peer.loopback = IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
    }
  } else if (from.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(from);
    peer.port = ntohs(four.sin_port);
    ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
    peer.loopback = (ntohl(four.sin_addr.s_addr) >> 24) == 127;
  }
  peer.address = text.data();
  return peer;
}

// On its way from the listener's shard to its own; closed if it never arrives.
struct Arrival {
  std::unique_ptr<SocketStream> stream;
  session::PeerInfo peer;
  std::shared_ptr<const ListenerOptions> options;
};

void open_on(Shard& shard, Arrival& arrival) {
  arrival.stream->enter(shard);
  shard.pumps().open(std::move(arrival.stream), arrival.options->make_session(local_loop()), std::move(arrival.peer));
}

}  // namespace

struct TcpListener::Retry : Timer {
  explicit Retry(TcpListener& owner)
      : Timer([](Timer& timer) { static_cast<Retry&>(timer).listener.on_readable(); }), listener(owner) {}
  TcpListener& listener;
};

TcpListener::TcpListener(int descriptor, std::shared_ptr<const ListenerOptions> options, std::vector<Shard*> shards,
                         Admission& admission, Shard& home)
    : home_(home),
      options_(std::move(options)),
      shards_(std::move(shards)),
      admission_(admission),
      watch_(home, descriptor, *this),
      retry_(std::make_unique<Retry>(*this)),
      spare_(open_spare()) {
  watch_.wait_readable();
}

TcpListener::~TcpListener() {
  if (spare_ >= 0) ::close(spare_);
}

void TcpListener::on_readable() {
  if (spare_ < 0) spare_ = open_spare();
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (!accept_one()) return;
  }
  watch_.wait_readable();
}

// false: there is nothing to accept now, and whatever comes next has been arranged.
bool TcpListener::accept_one() {
  sockaddr_storage from{};
  socklen_t length = sizeof from;
  const int fd =
      ::accept4(watch_.descriptor(), reinterpret_cast<sockaddr*>(&from), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE) return shed();
    if (errno == ENOBUFS || errno == ENOMEM) return pause(), false;
    if (errno == EAGAIN) return watch_.wait_readable(), false;
    return true;  // that one connection is gone already
  }
  session::PeerInfo peer = peer_of(from);
  peer.listener = options_->name;
  Ticket ticket = admission_.admit(peer.address);
  if (!ticket) return refuse(fd, peer.address), true;
  set_options(fd);
  home_.pumps().counters().accepted.add();
  Shard& shard = *shards_[next_++ % shards_.size()];
  Arrival arrival{std::make_unique<SocketStream>(fd, std::move(ticket), options_->tls, options_->direct_tls),
                  std::move(peer), options_};
  shard.post([&shard, moved = std::move(arrival)]() mutable { open_on(shard, moved); });
  return true;
}

void TcpListener::refuse(int descriptor, const std::string& address) {
  home_.pumps().counters().refused.add();
  ::close(descriptor);
  ++unlogged_;
  const MonoMs now = home_.now().mono;
  if (now.ms - logged_.ms < kLogEveryMs) return;
  logged_ = now;
  log::warn("net", "connections refused",
            {{"listener", options_->name}, {"last", address}, {"count", std::exchange(unlogged_, 0)}});
}

// No descriptor left: connections are taken and closed by means of the spare one, so that their peers do not hang.
bool TcpListener::shed() {
  for (int i = 0; i < kAcceptsPerTurn && spare_ >= 0; ++i) {
    ::close(std::exchange(spare_, -1));
    const int fd = ::accept4(watch_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) refuse(fd, "");
    spare_ = open_spare();
    if (fd < 0) break;
  }
  pause();
  return false;
}

// Readiness would be reported again at once: only time helps.
void TcpListener::pause() {
  home_.pumps().counters().accept_waits.add();
  home_.wheel().arm(*retry_, home_.now().mono + kRetryAfter);
}

}  // namespace confab::net
