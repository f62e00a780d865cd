// How each piece of an event is written and read. Private to the codec.
#pragma once

#include "core/event_codec.h"

namespace confab::core {

void write(Encoder& out, const std::string& text);
void read(Decoder& in, std::string& text);
void write(Encoder& out, const Address& address);
void read(Decoder& in, Address& address);
void write(Encoder& out, const MsgId& id);
void read(Decoder& in, MsgId& id);
void write(Encoder& out, const MediaLink& media);
void read(Decoder& in, MediaLink& media);
void write(Encoder& out, const Message& m);
void read(Decoder& in, Message& m);
void write(Encoder& out, const Edit& edit);
void read(Decoder& in, Edit& edit);
void write(Encoder& out, const Recall& recall);
void read(Decoder& in, Recall& recall);
void write(Encoder& out, const Receipt& receipt);
void read(Decoder& in, Receipt& receipt);
void write(Encoder& out, const ReadMarker& marker);
void read(Decoder& in, ReadMarker& marker);
void write(Encoder& out, const ChatState& state);
void read(Decoder& in, ChatState& state);
void write(Encoder& out, const Reaction& reaction);
void read(Decoder& in, Reaction& reaction);
void write(Encoder& out, const Presence& presence);
void read(Decoder& in, Presence& presence);
void write(Encoder& out, const PresenceProbe&);
void read(Decoder&, PresenceProbe&);
void write(Encoder& out, const Opaque&);
void read(Decoder&, Opaque&);
void write(Encoder& out, const Subscription& subscription);
void read(Decoder& in, Subscription& subscription);
void write(Encoder& out, const RosterItem& item);
void read(Decoder& in, RosterItem& item);
void write(Encoder& out, const RosterChange& change);
void read(Decoder& in, RosterChange& change);
void write(Encoder& out, const BlockChange& change);
void read(Decoder& in, BlockChange& change);
void write(Encoder& out, const GroupChange& change);
void read(Decoder& in, GroupChange& change);
void write(Encoder& out, const Bounce& bounce);
void read(Decoder& in, Bounce& bounce);
void write(Encoder& out, const Withdrawn& withdrawn);
void read(Decoder& in, Withdrawn& withdrawn);
void write(Encoder& out, const Published& published);
void read(Decoder& in, Published& published);
void write(Encoder& out, const Listening& listening);
void read(Decoder& in, Listening& listening);

template <class Item>
void write_list(Encoder& out, std::uint8_t tag, const std::vector<Item>& items) {
  for (const Item& item : items) {
    out.byte(tag);
    write(out, item);
  }
}
template <class Item>
void read_item(Decoder& in, std::vector<Item>& items) {
  read(in, items.emplace_back());
}
template <class Value>
void write_field(Encoder& out, std::uint8_t tag, const Value& value) {
  if (value == Value{}) return;
  out.byte(tag);
  write(out, value);
}
template <class Enum>
void write_enum(Encoder& out, std::uint8_t tag, Enum value) {
  out.number_field(tag, static_cast<std::uint64_t>(value));
}
inline void write_flag(Encoder& out, std::uint8_t tag, bool value) {
  if (value) out.byte(tag);
}

}  // namespace confab::core
