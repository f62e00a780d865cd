#include "connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace confab::load {
namespace {

// One buffer for all connections: an idle one holds none.
std::array<char, 65536> read_buffer;

bool would_block() {
  return errno == EAGAIN || errno == EINTR;
}

void set_no_delay(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

TlsContext make_tls_context() {
  TlsContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

Connection::~Connection() {
  close();
}

void Connection::open(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return fail("--host takes an IPv4 address");
  descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return fail(std::strerror(errno));
  set_no_delay(descriptor_);
  const int connected = connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  state_ = State::connecting;
  waits_writable_ = true;
  poller_.add(descriptor_, EPOLLIN | EPOLLOUT, *this);
  if (connected != 0 && errno != EINPROGRESS) fail(std::strerror(errno));
}

void Connection::adopt(int descriptor) {
  descriptor_ = descriptor;
  set_no_delay(descriptor_);
  state_ = State::open;
  poller_.add(descriptor_, EPOLLIN, *this);
}

void Connection::start_tls(const TlsContext& context) {
  tls_ = SSL_new(context.get());
  SSL_set_fd(tls_, descriptor_);
  SSL_set_connect_state(tls_);
  state_ = State::handshake;
  continue_handshake();
}

void Connection::send(std::string_view bytes) {
  if (descriptor_ < 0) return;
  out_.append(bytes);
  if (ends_turn_) return;
  ends_turn_ = true;
  poller_.at_turn_end(*this);
}

void Connection::close() {
  if (ends_turn_) poller_.forget(*this);
  ends_turn_ = false;
  if (tls_ != nullptr) SSL_free(tls_);
  tls_ = nullptr;
  if (descriptor_ >= 0) {
    poller_.remove(descriptor_);
    ::close(descriptor_);
  }
  descriptor_ = -1;
  state_ = State::closed;
  out_.clear();
}

void Connection::fail(std::string_view why) {
  const std::string kept(why);
  close();
  events_.on_closed(kept);
}

void Connection::on_ready(std::uint32_t events) {
  switch (state_) {
    case State::closed:
      return;
    case State::connecting:
      return on_connected();
    case State::handshake:
      return continue_handshake();
    case State::open:
      break;
  }
  if ((events & EPOLLOUT) != 0) flush();
  if (state_ == State::open && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void Connection::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail(std::strerror(error));
  state_ = State::open;
  wait_for(false);
  events_.on_open();
}

void Connection::continue_handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_);
  if (result == 1) {
    state_ = State::open;
    wait_for(false);
    return events_.on_open();
  }
  const int error = SSL_get_error(tls_, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return wait_for(error == SSL_ERROR_WANT_WRITE);
  fail("the TLS handshake failed");
}

void Connection::read() {
  for (;;) {
    long count = 0;
    if (tls_ != nullptr) {
      ERR_clear_error();
      count = SSL_read(tls_, read_buffer.data(), static_cast<int>(read_buffer.size()));
      const int error = count > 0 ? SSL_ERROR_NONE : SSL_get_error(tls_, static_cast<int>(count));
      if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
    } else {
      count = recv(descriptor_, read_buffer.data(), read_buffer.size(), 0);
      if (count < 0 && would_block()) return;
    }
    if (count <= 0) return fail(count == 0 ? "closed by the peer" : "the connection broke");
    events_.on_bytes({read_buffer.data(), static_cast<std::size_t>(count)});
    // A short read has emptied the socket; TLS may hold more that epoll doesn't see.
    const bool emptied = tls_ == nullptr && static_cast<std::size_t>(count) < read_buffer.size();
    if (emptied || state_ != State::open) return;
  }
}

long Connection::write_some(std::string_view bytes) {
  if (tls_ == nullptr) return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ERR_clear_error();
  const int count = SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()));
  if (count > 0) return count;
  const int error = SSL_get_error(tls_, count);
  errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
  return -1;
}

void Connection::flush() {
  ends_turn_ = false;
  if (state_ != State::open) return;
  std::string_view rest = out_;
  while (!rest.empty()) {
    const long count = write_some(rest);
    if (count < 0) {
      if (!would_block()) return fail("the connection broke");
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  const bool all = rest.empty();
  out_.erase(0, out_.size() - rest.size());
  if (all && out_.capacity() > 65536) std::string().swap(out_);
  wait_for(!all);
}

void Connection::wait_for(bool writable) {
  if (waits_writable_ == writable) return;
  waits_writable_ = writable;
  poller_.change(descriptor_, writable ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
}

}  // namespace confab::load
