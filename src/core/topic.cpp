#include "core/topic.h"

#include <algorithm>

namespace confab::core {
namespace {

// No domain's name.
constexpr std::string_view kTopicHome = "$topics";

}  // namespace

std::optional<std::uint32_t> seconds_left(const TopicMessage& message, WallMs now) {
  if (!message.expiry) return std::nullopt;
  // A clock that went back makes nothing live longer than it was given.
  const std::int64_t age = std::max<std::int64_t>(0, (now.ms - message.at.ms) / 1000);
  return age >= *message.expiry ? 0 : *message.expiry - static_cast<std::uint32_t>(age);
}

Address topic_home(std::string_view client) {
  return {std::string(client), std::string(kTopicHome), {}};
}

bool is_topic_home(const Address& address) {
  return address.domain == kTopicHome;
}

}  // namespace confab::core
