// The forms of small values that stand in one column each.
#pragma once

#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "core/account.h"

namespace confab::store {

// The parts of what to_string(Address) made. They were prepared before they were stored.
Address to_address(std::string_view text);

// A roster item's flags, as bits.
std::uint32_t roster_flags(const core::RosterItem& item);
void set_roster_flags(core::RosterItem& item, std::uint32_t flags);

// Added to the kind of a row of a log that no query of the archive finds.
inline constexpr std::uint32_t kHiddenKind = 256;

// What is hashed to find an event by its author and the name that he gave it.
std::string name_key(Uid author, std::string_view name);

// Whether the item is to be remembered: shown, pending, approved, or a tombstone.
bool is_remembered(const core::RosterItem& item);

// Errors of decoding: bad_payload.
std::string encode_strings(const std::vector<std::string>& strings);
Result<std::vector<std::string>> decode_strings(std::string_view bytes);
std::string encode_texts(const std::vector<core::Text>& texts);
Result<std::vector<core::Text>> decode_texts(std::string_view bytes);
std::string encode_annex(const core::Annex& annex);
Result<core::Annex> decode_annex(std::string_view bytes);
std::string encode_preferences(const core::ArchivePreferences& preferences);
Result<core::ArchivePreferences> decode_preferences(std::string_view bytes);
std::string encode_presence(const core::Presence& presence);
Result<core::Presence> decode_presence(std::string_view bytes);

}  // namespace confab::store
