// Leaving HTTP for WebSocket: which paths offer it, and whether a request asks rightly (RFC 6455 §4.2).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/request_parser.h"
#include "session/session.h"

namespace confab::http {

// Immutable once served; used on every shard.
struct UpgradeRoute {
  std::string path;                       // "/mqtt"
  std::vector<std::string> subprotocols;  // the client offers one of them; empty: it need not
  // The session that goes on, on a connection of bytes. Called on the connection's shard.
  std::function<std::unique_ptr<session::Session>()> make_session;
};
using Upgrades = std::vector<UpgradeRoute>;
inline const Upgrades kNoUpgrades{};

// What a request to a route is answered.
struct Handshake {
  int status = 101;         // 400: malformed; 426: it does not ask for WebSocket, or for another version
  std::string accept;       // Sec-WebSocket-Accept
  std::string subprotocol;  // of those offered the client's first choice; empty: the route has none
};

// For GET. The Origin is not looked at (§10.2): it guards what a browser proves by cookies, and there are none; who
// connects has to log in, from whatever page.
Handshake answer_handshake(const Request& request, const UpgradeRoute& route);

}  // namespace confab::http
