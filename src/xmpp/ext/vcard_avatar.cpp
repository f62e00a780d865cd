// XEP-0153 vCard-Based Avatars, by XEP-0398: the account's avatar in its presence, whatever the client says of it, but
// for one that wants to show none.
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "vcard-temp:x:update";
constexpr std::string_view kKey = "photo";  // annex: there, and empty, where the client shows none

// XEP-0398 §4.3: an empty <photo/> is left alone, everything else is the server's to say.
Result<> read_update(const xml::Element& update, InboundPresence& in) {
  const xml::Element* photo = update.child("photo", kNs);
  if (photo != nullptr && photo->text().empty()) in.annex.push_back({core::Wire::xmpp, std::string(kKey), {}});
  return {};
}

void write_update(const core::Presence& presence, const Outbound& out, xml::Element& stanza) {
  if (presence.status == core::Status::offline) return;
  const bool hidden = core::find(out.event.annex, core::Wire::xmpp, kKey) != nullptr;
  if (!hidden && presence.avatar.empty()) return;
  xml::Element& photo = stanza.add("x", kNs).add("photo");
  if (!hidden && presence.avatar != core::kNoAvatar) photo.text(presence.avatar);
}

}  // namespace

void install_vcard_avatar(Extensions& on) {
  on.spec("XEP-0153", "1.1.1", "vCard-Based Avatars");
  on.account_feature("urn:xmpp:pep-vcard-conversion:0");
  on.read("x", kNs, read_update);
  on.write(write_update);
}

}  // namespace confab::xmpp
