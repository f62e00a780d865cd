#include "core/event_fields.h"

#include <limits>

namespace confab::core {

void write(Encoder& out, const std::string& text) {
  out.text(text);
}
void read(Decoder& in, std::string& text) {
  text = in.text();
}
void write(Encoder& out, const Address& address) {
  out.text(address.local);
  out.text(address.domain);
  out.text(address.resource);
}
void read(Decoder& in, Address& address) {
  address.local = in.text();
  address.domain = in.text();
  address.resource = in.text();
}
void write(Encoder& out, const MsgId& id) {
  out.raw(as_text(id));
}
void read(Decoder& in, MsgId& id) {
  const std::string_view raw = in.raw(id.bytes.size());
  for (std::size_t i = 0; i < raw.size(); ++i) id.bytes[i] = static_cast<unsigned char>(raw[i]);
}

void write(Encoder& out, const MediaLink& media) {
  out.text_field(1, media.url);
  out.text_field(2, media.mime);
  out.text_field(3, media.name);
  out.number_field(4, media.size);
  out.text_field(5, media.sha256);
  out.number_field(6, media.width);
  out.number_field(7, media.height);
  out.number_field(8, media.duration_ms);
  out.end();
}
void read(Decoder& in, MediaLink& media) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        media.url = in.text();
        break;
      case 2:
        media.mime = in.text();
        break;
      case 3:
        media.name = in.text();
        break;
      case 4:
        media.size = in.varint();
        break;
      case 5:
        media.sha256 = in.text();
        break;
      case 6:
        media.width = static_cast<std::uint32_t>(in.number(kMax));
        break;
      case 7:
        media.height = static_cast<std::uint32_t>(in.number(kMax));
        break;
      case 8:
        media.duration_ms = static_cast<std::uint32_t>(in.number(kMax));
        break;
      default:
        return in.refuse("media: unknown field");
    }
  }
}

void write(Encoder& out, const Message& m) {
  write_enum(out, 1, m.kind);
  write_list(out, 2, m.bodies);
  write_list(out, 3, m.subjects);
  out.text_field(4, m.thread);
  out.text_field(5, m.re);
  write_list(out, 6, m.media);
  out.text_field(7, m.app.app);
  out.text_field(8, m.app.data);
  write_enum(out, 9, m.wants);
  write_flag(out, 10, !m.keep);
  out.end();
}
void read(Decoder& in, Message& m) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        m.kind = in.one_of(Message::Kind::group);
        break;
      case 2:
        read_item(in, m.bodies);
        break;
      case 3:
        read_item(in, m.subjects);
        break;
      case 4:
        m.thread = in.text();
        break;
      case 5:
        m.re = in.text();
        break;
      case 6:
        read_item(in, m.media);
        break;
      case 7:
        m.app.app = in.text();
        break;
      case 8:
        m.app.data = in.text();
        break;
      case 9:
        m.wants = in.one_of(Ask::delivered | Ask::read | Ask::played);
        break;
      case 10:
        m.keep = false;
        break;
      default:
        return in.refuse("message: unknown field");
    }
  }
}

void write(Encoder& out, const Edit& edit) {
  out.text(edit.about);
  write(out, edit.content);
}
void read(Decoder& in, Edit& edit) {
  edit.about = in.text();
  read(in, edit.content);
}

void write(Encoder& out, const Recall& recall) {
  out.text(recall.about);
}
void read(Decoder& in, Recall& recall) {
  recall.about = in.text();
}

void write(Encoder& out, const Receipt& receipt) {
  write_enum(out, 1, receipt.kind);
  write_list(out, 2, receipt.about);
  out.end();
}
void read(Decoder& in, Receipt& receipt) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        receipt.kind = in.one_of(Receipt::Kind::played);
        break;
      case 2:
        read_item(in, receipt.about);
        break;
      default:
        return in.refuse("receipt: unknown field");
    }
  }
}

void write(Encoder& out, const ReadMarker& marker) {
  write(out, marker.conversation);
  write(out, marker.upto);
}
void read(Decoder& in, ReadMarker& marker) {
  read(in, marker.conversation);
  read(in, marker.upto);
}

void write(Encoder& out, const ChatState& state) {
  out.varint(static_cast<std::uint64_t>(state.state));
  out.text(state.thread);
}
void read(Decoder& in, ChatState& state) {
  state.state = in.one_of(ChatState::State::gone);
  state.thread = in.text();
}

void write(Encoder& out, const Reaction& reaction) {
  out.text_field(1, reaction.about);
  write_list(out, 2, reaction.set);
  out.end();
}
void read(Decoder& in, Reaction& reaction) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        reaction.about = in.text();
        break;
      case 2:
        read_item(in, reaction.set);
        break;
      default:
        return in.refuse("reaction: unknown field");
    }
  }
}

void write(Encoder& out, const Presence& presence) {
  write_enum(out, 1, presence.status);
  out.signed_field(2, presence.priority);
  write_list(out, 3, presence.signature);
  out.text_field(4, presence.listening);
  out.signed_field(5, presence.since.ms);
  out.text_field(6, presence.avatar);
  out.end();
}
void read(Decoder& in, Presence& presence) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        presence.status = in.one_of(Status::busy);
        break;
      case 2: {
        const std::int64_t priority = in.signed_varint();
        if (priority < -128 || priority > 127) return in.refuse("presence: priority out of range");
        presence.priority = static_cast<int>(priority);
        break;
      }
      case 3:
        read_item(in, presence.signature);
        break;
      case 4:
        presence.listening = in.text();
        break;
      case 5:
        presence.since.ms = in.signed_varint();
        break;
      case 6:
        presence.avatar = in.text();
        break;
      default:
        return in.refuse("presence: unknown field");
    }
  }
}

void write(Encoder&, const PresenceProbe&) {}
void read(Decoder&, PresenceProbe&) {}
void write(Encoder&, const Opaque&) {}
void read(Decoder&, Opaque&) {}

void write(Encoder& out, const Bounce& bounce) {
  out.byte(bounce.code);
  out.text(bounce.about);
}
void read(Decoder& in, Bounce& bounce) {
  bounce.code = in.byte();
  bounce.about = in.text();
}

void write(Encoder& out, const Withdrawn& withdrawn) {
  write_enum(out, 1, withdrawn.kind);
  write_field(out, 2, withdrawn.by);
  out.text_field(3, withdrawn.name);
  out.signed_field(4, withdrawn.at.ms);
  out.text_field(5, withdrawn.about);
  out.end();
}
void read(Decoder& in, Withdrawn& withdrawn) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        withdrawn.kind = in.one_of(Message::Kind::group);
        break;
      case 2:
        read(in, withdrawn.by);
        break;
      case 3:
        withdrawn.name = in.text();
        break;
      case 4:
        withdrawn.at.ms = in.signed_varint();
        break;
      case 5:
        withdrawn.about = in.text();
        break;
      default:
        return in.refuse("withdrawn message: unknown field");
    }
  }
}

}  // namespace confab::core
