// XEP-0441 Message Archive Management Preferences <-> core::ArchivePreferences.
#include <algorithm>
#include <array>

#include "names/names.h"
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:mam:2";
constexpr std::array<std::string_view, 3> kDefaults{"always", "roster", "never"};

Result<std::vector<Address>> read_list(const xml::Element* list) {
  std::vector<Address> addresses;
  if (list == nullptr) return addresses;
  for (const xml::Element& jid : list->children()) {
    if (!jid.is("jid", kNs)) continue;
    Result<Address> address = names::parse_address(jid.text());
    if (!address) return fail(Errc::bad_address, "prefs: jid");
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

Result<core::ArchivePreferences> read_preferences(const xml::Element& prefs) {
  core::ArchivePreferences preferences;
  const auto at = std::find(kDefaults.begin(), kDefaults.end(), prefs.attr("default"));
  if (at == kDefaults.end()) return fail(Errc::bad_payload, "prefs: default");
  preferences.others = static_cast<core::ArchivePreferences::Default>(at - kDefaults.begin());
  Result<std::vector<Address>> always = read_list(prefs.child("always", kNs));
  Result<std::vector<Address>> never = read_list(prefs.child("never", kNs));
  if (!always) return fail(always.error());
  if (!never) return fail(never.error());
  preferences.always = std::move(*always);
  preferences.never = std::move(*never);
  return preferences;
}

void write_preferences(const core::ArchivePreferences& preferences, Iq& iq) {
  xml::Element& prefs = iq.result().add("prefs", kNs);
  prefs.set("default", kDefaults[static_cast<std::size_t>(preferences.others)]);
  xml::Element& always = prefs.add("always");
  for (const Address& address : preferences.always) always.add("jid").text(to_string(address));
  xml::Element& never = prefs.add("never");
  for (const Address& address : preferences.never) never.add("jid").text(to_string(address));
}

void get_preferences(const xml::Element&, Iq& iq) {
  iq.ask(core::GetArchivePreferences{}, [](const core::Reply& reply, Iq& then) {
    const auto* found = std::get_if<core::ArchivePreferencesFound>(&reply);
    write_preferences(found == nullptr ? core::ArchivePreferences{} : found->preferences, then);
  });
}

void set_preferences(const xml::Element& payload, Iq& iq) {
  Result<core::ArchivePreferences> preferences = read_preferences(payload);
  if (!preferences) return iq.error(preferences.error().code, preferences.error().text);
  iq.ask(core::SetArchivePreferences{*preferences},
         [preferences = *preferences](const core::Reply&, Iq& then) { write_preferences(preferences, then); });
}

}  // namespace

void install_archive_preferences(Extensions& on) {
  on.spec("XEP-0441", "0.2.0", "Message Archive Management Preferences");
  on.iq(IqType::get, "prefs", kNs, get_preferences, IqTo::self);
  on.iq(IqType::set, "prefs", kNs, set_preferences, IqTo::self);
}

}  // namespace confab::xmpp
