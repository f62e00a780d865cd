// Both ends of the Unix socket between confabctl and confabd.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include "app/control.h"
#include "base/result.h"

namespace confab::app {

// Answers one peer at a time, each a process of this very user or of root: the kernel says which (SO_PEERCRED), and
// the socket's mode is 0600. Lives on: its own thread, on which `answer` is called; made and stopped by main's.
class ControlServer {
 public:
  using Answer = std::function<ControlReply(const ControlRequest&)>;

  // A socket left by a killed process is replaced: the caller holds the site's lock. Errors: too_big for a path beyond
  // the kernel's 107 bytes; unavailable.
  static Result<std::unique_ptr<ControlServer>> open(const std::filesystem::path& path, Answer answer);
  ~ControlServer();  // waits for the request under way, then takes the socket away
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  ControlServer(std::filesystem::path path, int listener, int wake, Answer answer);
  void serve();
  void serve_peer(int peer);

  std::filesystem::path path_;
  int listener_;
  int wake_;  // eventfd: readable once stopping
  Answer answer_;
  std::thread thread_;
};

// Asks the running site. not_found: nobody listens there. `limit`: for the whole answer; backups take long.
Result<ControlReply> ask_site(const std::filesystem::path& path, const ControlRequest& request, seconds limit);

}  // namespace confab::app
