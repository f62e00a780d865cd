#include "api/words.h"

#include <algorithm>
#include <array>

namespace confab::api {
namespace {

template <std::size_t N>
using Words = std::array<std::string_view, N>;

constexpr Words<3> kReceipts{"delivered", "read", "played"};  // and wishes, as bits
constexpr Words<5> kChatStates{"active", "composing", "paused", "inactive", "gone"};
constexpr Words<5> kStatuses{"offline", "online", "away", "dnd", "busy"};

template <class Enum, std::size_t N>
std::string_view word_in(const Words<N>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

template <class Enum, std::size_t N>
std::optional<Enum> named_in(const Words<N>& words, std::string_view word) {
  const auto at = std::find(words.begin(), words.end(), word);
  if (at == words.end()) return std::nullopt;
  return static_cast<Enum>(at - words.begin());
}

constexpr std::array<core::Ask, 3> kAsks{core::Ask::delivered, core::Ask::read, core::Ask::played};

}  // namespace

std::optional<core::Ask> ask_named(std::string_view word) {
  const auto kind = receipt_named(word);
  if (!kind) return std::nullopt;
  return kAsks.at(static_cast<std::size_t>(*kind));
}

std::vector<std::string> words_of(core::Ask set) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kAsks.size(); ++i) {
    if (core::asks(set, kAsks.at(i))) words.emplace_back(kReceipts.at(i));
  }
  return words;
}

std::string_view word_of(core::Receipt::Kind kind) {
  return word_in(kReceipts, kind);
}
std::optional<core::Receipt::Kind> receipt_named(std::string_view word) {
  return named_in<core::Receipt::Kind>(kReceipts, word);
}

std::string_view word_of(core::ChatState::State state) {
  return word_in(kChatStates, state);
}
std::optional<core::ChatState::State> chat_state_named(std::string_view word) {
  return named_in<core::ChatState::State>(kChatStates, word);
}

std::string_view word_of(core::Status status) {
  return word_in(kStatuses, status);
}
std::optional<core::Status> status_named(std::string_view word) {
  return named_in<core::Status>(kStatuses, word);
}

std::string_view type_of(const core::Message& message) {
  if (!message.app.app.empty()) return "card";
  return message.bodies.empty() && !message.media.empty() ? "media" : "text";
}

}  // namespace confab::api
