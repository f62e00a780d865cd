// The bodies of control packets (MQTT §3): what is behind the fixed header.
#pragma once

#include "mqtt/cursor.h"
#include "mqtt/fixed_header.h"
#include "mqtt/packet.h"

namespace confab::mqtt {

// How the stream that a packet comes from is read.
struct Mode {
  Level level = Level::v5;
  From from = From::client;
};

// What the packet says; worthless when `in` is not good afterwards, but for the level of a CONNECT, in whose form the
// refusal is written. The header has passed judge().
Packet decode_body(const FixedHeader& header, Cursor& in, const Mode& mode);

// §3.1. While the version is not known, the level is 3.1.1, which has no CONNACK for a malformed packet.
Connect decode_connect(const FixedHeader& header, Cursor& in);
Connack decode_connack(Cursor& in, Level level);

// A reason code that the packet may carry; others are a protocol error.
Reason decode_reason(Cursor& in, Type type, From from);
PacketId decode_packet_id(Cursor& in);
// §3.3.2.1: of a PUBLISH or a will.
void check_topic_name(Cursor& in, std::string_view topic);

}  // namespace confab::mqtt
