#include "app/endpoint.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace confab::app {
namespace {

bool is_v6(const std::string& host) {
  in6_addr parsed{};
  return inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

bool is_v4(const std::string& host) {
  in_addr parsed{};
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto quoted = [text] { return "\"" + std::string(text) + "\": "; };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail(Errc::bad_payload, quoted() + "no port");
  const std::string_view port = text.substr(colon + 1);
  std::string host(text.substr(0, colon));

  Endpoint endpoint;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) {
    return fail(Errc::bad_payload, quoted() + "the port is a number from 0 to 65535");
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.find('\0') != std::string::npos || !(bracketed ? is_v6(host) : is_v4(host))) {
    return fail(Errc::bad_payload, quoted() + "wanted \"IPv4:port\" or \"[IPv6]:port\"");
  }
  endpoint.host = std::move(host);
  return endpoint;
}

std::string to_string(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

bool is_loopback(std::string_view host) {
  const std::string text(host);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

}  // namespace confab::app
