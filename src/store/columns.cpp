#include "store/columns.h"

#include <cstring>

#include "core/event_codec.h"

namespace confab::store {
namespace {

enum Flag : std::uint32_t {
  kTo = 1,
  kFrom = 2,
  kPendingOut = 4,
  kPendingIn = 8,
  kApproved = 16,
  kListed = 32,
  kDeleted = 64
};

void write_item(core::Encoder& out, const std::string& text) {
  out.text(text);
}
void read_item(core::Decoder& in, std::string& text) {
  text = in.text();
}
template <class Item>
void write_item(core::Encoder& out, const Item& item) {
  core::write(out, item);
}
template <class Item>
void read_item(core::Decoder& in, Item& item) {
  core::read(in, item);
}

// One after the other; nothing for an empty list, so that the column is short.
template <class Item>
std::string encode_list(const std::vector<Item>& items) {
  core::Encoder out(items.size() * 24);
  for (const Item& item : items) write_item(out, item);
  return out.take();
}
template <class Item>
Result<std::vector<Item>> decode_list(std::string_view bytes) {
  core::Decoder in(bytes);
  std::vector<Item> items;
  while (!in.at_end()) read_item(in, items.emplace_back());
  if (!in.ok()) return fail(Errc::bad_payload, in.why());
  return items;
}

}  // namespace

Address to_address(std::string_view text) {
  const AddressParts parts = split_address(text);
  return {std::string(parts.local), std::string(parts.domain), std::string(parts.resource)};
}

std::uint32_t roster_flags(const core::RosterItem& item) {
  return (item.to ? kTo : 0U) | (item.from ? kFrom : 0U) | (item.pending_out ? kPendingOut : 0U) |
         (item.pending_in ? kPendingIn : 0U) | (item.approved ? kApproved : 0U) | (item.listed ? kListed : 0U) |
         (item.deleted ? kDeleted : 0U);
}

void set_roster_flags(core::RosterItem& item, std::uint32_t flags) {
  item.to = (flags & kTo) != 0;
  item.from = (flags & kFrom) != 0;
  item.pending_out = (flags & kPendingOut) != 0;
  item.pending_in = (flags & kPendingIn) != 0;
  item.approved = (flags & kApproved) != 0;
  item.listed = (flags & kListed) != 0;
  item.deleted = (flags & kDeleted) != 0;
}

std::string name_key(Uid author, std::string_view name) {
  std::string key(sizeof author, '\0');
  std::memcpy(key.data(), &author, sizeof author);
  return key.append(name);
}

bool is_remembered(const core::RosterItem& item) {
  return item.listed || item.pending_in || item.pending_out || item.approved || item.deleted;
}

std::string encode_strings(const std::vector<std::string>& strings) {
  return encode_list(strings);
}
Result<std::vector<std::string>> decode_strings(std::string_view bytes) {
  return decode_list<std::string>(bytes);
}
std::string encode_texts(const std::vector<core::Text>& texts) {
  return encode_list(texts);
}
Result<std::vector<core::Text>> decode_texts(std::string_view bytes) {
  return decode_list<core::Text>(bytes);
}
std::string encode_annex(const core::Annex& annex) {
  return encode_list(annex);
}
Result<core::Annex> decode_annex(std::string_view bytes) {
  return decode_list<core::AnnexItem>(bytes);
}

std::string encode_preferences(const core::ArchivePreferences& preferences) {
  core::Encoder out(64);
  out.byte(static_cast<std::uint8_t>(preferences.others));
  for (const std::vector<Address>* list : {&preferences.always, &preferences.never}) {
    out.varint(list->size());
    for (const Address& address : *list) out.text(to_string(address));
  }
  return out.take();
}

Result<core::ArchivePreferences> decode_preferences(std::string_view bytes) {
  core::Decoder in(bytes);
  core::ArchivePreferences preferences;
  preferences.others = in.one_of(core::ArchivePreferences::Default::never);
  for (std::vector<Address>* list : {&preferences.always, &preferences.never}) {
    for (std::uint64_t left = in.number(bytes.size()); left > 0 && in.ok(); --left) {
      list->push_back(to_address(in.raw(in.varint())));
    }
  }
  if (!in.ok() || !in.at_end()) return fail(Errc::bad_payload, "archive preferences");
  return preferences;
}

std::string encode_presence(const core::Presence& presence) {
  core::Event event;
  event.body = presence;
  return core::encode_event(event);
}

Result<core::Presence> decode_presence(std::string_view bytes) {
  Result<core::Event> event = core::decode_event(bytes);
  if (!event) return fail(std::move(event.error()));
  auto* presence = std::get_if<core::Presence>(&event->body);
  if (presence == nullptr) return fail(Errc::bad_payload, "not a presence");
  return std::move(*presence);
}

}  // namespace confab::store
