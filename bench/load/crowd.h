// Many clients that log in, a bounded number at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client.h"

namespace confab::load {

class Crowd {
 public:
  Crowd(Poller& poller, Site& site) : poller_(poller), site_(site) {}

  Client& add(Account account);
  Client& operator[](std::size_t at) { return *clients_[at]; }
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
  std::vector<std::unique_ptr<Client>> clients_;
};

// As many descriptors as this process may have.
void raise_descriptor_limit();

}  // namespace confab::load
