// Reason codes and what else says the same: the return codes of 3.1 and 3.1.1, the specification's names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mqtt/packet.h"

namespace confab::mqtt {

// The return code of a CONNACK (3.1.1 §3.2.2.3). nullopt: there is none that says it; then the connection is closed
// without a CONNACK [MQTT-3.2.2-6].
std::optional<std::uint8_t> connack_code(Reason reason);
// nullopt: a code that 3.1.1 reserves.
std::optional<Reason> reason_of_connack(std::uint8_t code);

// The return code of a SUBACK (3.1.1 §3.9.3): the granted QoS, or 0x80 for every failure.
std::uint8_t suback_code(Reason reason);

// The specification's name for it, for logs and reason strings: "not authorized". 0 is "success" in every packet.
std::string_view name_of(Reason reason);

}  // namespace confab::mqtt
