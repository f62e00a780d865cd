// Which reason codes a packet of MQTT 5.0 may carry.
#pragma once

#include "mqtt/fixed_header.h"

namespace confab::mqtt {

// Tables 3-1 (CONNACK), 3-4 (PUBACK), 3-5 (PUBREC), 3-6 (PUBREL), 3-7 (PUBCOMP), 3-8 (SUBACK), 3-9 (UNSUBACK), 3-10
// (DISCONNECT) and 3-11 (AUTH); in the last two some are for one side alone.
bool may_say(Type type, Reason reason, From from);

}  // namespace confab::mqtt
