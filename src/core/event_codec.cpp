// The store's form of an event: a version, the number of its kind, the envelope's fields, the body's fields. A field is
// a tag and a value; 0 ends a list of fields; a repeated tag is a list. New fields and kinds get new numbers, old
// numbers are never used again.
#include "core/event_codec.h"

#include <array>
#include <type_traits>

#include "core/event_fields.h"

namespace confab::core {

void write(Encoder& out, const Text& text) {
  out.text(text.lang);
  out.text(text.text);
}
void read(Decoder& in, Text& text) {
  text.lang = in.text();
  text.text = in.text();
}
void write(Encoder& out, const AnnexItem& item) {
  out.byte(static_cast<std::uint8_t>(item.wire));
  out.text(item.key);
  out.text(item.bytes);
}
void read(Decoder& in, AnnexItem& item) {
  item.wire = in.one_of(Wire::http);
  item.key = in.text();
  item.bytes = in.text();
}

namespace {

constexpr std::uint8_t kVersion = 1;

// The kinds' numbers are places in this list, from 0: only ever add at its end, whatever order core::Body has.
template <class... Kinds>
struct Numbered {
  template <class Kind>
  static constexpr std::uint8_t number_of() {
    std::uint8_t number = 0;
    static_assert((std::is_same_v<Kind, Kinds> || ...), "a kind of event without a number");
    static_cast<void>(((std::is_same_v<Kind, Kinds> ? false : (++number, true)) && ...));
    return number;
  }
  template <class Kind>
  static void read_as(Decoder& in, Body& body) {
    read(in, body.emplace<Kind>());
  }
  static constexpr std::array<void (*)(Decoder&, Body&), sizeof...(Kinds)> kReaders{&read_as<Kinds>...};
};
using Kinds =
    Numbered<Message, Edit, Recall, Receipt, ReadMarker, ChatState, Reaction, Presence, PresenceProbe, Subscription,
             RosterChange, BlockChange, GroupChange, Opaque, Bounce, Withdrawn, Published, Listening>;

void read_envelope(Decoder& in, Event& event) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        read(in, event.id);
        break;
      case 2:
        event.at.ms = in.signed_varint();
        break;
      case 3:
        read(in, event.from);
        break;
      case 4:
        read(in, event.to);
        break;
      case 5:
        event.cid = in.text();
        break;
      case 6:
        event.source = in.one_of(Wire::http);
        break;
      case 7:
        read_item(in, event.annex);
        break;
      case 8:
        read_item(in, event.about);
        break;
      default:
        return in.refuse("unknown field");
    }
  }
}

Result<Event> refuse(std::string_view why) {
  return fail(Errc::bad_payload, "stored event: " + std::string(why));
}

}  // namespace

std::size_t expected_size(const Event& event) {
  const auto length = [](const Address& a) { return a.local.size() + a.domain.size() + a.resource.size(); };
  std::size_t size = 96 + length(event.from) + length(event.to) + event.cid.size();
  for (const AnnexItem& item : event.annex) size += item.key.size() + item.bytes.size() + 12;
  const Message* message = std::get_if<Message>(&event.body);
  if (const Edit* edit = std::get_if<Edit>(&event.body)) message = &edit->content;
  if (const auto* published = std::get_if<Published>(&event.body)) {
    return size + 64 + published->node.size() + published->item.size() + published->payload.size();
  }
  if (message == nullptr) return size + 128;
  for (const Text& text : message->bodies) size += text.text.size() + text.lang.size() + 8;
  for (const Text& text : message->subjects) size += text.text.size() + text.lang.size() + 8;
  for (const MediaLink& media : message->media) size += media.url.size() + media.name.size() + 192;
  return size + message->thread.size() + message->re.size() + message->app.app.size() + message->app.data.size();
}

std::uint8_t kind_number(const Event& event) {
  return std::visit([](const auto& body) { return Kinds::number_of<std::decay_t<decltype(body)>>(); }, event.body);
}

std::string encode_event(const Event& event) {
  Encoder out(expected_size(event));
  out.byte(kVersion);
  out.byte(kind_number(event));
  write_field(out, 1, event.id);
  out.signed_field(2, event.at.ms);
  write_field(out, 3, event.from);
  write_field(out, 4, event.to);
  out.text_field(5, event.cid);
  write_enum(out, 6, event.source);
  write_list(out, 7, event.annex);
  write_list(out, 8, event.about);
  out.end();
  std::visit([&out](const auto& body) { write(out, body); }, event.body);
  return out.take();
}

Result<Event> decode_event(std::string_view bytes) {
  if (bytes.size() > kMaxEncodedEvent) return refuse("too long");
  Decoder in(bytes);
  if (in.byte() != kVersion) return refuse("of a version that this server does not know");
  const std::uint8_t kind = in.byte();
  if (!in.ok()) return refuse(in.why());
  if (kind >= Kinds::kReaders.size()) return refuse("of a kind that this server does not know");
  Event event;
  read_envelope(in, event);
  Kinds::kReaders[kind](in, event.body);
  if (!in.ok()) return refuse(in.why());
  if (!in.at_end()) return refuse("bytes after its end");
  return event;
}

}  // namespace confab::core
