// $SYS: what the server says of itself, while somebody is after it.
#include "topics/space.h"

namespace confab::topics {
namespace {

constexpr std::uint32_t kSpeaker = 0;  // the shard that does it for all

}  // namespace

void Space::wake_sys() {
  if (options_.shard != kSpeaker || sys_awake_) return;
  sys_awake_ = true;
  say_sys();
}

void Space::say_sys() {
  if (trie_.find("$SYS") == Trie::kNone) {
    sys_awake_ = false;
    return;
  }
  const Totals totals = ground_.totals();
  const auto say = [this](std::string_view name, std::string text) {
    core::TopicMessage message;
    message.topic = "$SYS/broker/" + std::string(name);
    message.payload = std::move(text);
    message.utf8 = true;
    publish_own(std::move(message));
  };
  const auto count = [&say](std::string_view name, std::uint64_t value) { say(name, std::to_string(value)); };
  say("version", "confab " + options_.version);
  say("uptime", std::to_string((ground_.now().mono.ms - started_.ms) / 1000) + " seconds");
  count("clients/connected", totals.connected);
  count("clients/total", totals.sessions);
  count("messages/received", totals.received);
  count("messages/sent", totals.sent);
  count("bytes/received", totals.bytes_received);
  count("bytes/sent", totals.bytes_sent);
  count("retained messages/count", retained_.messages());
  count("subscriptions/count", totals.subscriptions);
  ground_.after(options_.sys_interval, [this] { say_sys(); });
}

}  // namespace confab::topics
