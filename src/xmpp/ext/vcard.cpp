// XEP-0054 vcard-temp <-> core::Profile. The card stays in the annex as it was set; name, address and number are typed
// fields, so that the other wires have them, and the picture is the avatar (XEP-0398).
#include "xml/reader.h"
#include "xml/writer.h"
#include "xmpp/avatar.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "vcard-temp";
constexpr std::string_view kKey = "vcard-temp";
constexpr std::uint32_t kCardElements = 8192;

std::string_view part_of(const xml::Element& field, std::string_view part) {
  const xml::Element* child = field.child(part, kNs);
  return child == nullptr ? std::string_view() : child->text();
}

// The first `name` whose `part` says something: clients like to send empty ones.
const xml::Element* find_field(const xml::Element& card, std::string_view name, std::string_view part) {
  for (const xml::Element& field : card.children()) {
    if (field.is(name, kNs) && !part_of(field, part).empty()) return &field;
  }
  return nullptr;
}

std::string field_of(const xml::Element& card, std::string_view name, std::string_view part) {
  const xml::Element* field = find_field(card, name, part);
  return field == nullptr ? std::string() : std::string(part_of(*field, part));
}

core::Profile read_card(const xml::Element& card) {
  core::Profile profile;
  profile.name = part_of(card, "FN");
  if (profile.name.empty()) profile.name = part_of(card, "NICKNAME");
  profile.email = field_of(card, "EMAIL", "USERID");
  profile.phone = field_of(card, "TEL", "NUMBER");
  return profile;
}

void put_field(xml::Element& card, std::string_view name, std::string_view part, std::string_view value) {
  if (const xml::Element* old = find_field(card, name, part)) card.remove(*old);
  if (!value.empty()) card.add(name).add(part).text(value);
}

// What another wire has changed since the card was set goes before what the card says.
void put_typed(const core::Profile& profile, xml::Element& card) {
  const core::Profile told = read_card(card);
  if (told.name != profile.name) {
    card.remove("FN", kNs);
    if (profile.name.empty()) card.remove("NICKNAME", kNs);
    if (!profile.name.empty()) card.add("FN").text(profile.name);
  }
  if (told.email != profile.email) put_field(card, "EMAIL", "USERID", profile.email);
  if (told.phone != profile.phone) put_field(card, "TEL", "NUMBER", profile.phone);
}

bool has_image(const xml::Element& photo) {
  return photo.is("PHOTO", kNs) && photo.has_child("BINVAL", kNs);
}

// A picture that stands in the card itself: of one that was set here, it is the avatar and nowhere else.
void remove_images(xml::Element& card) {
  for (const xml::Element* photo = card.first_child(); photo != nullptr;) {
    const xml::Element* next = photo->following();
    if (has_image(*photo)) card.remove(*photo);
    photo = next;
  }
}

// What is to become of the picture in the kept card: it stays if the account never had an avatar.
struct Picture {
  bool known = false;
  std::optional<Photo> photo;
};

void write_card(const core::Profile& profile, const Picture& picture, const Place& place, xml::Element& answer) {
  xml::Document document;
  xml::Element* card = nullptr;
  if (const core::AnnexItem* kept = core::find(profile.annex, core::Wire::xmpp, kKey)) {
    xml::Limits limits;
    limits.bytes = place.config.stanza_bytes();
    limits.elements = kCardElements;
    if (const Result<xml::Element*> read = xml::read_document(kept->bytes, limits, document)) {
      card = &answer.copy(**read);
    }
  }
  if (card == nullptr) card = &answer.add("vCard", kNs);
  put_typed(profile, *card);
  if (picture.known) remove_images(*card);
  if (!picture.photo) return;
  xml::Element& photo = card->add("PHOTO");
  photo.add("TYPE").text(picture.photo->type);
  photo.add("BINVAL").text(picture.photo->base64);
}

// Where there is nothing to be shown, another account is as if it did not exist (§3.3).
void give_card(const core::ProfileFound& found, Iq& iq) {
  if (found.avatar.empty() || found.avatar == core::kNoAvatar) {
    if (iq.to_other() && found.profile == core::Profile{}) return iq.error(kItemNotFound);
    return write_card(found.profile, {!found.avatar.empty(), {}}, iq.place, iq.result());
  }
  ask_photo(
      iq.to_other() ? iq.to().bare() : Address(),
      [profile = found.profile](std::optional<Photo> photo, Iq& then) {
        if (then.to_other() && !photo && profile == core::Profile{}) return then.error(kItemNotFound);
        write_card(profile, {true, std::move(photo)}, then.place, then.result());
      },
      iq);
}

void answer_own(const core::Reply& reply, Iq& iq) {
  const auto* refused = std::get_if<core::Refused>(&reply);
  if (refused != nullptr && refused->code != Errc::not_found) return iq.error(refused->code, refused->text);
  const auto* found = std::get_if<core::ProfileFound>(&reply);
  give_card(found == nullptr ? core::ProfileFound{} : *found, iq);  // §3.1: else an empty one
}

void answer_others(const core::Reply& reply, Iq& iq) {
  const auto* found = std::get_if<core::ProfileFound>(&reply);
  // The same answer as for an account that does not exist (§3.3).
  if (found == nullptr) return iq.error(kItemNotFound);
  give_card(*found, iq);
}

void get_card(const xml::Element&, Iq& iq) {
  if (iq.to_other()) return iq.ask_anyway(core::GetProfile{iq.to().bare()}, &answer_others);
  iq.ask_anyway(core::GetProfile{}, &answer_own);
}

// What was set, and whether there is a picture in it.
struct NewCard {
  core::Profile profile;
  std::optional<std::string> image;
  std::string type;
};

// bad_payload: the picture cannot be read.
Result<NewCard> read_new_card(const xml::Element& payload) {
  NewCard card{read_card(payload), {}, {}};
  xml::Document document;
  xml::Element& kept = document.copy(payload);
  for (const xml::Element& photo : payload.children()) {
    if (!has_image(photo) || part_of(photo, "BINVAL").empty() || card.image) continue;
    card.image = decode_image(part_of(photo, "BINVAL"));
    if (!card.image) return fail(Errc::bad_payload, "BINVAL");
    card.type = std::string(part_of(photo, "TYPE"));
  }
  remove_images(kept);
  std::string text;
  xml::write(kept, text, kClientNs);
  card.profile.annex.push_back({core::Wire::xmpp, std::string(kKey), std::move(text)});
  return card;
}

// Card and picture together, or nothing. A card without a picture takes the one that there was away.
void store_card(NewCard card, const core::ProfileFound& before, Iq& iq) {
  // What the other wires keep in the profile stays.
  for (const core::AnnexItem& item : before.profile.annex) {
    if (item.wire != core::Wire::xmpp || item.key != kKey) card.profile.annex.push_back(item);
  }
  const bool had_one = !before.avatar.empty() && before.avatar != core::kNoAvatar;
  const bool same = card.image ? image_id(*card.image) == before.avatar : !had_one;
  if (same) return iq.ask(core::SetProfile{std::move(card.profile)});
  core::Publish command;
  command.profile = std::move(card.profile);
  if (card.image) {
    publish_avatar(*card.image, card.type, command);
  } else {
    publish_no_avatar(command);
  }
  iq.ask_anyway(std::move(command), [](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return then.error(refused->code, refused->text);
    then.result();
  });
}

void set_card(const xml::Element& payload, Iq& iq) {
  if (iq.to_other()) return iq.error(kForbidden);  // §3.2
  Result<NewCard> card = read_new_card(payload);
  if (!card) return iq.error(card.error().code, card.error().text);
  iq.ask_anyway(core::GetProfile{}, [card = std::move(*card)](const core::Reply& reply, Iq& then) mutable {
    const auto* refused = std::get_if<core::Refused>(&reply);
    if (refused != nullptr && refused->code != Errc::not_found) return then.error(refused->code, refused->text);
    const auto* found = std::get_if<core::ProfileFound>(&reply);
    store_card(std::move(card), found == nullptr ? core::ProfileFound{} : *found, then);
  });
}

}  // namespace

void install_vcard(Extensions& on) {
  on.spec("XEP-0054", "1.3.0", "vcard-temp");
  on.feature(kNs).account_feature(kNs);
  on.iq(IqType::get, "vCard", kNs, get_card, IqTo::self | IqTo::other);
  on.iq(IqType::set, "vCard", kNs, set_card, IqTo::self | IqTo::other);
}

}  // namespace confab::xmpp
