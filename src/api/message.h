// The envelope <-> core's Message, Edit, Recall and Reaction (docs/clients/json.md, "Messages").
#pragma once

#include <string>

#include "api/members.h"
#include "api/viewer.h"
#include "core/command.h"

namespace confab::api {

// Names and ids that clients give, in bytes.
inline constexpr std::size_t kMaxName = 1023;

// What the object says, for whoever it is addressed to; the author's id beside it, and what nobody here understands in
// the annex. `message_bytes`: of all bodies together; 0: no limit. Errors: bad_payload and too_big, with the member's
// name.
Result<core::Event> read_envelope(Members& in, std::size_t message_bytes);

// A text that came without an object around it. Errors: bad_payload: not UTF-8, or empty; too_big.
Result<core::Event> read_plain_text(std::string_view text, std::size_t message_bytes);

// What is sent to `to`, with the key by which its repeats are recognised on whatever wire (rulings.md, "duplicates").
core::Send make_send(core::Event event, Address to);

// The parts of an envelope that methods take as parameters, too. Each takes "cid:NAME" for what the author himself
// sent.
core::Message read_content(Members& in, std::size_t message_bytes);
core::Reaction read_reaction(std::string about, Members& in);
std::string own_name(std::string name);  // without the prefix

// Of Message, Edit, Recall, Reaction and Withdrawn, at the end of `out`. `seq` 0: it has no place in the log.
void write_envelope(const core::Event& event, Upos seq, const Viewer& viewer, std::string& out);

// A row of the history: its envelope, and "edited", "reactions" and "receipts" where there are any.
void write_history_row(const core::HistoryRow& row, const Viewer& viewer, std::string& out);

class Payload;
void write_content(const core::Message& message, Payload& out);

}  // namespace confab::api
