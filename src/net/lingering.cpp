#include "net/lingering.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/shard.h"

namespace confab::net {
namespace {
constexpr milliseconds kLinger{2000};
constexpr std::size_t kDropBytes = 1048576;
}  // namespace

Lingering::Lingering(int descriptor, Ticket ticket)
    : Timer([](Timer& timer) { static_cast<Lingering&>(timer).finish(); }),
      descriptor_(descriptor),
      ticket_(std::move(ticket)) {}

Lingering::~Lingering() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Lingering::start(Shard& shard) {
  shard_ = &shard;
  ::shutdown(descriptor_, SHUT_WR);
  watch_ = Watch(shard, std::exchange(descriptor_, -1), *this);
  shard.wheel().arm(*this, shard.now().mono + kLinger);
  watch_.wait_readable();
}

void Lingering::on_readable() {
  if (done_) return;
  const auto buffer = shard_->read_buffer();
  const ssize_t n = ::recv(watch_.descriptor(), buffer.data(), buffer.size(), 0);
  if (n > 0) dropped_ += static_cast<std::size_t>(n);
  const bool waits = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
  if (!waits || dropped_ > kDropBytes) return finish();
  watch_.wait_readable();
}

void Lingering::finish() {
  done_ = true;
  shard_->sweep_soon();
}

}  // namespace confab::net
