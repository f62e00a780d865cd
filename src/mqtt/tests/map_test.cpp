#include "mqtt/map.h"

#include <doctest/doctest.h>

#include <set>

namespace confab::mqtt {
namespace {

TEST_CASE("mqtt map: the return codes of CONNACK, there and back") {
  for (std::uint8_t code = 0; code <= 5; ++code) {
    const auto reason = reason_of_connack(code);
    REQUIRE(reason);
    CHECK(connack_code(*reason) == code);
  }
  for (unsigned code = 6; code < 256; ++code) CHECK_FALSE(reason_of_connack(static_cast<std::uint8_t>(code)));
}

TEST_CASE("mqtt map: refusals that 3.1.1 has a return code for, and some that it has none for") {
  CHECK(connack_code(Reason::server_busy) == 3);
  CHECK(connack_code(Reason::connection_rate_exceeded) == 3);
  CHECK(connack_code(Reason::banned) == 5);
  CHECK_FALSE(connack_code(Reason::malformed_packet));
  CHECK_FALSE(connack_code(Reason::protocol_error));
  CHECK_FALSE(connack_code(Reason::packet_too_large));
}

TEST_CASE("mqtt map: the return codes of SUBACK") {
  CHECK(suback_code(Reason::success) == 0);
  CHECK(suback_code(Reason::granted_qos_1) == 1);
  CHECK(suback_code(Reason::granted_qos_2) == 2);
  CHECK(suback_code(Reason::not_authorized) == 0x80);
  CHECK(suback_code(Reason::topic_filter_invalid) == 0x80);
}

TEST_CASE("mqtt map: every reason code of §2.4 has a name of its own") {
  std::set<std::string_view> names;
  unsigned known = 0;
  for (unsigned code = 0; code < 256; ++code) {
    const std::string_view name = name_of(static_cast<Reason>(code));
    if (name == "unknown reason") continue;
    ++known;
    names.insert(name);
  }
  CHECK(known == 43);
  CHECK(names.size() == known);
  CHECK(name_of(Reason::not_authorized) == "not authorized");
  CHECK(name_of(Reason{0x03}) == "unknown reason");
}

}  // namespace
}  // namespace confab::mqtt
