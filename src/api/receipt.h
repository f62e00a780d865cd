// Receipts, how far somebody has read, and what somebody is doing in a conversation (docs/clients/json.md).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "api/members.h"
#include "api/viewer.h"
#include "core/command.h"

namespace confab::api {

// A receipt for the author, or, with "quiet", a place that only the account's own sessions hear of.
using SaidRead = std::variant<core::Event, core::SetReadMarker>;
// What was said of messages from `peer`. Errors: bad_payload, too_big, with the member's name.
Result<SaidRead> read_receipt(Members& in, const Address& peer);

// {"st":…}, or the word alone. Errors: bad_payload.
Result<core::Event> read_chat_state(std::string_view payload);

// At the end of `out`; `event` is what `body` stands in.
void write_receipt(const core::Event& event, const core::Receipt& body, Upos seq, const Viewer& viewer,
                   std::string& out);
void write_read_marker(const core::Event& event, const core::ReadMarker& body, Upos seq, std::string& out);
void write_chat_state(const core::Event& event, const core::ChatState& body, const Viewer& viewer, std::string& out);

}  // namespace confab::api
