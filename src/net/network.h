// The site's shards and listeners, as app builds, starts and stops them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/admission.h"
#include "net/shard.h"
#include "net/tcp_listener.h"

namespace confab::net {

struct NetworkOptions {
  std::uint32_t shards = 1;
  PumpLimits limits{};
  std::uint32_t connections_per_address = 1000;  // 0: no limit
  std::uint32_t sessions = 0;                    // connections in all; 0: as many as descriptors allow
};

// Order: construct, serve() for each shard, listen() as often as wanted, start(); listen() works afterwards too.
// Lives on: the thread that made it.
class Network {
 public:
  explicit Network(const NetworkOptions& options);
  ~Network();  // stops, if nobody did

  std::uint32_t size() const { return static_cast<std::uint32_t>(shards_.size()); }
  Shard& shard(std::uint32_t number) { return *shards_[number]; }

  // The domain of one shard; it outlives the Network's threads.
  void serve(std::uint32_t shard, session::Domain& domain);

  // All of its addresses, or none. Returns them as they were bound, in order. Connections are accepted once started.
  Result<std::vector<std::string>> listen(ListenerOptions options);

  void start();

  // Accepts nothing any more; what is there goes on.
  void stop_accepting();

  // Ends every session (CloseReason::shutdown), waits until all are gone, at most `deadline`, and joins the threads.
  void stop(milliseconds deadline);

  std::size_t connections() const { return admission_->total(); }
  std::uint32_t connection_limit() const { return admission_->limit(); }

 private:
  std::vector<Pumps*> all_pumps();

  std::unique_ptr<Admission> admission_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<TcpListener>> listeners_;  // used on shard 0 alone once started
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace confab::net
