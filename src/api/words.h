// The words that stand for core's enumerations on every wire that speaks JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"

namespace confab::api {

std::optional<core::Ask> ask_named(std::string_view word);
std::vector<std::string> words_of(core::Ask set);

std::string_view word_of(core::Receipt::Kind kind);
std::optional<core::Receipt::Kind> receipt_named(std::string_view word);

std::string_view word_of(core::ChatState::State state);
std::optional<core::ChatState::State> chat_state_named(std::string_view word);

std::string_view word_of(core::Status status);
std::optional<core::Status> status_named(std::string_view word);

// "text", "card" or "media": what the parts of a message tell of its type.
std::string_view type_of(const core::Message& message);

}  // namespace confab::api
