// Events that speak of earlier messages: which, by what name, and what becomes of those.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"

namespace confab::core {

// On the wires that speak JSON a name that begins so is of a message of the event's own author (rulings.md).
inline constexpr std::string_view kOwnName = "cid:";
bool is_own_name(const Event& event, std::string_view name);

// The names by which `body` speaks of earlier messages: as their authors named them (cid), or the server's ids as text.
// Empty names are left out.
std::vector<std::string> names_in(const Body& body);

// Fills event.about. `originals`: what each of names_in(event.body) was found to be, null where nothing was. A name
// that is a server's id, or an own name with its prefix, becomes the author's own, where he gave one, so that every
// wire finds its word in the body.
void resolve(Event& event, const std::vector<EventPtr>& originals);

// What an event says of how far its author, or the account itself, has read a conversation. nullopt: nothing.
std::optional<ReadMarker> read_marker_in(const Event& event);

// What is left of `message` after `recall`: its place, its names, and nothing that it said.
Event withdraw(const Event& message, const Event& recall);

}  // namespace confab::core
