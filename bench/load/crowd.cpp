#include "crowd.h"

#include <sys/resource.h>

#include <algorithm>

namespace confab::load {

Client& Crowd::add(Account account) {
  clients_.push_back(std::make_unique<Client>(poller_, site_, std::move(account)));
  return *clients_.back();
}

std::string Crowd::open(long parallel, Clock::time_point limit) {
  std::size_t next = 0;
  std::vector<Client*> connecting;
  std::string failure;
  const auto go_on = [&] {
    std::erase_if(connecting, [&](const Client* client) {
      if (client->state() == Client::State::failed && failure.empty()) failure = client->failure();
      return client->state() != Client::State::connecting;
    });
    while (failure.empty() && next < clients_.size() && static_cast<long>(connecting.size()) < parallel) {
      connecting.push_back(clients_[next++].get());
      connecting.back()->open();
    }
    return !failure.empty() || connecting.empty();
  };
  if (!poller_.run_until(go_on, limit) && failure.empty()) {
    failure = "only " + std::to_string(next - connecting.size()) + " of " + std::to_string(clients_.size()) +
              " clients are ready";
  }
  return failure;
}

void Crowd::end() {
  for (const auto& client : clients_) client->end();
  const auto closed = [&] {
    return std::none_of(clients_.begin(), clients_.end(),
                        [](const auto& client) { return client->state() == Client::State::closing; });
  };
  poller_.run_until(closed, Clock::now() + std::chrono::seconds(5));
}

std::string Crowd::failure() const {
  for (const auto& client : clients_) {
    if (client->state() == Client::State::failed) return client->failure();
  }
  return {};
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace confab::load
