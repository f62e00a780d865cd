#include "net/watch.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/shard.h"

namespace confab::net {

// Outlives its Watch until the reactor has let go of it: a cancelled wait is still reported, to nobody.
struct Watch::State {
  State(boost::asio::io_context& io, int fd, Watcher& who) : descriptor(io), watcher(&who) {
    boost::system::error_code failed;
    descriptor.assign(fd, failed);
    // Then each wait reports at once, and the use of no descriptor (-1) fails.
    if (failed) ::close(fd);
  }
  boost::asio::posix::stream_descriptor descriptor;
  Watcher* watcher;
  bool reading = false;
  bool writing = false;
  bool called = false;
};

Watch::Watch(Shard& shard, int descriptor, Watcher& watcher)
    : state_(std::make_shared<State>(shard.io(), descriptor, watcher)) {}

Watch& Watch::operator=(Watch&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Watch::~Watch() {
  if (!state_) return;
  state_->watcher = nullptr;
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

int Watch::descriptor() const {
  return state_->descriptor.native_handle();
}

void Watch::wait_readable() {
  if (std::exchange(state_->reading, true)) return;
  state_->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                [state = state_](const boost::system::error_code&) {
                                  state->reading = false;
                                  if (state->watcher != nullptr) state->watcher->on_readable();
                                });
}

void Watch::wait_writable() {
  if (std::exchange(state_->writing, true)) return;
  state_->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                                [state = state_](const boost::system::error_code&) {
                                  state->writing = false;
                                  if (state->watcher != nullptr) state->watcher->on_writable();
                                });
}

void Watch::soon() {
  if (std::exchange(state_->called, true)) return;
  boost::asio::post(state_->descriptor.get_executor(), [state = state_] {
    state->called = false;
    if (state->watcher != nullptr) state->watcher->on_readable();
  });
}

int Watch::release() {
  if (!state_) return -1;
  state_->watcher = nullptr;
  const int descriptor = state_->descriptor.release();
  state_.reset();
  return descriptor;
}

}  // namespace confab::net
