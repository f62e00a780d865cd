#include "http/upgrades.h"

#include <algorithm>

#include "auth/hash.h"
#include "base/bytes.h"

namespace confab::http {
namespace {

// RFC 6455 §4.2.2.
std::string accept_of(const std::string& key) {
  static constexpr std::string_view kWebSocket = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return encode_base64(auth::digest(auth::Hash::sha1, key + std::string(kWebSocket)));
}

// §4.1: 16 bytes in base64.
bool is_key(const std::string& text) {
  const auto bytes = decode_base64(text);
  return bytes && bytes->size() == 16;
}

std::string choose(const Request& request, const std::vector<std::string>& ours) {
  for (const std::string_view theirs : request.list("sec-websocket-protocol")) {
    if (std::find(ours.begin(), ours.end(), theirs) != ours.end()) return std::string(theirs);
  }
  return {};
}

}  // namespace

// HTTP/1.0 has no Upgrade (RFC 9110 §7.8). A proxy that drops it, or speaks 1.0, is told by 426 what is missing.
Handshake answer_handshake(const Request& request, const UpgradeRoute& route) {
  const bool asks =
      request.minor >= 1 && request.lists("upgrade", "websocket") && request.lists("connection", "upgrade");
  const std::string* version = request.find("sec-websocket-version");
  if (!asks || version == nullptr || *version != "13") return {426, {}, {}};
  const std::string* key = request.find("sec-websocket-key");
  const bool once = request.count("sec-websocket-key") == 1 && request.count("sec-websocket-version") == 1;
  if (!once || !is_key(*key)) return {400, {}, {}};
  Handshake handshake{101, accept_of(*key), choose(request, route.subprotocols)};
  if (handshake.subprotocol.empty() && !route.subprotocols.empty()) handshake.status = 400;
  return handshake;
}

}  // namespace confab::http
