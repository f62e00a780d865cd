// The pumps of one shard: finds them by number and by token, flushes them once per turn, hands them to other shards.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/loop.h"
#include "base/timer_wheel.h"
#include "net/counters.h"
#include "net/pump.h"
#include "session/domain.h"

namespace confab::net {

struct PumpLimits {
  std::size_t queue_bytes = 1048576;  // of output; beyond it a slow reader is closed
  std::size_t high_water = 131072;    // of output; beyond it nothing more is read from the peer
  std::size_t low_water = 16384;      // of output; on_flushed follows when it was passed, and reading goes on below it
  milliseconds linger{5000};          // for the last bytes to leave after close, and for a goodbye after end()
};

// Free of sockets. The owner calls flush() at the end of each turn of its loop, and turns again without waiting while
// busy(). Lives on: its shard; in tests and in the simulator, their one thread.
class Pumps final : public session::Connections {
 public:
  Pumps(std::uint32_t shard, Loop& loop, TimerWheel& wheel, PumpLimits limits);
  ~Pumps() override;

  // Before the first connection. `peers`: every shard's pumps by number, this one's too; the same length of life.
  void serve(session::Domain& domain, std::vector<Pumps*> peers);

  // A new connection: on_open is called before this returns.
  session::ConnectionId open(std::unique_ptr<session::Stream> stream, std::unique_ptr<session::Session> session,
                             session::PeerInfo peer);

  void deliver(session::ConnectionId to, const core::Delivery& delivery) override;
  void deliver(session::ConnectionId to, const core::TopicDelivery& delivery) override;
  void reply(session::ConnectionId to, session::RequestId request, const core::Reply& reply) override;
  void end(session::ConnectionId connection, session::CloseReason reason) override;

  void end_all(session::CloseReason reason);
  void abort_all(session::CloseReason reason);

  void flush();
  bool busy() const { return !dirty_.empty() || !leaving_.empty() || !dead_.empty() || !dead_streams_.empty(); }
  std::size_t size() const { return size_; }  // connections and kept sessions

  std::uint32_t shard() const { return shard_; }
  Loop& loop() { return loop_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }

  // What follows is for Pump alone.
  TimerWheel& wheel() { return wheel_; }
  const PumpLimits& limits() const { return limits_; }
  session::Domain& domain() { return *domain_; }
  session::ConnectionId id_of(const Pump& pump) const { return {shard_, pump.number()}; }
  std::size_t shards() const { return peers_.size(); }
  void mark_dirty(const Pump& pump) { dirty_.push_back(pump.number()); }
  void mark_leaving(const Pump& pump) { leaving_.push_back(pump.number()); }
  void bury(std::unique_ptr<session::Stream> stream);  // destroyed after this turn: it may be what calls
  void remove(const Pump& pump);                       // likewise
  void put_token(const Pump& pump);
  void drop_token(const Pump& pump);
  Pump* find_token(const std::string& token) const;
  std::string take_buffer();
  void give_back(std::string buffer);
  std::string& waste();  // empty; for output that nobody will read

 private:
  struct Slot {
    std::unique_ptr<Pump> pump;
    std::uint32_t generation = 0;
  };

  std::uint64_t add(std::unique_ptr<Pump> pump);
  std::unique_ptr<Pump> take_out(std::uint64_t number);
  Pump* find(session::ConnectionId id) const;
  Pump* find(std::uint64_t number) const;
  void send_away(std::uint64_t number);
  void adopt(std::unique_ptr<Pump> pump);

  std::uint32_t shard_;
  Loop& loop_;
  TimerWheel& wheel_;
  PumpLimits limits_;
  session::Domain* domain_ = nullptr;
  std::vector<Pumps*> peers_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
  std::unordered_map<std::string, std::uint64_t> tokens_;
  std::vector<std::uint64_t> dirty_, flushing_, leaving_;
  std::vector<std::unique_ptr<Pump>> dead_;
  std::vector<std::unique_ptr<session::Stream>> dead_streams_;
  std::vector<std::string> buffers_;
  std::string waste_;
  bool ending_ = false;  // end_all() was called: what arrives is ended too
  session::CloseReason ending_reason_ = session::CloseReason::shutdown;
  Counters counters_;
};

}  // namespace confab::net
