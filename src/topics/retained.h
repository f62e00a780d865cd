// What is retained: the last message of each topic that was published so (MQTT 5.0 §3.3.1.3). Every shard has all of
// it, the messages themselves shared.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "core/topic.h"

namespace confab::topics {

// Lives on: its shard.
class Retained {
 public:
  // The message is retained from now on, or with an empty payload no other; unless something with a later stamp came
  // before. false: that.
  bool put(const core::TopicMessagePtr& message, std::uint64_t stamp, MonoMs now);

  // How many messages and bytes there would be more if `message` was put.
  struct Growth {
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
  };
  Growth growth(const core::TopicMessage& message) const;

  // A way over what matches a filter, piece by piece.
  struct Walk {
    std::string filter;
    core::TopicMessagePtr last;  // the topic that was looked at last
    bool done = false;
  };
  // The next message. Looks at `names` topics at most, and counts them down; null: at none more, or `walk.done`.
  core::TopicMessagePtr next(Walk& walk, std::size_t& names) const;

  void drop_expired(WallMs now);
  // Forgets what was removed before `before`: nothing with an earlier stamp can come any more.
  void forget_removed(MonoMs before);
  bool has_removed() const { return !removed_.empty(); }

  std::size_t messages() const { return messages_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    core::TopicMessagePtr message;  // with an empty payload: removed, and remembered for its stamp alone
    std::uint64_t stamp = 0;
  };
  struct Removed {
    core::TopicMessagePtr message;
    std::uint64_t stamp = 0;
    MonoMs at;
  };
  using Map = std::map<std::string_view, Kept>;  // the names are the messages' own

  void count(const core::TopicMessagePtr& message, std::int64_t sign);
  core::TopicMessagePtr find(std::string_view topic) const;
  Map::const_iterator first_of(const Walk& walk, std::string_view fixed) const;

  Map kept_;
  std::deque<Removed> removed_;
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace confab::topics
