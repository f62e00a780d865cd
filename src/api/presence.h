// The three facets of a person's presence, each a topic of its own (docs/clients/json.md, "Presence").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/viewer.h"
#include "core/command.h"

namespace confab::api {

// The annex key, on the wire `mqtt`, of what a person says to his status: for clients that speak JSON alone
// (rulings.md).
inline constexpr std::string_view kStatusTextKey = "text";

// What one publish changes of the session's presence; the rest stays as it was.
struct PresenceChange {
  std::optional<core::Status> status;
  std::optional<int> priority;
  std::optional<std::vector<core::Text>> signature;  // one empty text clears it
  core::Annex annex;                                 // of the status
};
// `presence`: the session's own, as it last said it (body: Presence). Its addresses are made empty.
void apply(const PresenceChange& change, core::Event& presence);

// {"st":…,"prio":…,"text":…}, or the status's word alone.
Result<PresenceChange> read_status(std::string_view payload);
// {"text":…}, or the text alone; empty: none any more.
Result<PresenceChange> read_signature(std::string_view payload, std::size_t max_bytes);
// {"kind":…,"name":…,"uri":…}; empty, or without a name: nothing any more.
Result<core::SetListening> read_listening(std::string_view payload);

// All facets in one object, for who asks: {"jid","status","priority","signature","listening","text"?,"since","last"?}.
// `said`: from whom; body: Presence.
std::string write_facets(const core::Event& said);

// At the end of `out`. `said`: by whom, when, and with what beside it; the person's bare address is told.
void write_status(const core::Event& said, const core::Presence& presence, std::string& out);
void write_signature(const core::Event& said, const std::vector<core::Text>& signature, std::string& out);
void write_listening(const core::Event& said, const std::string& text, std::string& out);

}  // namespace confab::api
