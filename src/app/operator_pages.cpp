#include "app/operator_pages.h"

namespace confab::app {

http::Page OperatorPages::get(std::string_view path, const session::PeerInfo& peer) {
  constexpr const char* kText = "text/plain; charset=utf-8";
  if (path == "/healthz") return {200, kText, "ok\n"};
  if (path == "/readyz") return ready_() ? http::Page{200, kText, "ready\n"} : http::Page{503, kText, "not ready\n"};
  if (path == "/version")
    return {200, "application/json", "{\"name\":\"confab\",\"version\":\"" CONFAB_VERSION "\"}\n"};
  if (path != "/metrics") return {};
  if (!peer.loopback) return {403, kText, "only for this machine\n"};
  return {200, Metrics::kContentType, metrics_.exposition()};
}

}  // namespace confab::app
