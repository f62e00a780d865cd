// XMPP as the server's wiring sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "session/session.h"
#include "xmpp/site.h"

namespace confab::xmpp {

struct Protocol {
  std::string_view name = "xmpp";
  std::uint16_t port = 5222;      // STARTTLS
  std::uint16_t tls_port = 5223;  // direct TLS (XEP-0368)
  std::string_view alpn = "xmpp-client";
};
inline constexpr Protocol kProtocol{};

// A site with every extension installed. `config.domain` is prepared. `limits` may be null.
std::unique_ptr<Site> make_site(Config config, std::function<Now()> now, RandomBytes random,
                                session::LoginLimits* limits);

// `site` outlives the session.
std::unique_ptr<session::Session> make_session(const Site& site);

}  // namespace confab::xmpp
