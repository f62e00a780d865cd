#include "xmpp/protocol.h"

#include "xmpp/session.h"

namespace confab::xmpp {

std::unique_ptr<Site> make_site(Config config, std::function<Now()> now, RandomBytes random,
                                session::LoginLimits* limits) {
  auto site = std::make_unique<Site>();
  site->config = std::move(config);
  site->now = std::move(now);
  site->random = std::move(random);
  site->limits = limits;
  site->caps = std::make_unique<CapsCache>(site->config.caps_cached);
  install_all(site->extensions);
  return site;
}

std::unique_ptr<session::Session> make_session(const Site& site) {
  return std::make_unique<Session>(site);
}

}  // namespace confab::xmpp
