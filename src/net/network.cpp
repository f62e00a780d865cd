#include "net/network.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace confab::net {

Network::Network(const NetworkOptions& options)
    : admission_(std::make_unique<Admission>(options.connections_per_address, options.sessions)) {
  const std::uint32_t count = std::max(1U, options.shards);
  for (std::uint32_t i = 0; i < count; ++i) shards_.push_back(std::make_unique<Shard>(i, options.limits));
}

Network::~Network() {
  stop(milliseconds(0));
}

std::vector<Pumps*> Network::all_pumps() {
  std::vector<Pumps*> all;
  for (const auto& shard : shards_) all.push_back(&shard->pumps());
  return all;
}

void Network::serve(std::uint32_t shard, session::Domain& domain) {
  shards_[shard]->pumps().serve(domain, all_pumps());
}

Result<std::vector<std::string>> Network::listen(ListenerOptions options) {
  std::vector<Bound> bound;
  for (const std::string& address : options.addresses) {
    auto one = bind_tcp(address);
    if (!one) {
      for (const Bound& done : bound) ::close(done.descriptor);
      return fail(std::move(one.error()));
    }
    bound.push_back(std::move(*one));
  }
  std::vector<std::string> addresses;
  std::vector<Shard*> shards;
  for (const auto& shard : shards_) shards.push_back(shard.get());
  const auto shared = std::make_shared<const ListenerOptions>(std::move(options));
  for (const Bound& one : bound) {
    addresses.push_back(one.address);
    shards_[0]->post([this, shards, shared, descriptor = one.descriptor] {
      Shard& home = *shards_[0];
      if (home.stopping()) return void(::close(descriptor));
      listeners_.push_back(std::make_unique<TcpListener>(descriptor, shared, shards, *admission_, home));
    });
  }
  return addresses;
}

void Network::start() {
  if (std::exchange(started_, true)) return;
  for (const auto& shard : shards_) shard->start();
}

void Network::stop_accepting() {
  shards_[0]->post([this] { listeners_.clear(); });
}

void Network::stop(milliseconds deadline) {
  if (std::exchange(stopped_, true)) return;
  if (started_) {
    stop_accepting();
    for (const auto& shard : shards_) shard->stop(deadline);
    for (const auto& shard : shards_) shard->join();
  }
  listeners_.clear();
}

}  // namespace confab::net
