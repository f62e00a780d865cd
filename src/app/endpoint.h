// "host:port" as it stands in the configuration's [listen]: an IP address, IPv6 in brackets, and a port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace confab::app {

struct Endpoint {
  std::string host;        // "127.0.0.1", "::1": an IP address without brackets
  std::uint16_t port = 0;  // 0: a free one
  bool operator==(const Endpoint&) const = default;
};

// Errors: bad_payload with the reason. Names are not resolved: an address belongs to this machine or to nobody.
Result<Endpoint> parse_endpoint(std::string_view text);
std::string to_string(const Endpoint& endpoint);

// 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104. `host` without brackets.
bool is_loopback(std::string_view host);

}  // namespace confab::app
