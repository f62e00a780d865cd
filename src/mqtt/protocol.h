// MQTT as the server's wiring sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "mqtt/site.h"
#include "session/session.h"

namespace confab::mqtt {

struct Protocol {
  std::string_view name = "mqtt";
  std::uint16_t port = 1883;
  std::uint16_t tls_port = 8883;
  std::string_view alpn = "mqtt";
};
inline constexpr Protocol kProtocol{};

// `site` outlives the session. The account's conversations; free topics.
std::unique_ptr<session::Session> make_im_session(const Site& site);
std::unique_ptr<session::Session> make_open_session(const Site& site);

}  // namespace confab::mqtt
