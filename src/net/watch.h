// Readiness of one descriptor, as the shard's reactor reports it.
#pragma once

#include <memory>

namespace confab::net {

class Shard;

// Who is told. Nobody is told after the Watch was destroyed or released. Lives on: the shard.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
};

// Owns the descriptor. Each wait is for one report; waiting again while one is under way changes nothing.
// Lives on: the shard.
class Watch {
 public:
  Watch() = default;
  Watch(Shard& shard, int descriptor, Watcher& watcher);
  Watch(Watch&&) noexcept = default;
  Watch& operator=(Watch&& other) noexcept;
  ~Watch();

  explicit operator bool() const { return state_ != nullptr; }
  int descriptor() const;
  void wait_readable();
  void wait_writable();
  // on_readable in the next turn, whatever the descriptor says.
  void soon();
  // Gives the descriptor back; -1 if there was none.
  int release();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace confab::net
