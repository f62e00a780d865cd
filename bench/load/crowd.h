// Many clients that log in, a bounded number at a time.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "client.h"

namespace confab::load {

// `AnyClient`: Client or MqttClient.
template <class AnyClient>
class CrowdOf {
 public:
  using Site = typename AnyClient::SiteType;

  CrowdOf(Poller& poller, Site& site) : poller_(poller), site_(site) {}

  AnyClient& add(Account account);
  AnyClient& operator[](std::size_t at) { return *clients_[at]; }
  std::size_t size() const { return clients_.size(); }

  // Opens all; `parallel` at a time. Empty, or why one of them failed.
  std::string open(long parallel, Clock::time_point limit);

  // Ends the streams, and waits a moment for the server to do the same.
  void end();

  // The failure of a client that was ready once; empty if there is none.
  std::string failure() const;

 private:
  Poller& poller_;
  Site& site_;
  std::vector<std::unique_ptr<AnyClient>> clients_;
};

using Crowd = CrowdOf<Client>;

// As many descriptors as this process may have.
void raise_descriptor_limit();

template <class AnyClient>
AnyClient& CrowdOf<AnyClient>::add(Account account) {
  clients_.push_back(std::make_unique<AnyClient>(poller_, site_, std::move(account)));
  return *clients_.back();
}

template <class AnyClient>
std::string CrowdOf<AnyClient>::open(long parallel, Clock::time_point limit) {
  std::size_t next = 0;
  std::vector<AnyClient*> connecting;
  std::string first_failure;
  const auto go_on = [&] {
    std::erase_if(connecting, [&](const AnyClient* client) {
      if (client->state() == ClientState::failed && first_failure.empty()) first_failure = client->failure();
      return client->state() != ClientState::connecting;
    });
    while (first_failure.empty() && next < clients_.size() && static_cast<long>(connecting.size()) < parallel) {
      connecting.push_back(clients_[next++].get());
      connecting.back()->open();
    }
    return !first_failure.empty() || connecting.empty();
  };
  if (!poller_.run_until(go_on, limit) && first_failure.empty()) {
    first_failure = "only " + std::to_string(next - connecting.size()) + " of " + std::to_string(clients_.size()) +
                    " clients are ready";
  }
  return first_failure;
}

template <class AnyClient>
void CrowdOf<AnyClient>::end() {
  for (const auto& client : clients_) client->end();
  const auto closed = [&] {
    return std::none_of(clients_.begin(), clients_.end(),
                        [](const auto& client) { return client->state() == ClientState::closing; });
  };
  poller_.run_until(closed, Clock::now() + std::chrono::seconds(5));
}

template <class AnyClient>
std::string CrowdOf<AnyClient>::failure() const {
  for (const auto& client : clients_) {
    if (client->state() == ClientState::failed) return client->failure();
  }
  return {};
}

}  // namespace confab::load
