// The simulated network: connections whose bytes are delayed, cut into pieces, and lost with the connection.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "session/stream.h"
#include "sim/world.h"

namespace confab::sim {

// One TCP connection between a client and a site, both ends. What is under way when it is cut is lost; before that
// nothing is lost, doubled or reordered. Lives on: the world's one thread.
class Wire : public std::enable_shared_from_this<Wire> {
 public:
  explicit Wire(World& world) : world_(world) {}

  // ---- The client's end. ----
  std::function<void(std::string_view)> on_bytes;
  std::function<void()> on_closed;
  void send(std::string_view bytes);
  void close();  // orderly
  // The line is dead, and each side learns of it some time later, on its own.
  void cut();

  // ---- The site's end. ----
  std::unique_ptr<session::Stream> make_stream(Loop& loop);

 private:
  class End;
  void tell_client_closed();
  void to_server(std::string bytes);
  void flush_to_server();
  std::int64_t later(std::int64_t& last_us, std::int64_t spread_us);

  World& world_;
  End* end_ = nullptr;  // null: the site's end is gone
  bool dead_ = false;   // cut: nothing gets through
  bool client_gone_ = false;
  bool reading_ = false;
  bool server_told_ = false;
  std::deque<std::string> inbound_;  // arrived at the site, not read yet
  std::int64_t last_up_us_ = 0;
  std::int64_t last_down_us_ = 0;
  std::size_t under_way_ = 0;  // bytes toward the client
};

}  // namespace confab::sim
