#include "net/socket_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/lingering.h"
#include "net/shard.h"

namespace confab::net {

using session::CloseReason;
using Step = TlsChannel::Step;

namespace {
constexpr milliseconds kHandshakeTime{15000};
constexpr int kReadsPerTurn = 4;  // then the other connections have their turn
}  // namespace

// The deadline, while the handshake lasts.
struct SocketStream::Handshake : Timer {
  explicit Handshake(SocketStream& owner)
      : Timer([](Timer& timer) { static_cast<Handshake&>(timer).stream.report_closed(CloseReason::timed_out); }),
        stream(owner) {}
  SocketStream& stream;
};

struct SocketStream::Tls {
  Tls(const TlsProfile& profile, int descriptor) : channel(profile, descriptor) {}
  TlsChannel channel;
  std::unique_ptr<Handshake> handshake;  // null: done
};

SocketStream::SocketStream(int descriptor, Ticket ticket, std::shared_ptr<const TlsProfile> tls, bool direct_tls)
    : profile_(std::move(tls)), ticket_(std::move(ticket)), descriptor_(descriptor) {
  if (!direct_tls) return;
  tls_ = std::make_unique<Tls>(*profile_, descriptor_);
  tls_->handshake = std::make_unique<Handshake>(*this);
}

SocketStream::~SocketStream() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void SocketStream::listen(session::StreamListener& listener) {
  const bool first = listener_ == nullptr;
  listener_ = &listener;
  if (!first || !tls_) return;
  shard_->wheel().arm(*tls_->handshake, shard_->now().mono + kHandshakeTime);
  watch_.wait_readable();
}

// ---- Between shards. ----

void SocketStream::leave() {
  descriptor_ = watch_.release();
  if (tls_ && tls_->handshake) tls_->handshake->disarm();
  shard_ = nullptr;
}

void SocketStream::enter(Loop& shard) {
  shard_ = static_cast<Shard*>(&shard);
  watch_ = Watch(*shard_, std::exchange(descriptor_, -1), *this);
  if (listener_ == nullptr) return;
  if (tls_ && tls_->handshake) shard_->wheel().arm(*tls_->handshake, tls_->handshake->due());
  if (writing_ || read_wants_write_) watch_.wait_writable();
  if (failed_) watch_.soon();
  wait_for_more();
}

// ---- Reading. ----

void SocketStream::set_reading(bool on) {
  reading_ = on;
  if (on) wait_for_more();
}

// Bytes that OpenSSL holds already make no descriptor readable.
void SocketStream::wait_for_more() {
  if (over_ || failed_ || shard_ == nullptr) return;
  const bool shaking = tls_ && tls_->handshake;
  if (!reading_ && !shaking && !write_wants_read_) return;
  if (reading_ && !shaking && tls_ && tls_->channel.has_pending() && !read_wants_write_) {
    watch_.soon();
  } else {
    watch_.wait_readable();
  }
}

void SocketStream::on_readable() {
  if (over_) return;
  if (failed_) return report_closed(failure_);
  if (tls_ && tls_->handshake) return shake_hands();
  if (std::exchange(write_wants_read_, false)) listener_->on_stream_writable();
  if (reading_ && !over_) read_some();
}

void SocketStream::on_writable() {
  if (over_) return;
  if (tls_ && tls_->handshake) return shake_hands();
  if (std::exchange(writing_, false)) listener_->on_stream_writable();
  if (std::exchange(read_wants_write_, false) && reading_ && !over_) read_some();
}

Step SocketStream::read_once(std::size_t& count) {
  const std::span<std::byte> buffer = shard_->read_buffer();
  if (tls_) return tls_->channel.read(buffer, count);
  const ssize_t n = ::recv(watch_.descriptor(), buffer.data(), buffer.size(), 0);
  count = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (n > 0) return Step::done;
  if (n == 0) return Step::closed;
  return errno == EAGAIN || errno == EINTR ? Step::want_read : Step::broken;
}

void SocketStream::read_some() {
  const std::span<std::byte> buffer = shard_->read_buffer();
  for (int i = 0; i < kReadsPerTurn; ++i) {
    std::size_t count = 0;
    switch (read_once(count)) {
      case Step::done:
        break;
      case Step::want_read:
        return watch_.wait_readable();
      case Step::want_write:
        read_wants_write_ = true;
        return watch_.wait_writable();
      case Step::closed:
        return report_closed(CloseReason::peer_closed);
      case Step::broken:
        return report_closed(CloseReason::reset);
    }
    listener_->on_stream_bytes(buffer.first(count));
    if (!reading_ || over_) return;
    // Less than asked for: the kernel had no more. The wait tells if that has changed, and saves asking.
    if (!tls_ && count < buffer.size()) return watch_.wait_readable();
  }
  wait_for_more();
}

// ---- Writing. ----

std::size_t SocketStream::write(std::string_view bytes) {
  if (over_ || failed_ || bytes.empty()) return 0;
  if (tls_ && tls_->handshake) {
    writing_ = true;  // told when the handshake is done
    return 0;
  }
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    std::size_t count = 0;
    Step step = Step::done;
    if (tls_) {
      step = tls_->channel.write(bytes.substr(taken), count);
    } else {
      const ssize_t n = ::send(watch_.descriptor(), bytes.data() + taken, bytes.size() - taken, MSG_NOSIGNAL);
      if (n >= 0) count = static_cast<std::size_t>(n);
      if (n < 0) step = errno == EAGAIN || errno == EINTR ? Step::want_write : Step::broken;
    }
    if (step == Step::done) {
      taken += count;
      continue;
    }
    if (step == Step::want_write) {
      writing_ = true;
      watch_.wait_writable();
    } else if (step == Step::want_read) {
      write_wants_read_ = true;
      watch_.wait_readable();
    } else {
      fail_soon(CloseReason::reset);
    }
    break;
  }
  return taken;
}

// ---- TLS. ----

void SocketStream::start_tls() {
  if (over_ || failed_) return;
  if (!profile_ || tls_) return fail_soon(CloseReason::violation);
  tls_ = std::make_unique<Tls>(*profile_, watch_.descriptor());
  tls_->handshake = std::make_unique<Handshake>(*this);
  shard_->wheel().arm(*tls_->handshake, shard_->now().mono + kHandshakeTime);
  watch_.wait_readable();
}

void SocketStream::shake_hands() {
  switch (tls_->channel.handshake()) {
    case Step::want_read:
      return watch_.wait_readable();
    case Step::want_write:
      return watch_.wait_writable();
    case Step::closed:
      return report_closed(CloseReason::peer_closed);
    case Step::broken:
      return report_closed(CloseReason::reset);
    case Step::done:
      break;
  }
  tls_->handshake.reset();
  writing_ = false;
  listener_->on_stream_secured(tls_->channel.info());
  wait_for_more();
}

// The peer shall read the alert that says why.
void SocketStream::refuse_hands() {
  shard_->linger(std::make_unique<Lingering>(watch_.release(), std::move(ticket_)));
  report_closed(CloseReason::reset);
}

// ---- The end. ----

// A call of the listener must not be answered from inside it.
void SocketStream::fail_soon(CloseReason reason) {
  failed_ = true;
  failure_ = reason;
  watch_.soon();
}

void SocketStream::report_closed(CloseReason reason) {
  over_ = true;
  if (tls_ && reason == CloseReason::peer_closed) tls_->channel.say_goodbye();
  tls_.reset();
  listener_->on_stream_closed(reason);
}

void SocketStream::close(CloseReason) {
  if (std::exchange(over_, true)) return;
  if (shard_ == nullptr) return;
  if (tls_) tls_->channel.say_goodbye();
  tls_.reset();
  if (!failed_) shard_->linger(std::make_unique<Lingering>(watch_.release(), std::move(ticket_)));
}

}  // namespace confab::net
