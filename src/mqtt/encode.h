// The bodies of control packets (MQTT §3), into a sink that counts or writes.
#pragma once

#include "mqtt/packet.h"
#include "mqtt/sink.h"

namespace confab::mqtt {

void encode_body(Sink& out, const Connect& connect, Level level);
void encode_body(Sink& out, const Connack& connack, Level level);
void encode_body(Sink& out, const Publish& publish, Level level);
void encode_body(Sink& out, const Ack& ack, Level level);
void encode_body(Sink& out, const Subscribe& subscribe, Level level);
void encode_body(Sink& out, const Suback& suback, Level level);
void encode_body(Sink& out, const Unsubscribe& unsubscribe, Level level);
void encode_body(Sink& out, const Unsuback& unsuback, Level level);
void encode_body(Sink& out, const Pingreq& ping, Level level);
void encode_body(Sink& out, const Pingresp& ping, Level level);
void encode_body(Sink& out, const Disconnect& disconnect, Level level);
void encode_body(Sink& out, const Auth& auth, Level level);

// Properties; texts that are empty are not there.
void encode_text(Sink& out, PropertyId id, std::string_view text);
void encode_two_bytes(Sink& out, PropertyId id, std::uint16_t number);
void encode_four_bytes(Sink& out, PropertyId id, std::uint32_t number);
void encode_flag(Sink& out, PropertyId id, bool flag);
void encode_user(Sink& out, const UserProperties& user);
void encode_message(Sink& out, const MessageProperties& message);

}  // namespace confab::mqtt
