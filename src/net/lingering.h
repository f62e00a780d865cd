// A connection whose session has said its last word: closed once the peer has had time to read it.
#pragma once

#include "base/timer_wheel.h"
#include "net/admission.h"
#include "net/watch.h"

namespace confab::net {

// A descriptor that is closed while received bytes are unread resets the connection, and the peer loses the goodbye.
// So it reads and drops until the peer closes, within limits. Lives on: the shard.
class Lingering final : private Watcher, private Timer {
 public:
  Lingering(int descriptor, Ticket ticket);
  ~Lingering() override;

  void start(Shard& shard);
  bool done() const { return done_; }

 private:
  void on_readable() override;
  void on_writable() override {}
  void finish();

  int descriptor_;
  Ticket ticket_;
  Watch watch_;
  Shard* shard_ = nullptr;
  std::size_t dropped_ = 0;
  bool done_ = false;
};

}  // namespace confab::net
