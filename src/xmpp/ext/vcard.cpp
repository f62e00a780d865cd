// XEP-0054 vcard-temp <-> core::Profile. The card stays in the annex as it was set; name, address and number are typed
// fields, so that the other wires have them.
#include "xml/reader.h"
#include "xml/writer.h"
#include "xmpp/extension.h"

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

void write_card(const core::Profile& profile, const Place& place, xml::Element& answer) {
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
}

void answer_own(const core::Reply& reply, Iq& iq) {
  const auto* refused = std::get_if<core::Refused>(&reply);
  if (refused != nullptr && refused->code != Errc::not_found) return iq.error(refused->code, refused->text);
  const auto* found = std::get_if<core::ProfileFound>(&reply);
  write_card(found == nullptr ? core::Profile{} : found->profile, iq.place, iq.result());  // §3.1: else an empty one
}

void answer_others(const core::Reply& reply, Iq& iq) {
  const auto* found = std::get_if<core::ProfileFound>(&reply);
  // The same answer as for an account that does not exist (§3.3).
  if (found == nullptr || found->profile == core::Profile{}) return iq.error(kItemNotFound);
  write_card(found->profile, iq.place, iq.result());
}

void get_card(const xml::Element&, Iq& iq) {
  if (iq.to_other()) return iq.ask(core::GetProfile{iq.to().bare()}, &answer_others);
  iq.ask_anyway(core::GetProfile{}, &answer_own);
}

void set_card(const xml::Element& payload, Iq& iq) {
  if (iq.to_other()) return iq.error(kForbidden);  // §3.2
  core::Profile profile = read_card(payload);
  std::string card;
  xml::write(payload, card, kClientNs);
  profile.annex.push_back({core::Wire::xmpp, std::string(kKey), std::move(card)});
  // What the other wires keep in the profile stays.
  iq.ask_anyway(core::GetProfile{}, [profile = std::move(profile)](const core::Reply& reply, Iq& then) mutable {
    const auto* refused = std::get_if<core::Refused>(&reply);
    if (refused != nullptr && refused->code != Errc::not_found) return then.error(refused->code, refused->text);
    if (const auto* found = std::get_if<core::ProfileFound>(&reply)) {
      for (const core::AnnexItem& item : found->profile.annex) {
        if (item.wire != core::Wire::xmpp || item.key != kKey) profile.annex.push_back(item);
      }
    }
    then.ask(core::SetProfile{std::move(profile)});
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
