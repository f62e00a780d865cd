// The verbs of confabctl: the same code inside a running site and, on a stopped one, inside confabctl.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/blocking_loop.h"
#include "app/config.h"
#include "app/site_files.h"
#include "engine/ports.h"

namespace confab::app {

// `args`: the command line without the program's own options, e.g. {"user", "add", "alice", "--password-stdin"};
// "--json" may stand anywhere. `input`: what the verb reads: a password, or the rows of an import.
struct ControlRequest {
  std::vector<std::string> args;
  std::string input;
};

inline constexpr int kExitDone = 0;
inline constexpr int kExitRefused = 1;
inline constexpr int kExitUsage = 2;

// `out` and `err` are written as they are to stdout and stderr.
struct ControlReply {
  int exit = kExitDone;
  std::string out;
  std::string err;
};

enum class AccountChange : std::uint8_t { created, credentials, disabled, enabled };

struct SessionLine {
  Address account;  // full
  std::string wire;
  std::string peer;  // IP address
  WallMs since;
};

// What only a running site can do. Called on the control's thread; each call may block until the shards have answered.
class LiveSite {
 public:
  virtual ~LiveSite() = default;

  // After the change is durable. Disabled: its sessions are ended. Credentials: nothing old is remembered.
  virtual void account_changed(Uid uid, const Address& account, AccountChange change) = 0;
  // Ends the sessions, tells the friends, drops the account (core::RemoveAccount). Durable when it returns.
  virtual Result<> remove_account(const Address& account, bool retire) = 0;
  virtual Result<std::vector<SessionLine>> list_sessions() = 0;
  virtual std::string metrics() = 0;
  // Reads configuration and certificates again, as SIGHUP does.
  virtual Result<> reload() = 0;
  // Name and bound address of every listener: {"xmpp", "127.0.0.1:5222"}.
  virtual std::vector<std::pair<std::string, std::string>> listeners() = 0;
};

// Everything that verbs work on. What is null makes the verbs that need it refuse.
struct ControlPorts {
  const Config* config = nullptr;  // never null
  engine::Store* store = nullptr;
  engine::Passwords* passwords = nullptr;
  SiteFiles* files = nullptr;
  LiveSite* live = nullptr;  // null: the site is stopped
};

// Runs one request after the other. Lives on: the control's thread, which owns `loop`.
class Control {
 public:
  Control(ControlPorts ports, BlockingLoop& loop) : ports_(ports), loop_(loop) {}

  ControlReply run(const ControlRequest& request);

 private:
  ControlPorts ports_;
  BlockingLoop& loop_;
};

}  // namespace confab::app
