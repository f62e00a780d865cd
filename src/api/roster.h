// Friends and how they change (docs/clients/json.md, "Roster").
#pragma once

#include <string>

#include "core/command.h"

namespace confab::api {

// {"jid","name","groups","sub","dept"}, and "pending": "out", "in" or "both", while one of the two waits for an answer.
std::string write_item(const core::RosterItem& item);
// The same in a list of friends, with "subscription" beside "sub"; one that is no friend any more has nothing else.
// `presence`: an object, or empty.
std::string write_listed(const core::RosterItem& item, std::string_view presence);

// Each of these is a payload of the roster's topic.
std::string write_change(const core::RosterChange& change);
std::string write_request(const core::Event& event, const core::Subscription& subscription);
std::string write_block_change(const core::BlockChange& change);
std::string write_full(const core::RosterItems& items);

}  // namespace confab::api
