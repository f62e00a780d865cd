// The stored forms of free topics: versioned, binary, never any wire's.
#pragma once

#include <string>
#include <string_view>

#include "core/topic.h"

namespace confab::core {

std::string encode_topic_message(const TopicMessage& message);
std::string encode_topic_will(const TopicWill& will);
// The options of a subscription in one number; its filter and id stand beside it.
std::uint32_t encode_topic_options(const TopicFilter& filter);

// Errors: bad_payload.
Result<TopicMessage> decode_topic_message(std::string_view bytes);
Result<TopicWill> decode_topic_will(std::string_view bytes);
void decode_topic_options(std::uint32_t options, TopicFilter& filter);

}  // namespace confab::core
