// What the store keeps of free topics (core/topic.h), and what a transaction can do to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/topic.h"

namespace confab::core {

// A row of the one log of what was published while a session that outlives its connection was after it.
struct TopicRow {
  TopicSeq seq = 0;
  TopicMessagePtr message;
  std::string from;  // the client that published it
};

// A topic session that outlives its connection.
struct TopicSessionRow {
  std::string client;
  std::string account;
  std::uint32_t expiry = 0;
  std::optional<TopicWill> will;
  std::optional<WallMs> closed;  // when its connection ended; none: it had one when this was written
  std::string memo;
  bool operator==(const TopicSessionRow&) const = default;
};
// Its subscriptions, keys and place in the log stay as they are.
struct PutTopicSession {
  TopicSessionRow row;
};
// With its subscriptions, keys and place in the log.
struct DropTopicSession {
  std::string client;
};
// In the place of the one of the same filter, whose `since` stays.
struct PutTopicSubscription {
  std::string client;
  TopicFilter filter;
  TopicSeq since = 0;  // the session is after rows that come after this one
};
struct DropTopicSubscription {
  std::string client;
  std::string filter;
};
// A new row of the log, told to the LogListener; and `key`, if it is one, until it is dropped.
struct AppendTopic {
  TopicMessagePtr message;
  std::string from;
  std::uint16_t key = 0;
};
struct PutTopicKey {
  std::string client;
  std::uint16_t key = 0;
};
struct DropTopicKey {
  std::string client;
  std::uint16_t key = 0;
};
// What is retained for its topic from now on, or with an empty payload nothing; unless a later stamp came before, which
// of nothing is known for a minute.
struct PutRetained {
  TopicMessagePtr message;
  std::uint64_t stamp = 0;
};
// Where somebody who is behind stands in the log: everything up to here is done with. Without `upto` he is not behind:
// the mark of his shard says it.
struct PutTopicPlace {
  std::string name;    // of a client, or the whole filter of a shared subscription
  bool group = false;  // it is the latter
  std::optional<TopicSeq> upto;
};
// Up to here everybody on the shard `shard` of `shards` who is not behind is done with the log. Those of shards that
// are no more go. What everybody is done with is forgotten in time.
struct PutTopicMark {
  std::uint32_t shard = 0;
  std::uint32_t shards = 1;
  TopicSeq upto = 0;
};

using TopicChange = std::variant<PutTopicSession, DropTopicSession, PutTopicSubscription, DropTopicSubscription,
                                 AppendTopic, PutTopicKey, DropTopicKey, PutRetained, PutTopicPlace, PutTopicMark>;

// ---- What a server finds when it starts. ----

struct StoredSubscription {
  TopicFilter filter;
  TopicSeq since = 0;
  bool operator==(const StoredSubscription&) const = default;
};
struct StoredTopicSession {
  TopicSessionRow row;
  std::vector<StoredSubscription> subscriptions;
  std::vector<std::uint16_t> keys;
  std::optional<TopicSeq> place;  // of PutTopicPlace
};
struct StoredRetained {
  TopicMessagePtr message;
  std::uint64_t stamp = 0;
};
struct StoredPlaces {
  TopicSeq mark = 0;                                     // the lowest of all shards'
  TopicSeq first = 0;                                    // everybody is done with what is up to here
  TopicSeq head = 0;                                     // of the last row that there ever was
  std::uint64_t stamp = 0;                               // the last of PutRetained
  std::vector<std::pair<std::string, TopicSeq>> groups;  // that are behind
};

}  // namespace confab::core
