// What several methods take: people, conversations, messages. For api's own units only.
#pragma once

#include <optional>
#include <string>

#include "api/call.h"

namespace confab::api {

// A person, bare: "bob" or "bob@example.org". nullopt: the call has its error.
std::optional<Address> person_in(Members& params, std::string_view name, Call& call);
// A conversation with one: that, or "u:" before it. unsupported: a group's.
std::optional<Address> conversation_in(Members& params, std::string_view name, Call& call);
// false: some parameter was wrong, and the call has its error.
bool is_sound(const Members& params, Call& call);

// Looks a message of the archive up by its id; no_message, if it is not there.
using WithMessage = UniqueFunction<void(const core::HistoryRow& row, Call& call)>;
void find_message(const MsgId& id, Call& call, WithMessage with);

// What a message's author is told of a Sent, and everybody else who changed something by an event.
std::string sent_json(const core::Sent& sent);
// Sends, and answers with that.
void send(core::Send command, Call& call);

}  // namespace confab::api
