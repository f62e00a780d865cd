#include "poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace confab::load {
namespace {

void control(int poller, int operation, int descriptor, std::uint32_t events, Watched* watched) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watched;
  if (epoll_ctl(poller, operation, descriptor, &event) != 0) {
    std::perror("confab-load: epoll_ctl");
    std::exit(1);
  }
}

}  // namespace

Poller::Poller() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {
  if (descriptor_ < 0) {
    std::perror("confab-load: epoll_create1");
    std::exit(1);
  }
}

Poller::~Poller() {
  close(descriptor_);
}

void Poller::add(int descriptor, std::uint32_t events, Watched& watched) const {
  control(descriptor_, EPOLL_CTL_ADD, descriptor, events, &watched);
}

void Poller::change(int descriptor, std::uint32_t events, Watched& watched) const {
  control(descriptor_, EPOLL_CTL_MOD, descriptor, events, &watched);
}

void Poller::remove(int descriptor) const {
  control(descriptor_, EPOLL_CTL_DEL, descriptor, 0, nullptr);
}

void Poller::forget(Watched& watched) {
  std::replace(ending_.begin(), ending_.end(), &watched, static_cast<Watched*>(nullptr));
}

void Poller::turn(std::chrono::milliseconds wait) {
  end_turn();  // what was sent outside a turn
  std::array<epoll_event, 512> events;
  const int count =
      epoll_wait(descriptor_, events.data(), static_cast<int>(events.size()), static_cast<int>(wait.count()));
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<Watched*>(event.data.ptr)->on_ready(event.events);
  }
  end_turn();
}

// Ending may send more: by index, until nothing is left.
void Poller::end_turn() {
  for (std::size_t i = 0; i < ending_.size(); ++i) {
    if (ending_[i] != nullptr) ending_[i]->on_turn_end();
  }
  ending_.clear();
}

}  // namespace confab::load
