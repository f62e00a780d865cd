#include "mqtt/protocol.h"

#include "mqtt/im_profile.h"
#include "mqtt/open_profile.h"
#include "mqtt/session.h"

namespace confab::mqtt {

std::unique_ptr<session::Session> make_im_session(const Site& site) {
  return std::make_unique<Session>(site, &ImProfile::make, false, std::uint16_t{0});
}

std::unique_ptr<session::Session> make_open_session(const Site& site) {
  return std::make_unique<Session>(site, &OpenProfile::make, site.config.anonymous, site.config.keep_alive_max);
}

}  // namespace confab::mqtt
