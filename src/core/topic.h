// Free topics: what is published under a name for whoever asked for it by a filter, apart from people and their logs
// (MQTT 5.0 §4.7). The words of it; src/topics has the rules.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/time.h"

namespace confab::core {

struct TopicMessage {
  std::string topic;
  std::string payload;
  std::uint8_t qos = 0;
  bool retain = false;
  bool utf8 = false;                    // the payload is text
  WallMs at;                            // when the server took it
  std::optional<std::uint32_t> expiry;  // seconds from `at`
  std::string content_type;
  std::string response_topic;
  std::optional<std::string> correlation;
  std::vector<std::pair<std::string, std::string>> user;
  bool operator==(const TopicMessage&) const = default;
};
using TopicMessagePtr = std::shared_ptr<const TopicMessage>;

// Seconds until the message is worth nothing any more; 0: it is already; none: it never is (MQTT 5.0 §3.3.2.3.3).
std::optional<std::uint32_t> seconds_left(const TopicMessage& message, WallMs now);
inline bool is_expired(const TopicMessage& message, WallMs now) {
  return message.expiry && seconds_left(message, now) == 0U;
}

// Position in the log of what was published while somebody had to have it kept. 0: none.
using TopicSeq = std::uint64_t;

// A message on its way to one session.
struct TopicDelivery {
  TopicMessagePtr message;
  std::uint8_t qos = 0;                 // at most what was granted, and what it was published with
  bool retain = false;                  // as the session is to be told
  bool takes_room = false;              // to be given back by WantTopics, once the client or the socket has it
  std::vector<std::uint32_t> ids;       // of all subscriptions that it matches
  TopicSeq seq = 0;                     // to be acknowledged by AcknowledgeTopic; 0: not. The same if it is sent again
  std::optional<std::uint32_t> expiry;  // seconds that are left of the message's
};

struct TopicFilter {
  std::string filter;  // with $share/NAME/ in front where it is shared
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;  // 0: send what is retained; 1: if the subscription is new; 2: never
  std::uint32_t id = 0;              // 0: none
  bool operator==(const TopicFilter&) const = default;
};

struct TopicWill {
  TopicMessage message;
  std::uint32_t delay = 0;  // seconds
  bool operator==(const TopicWill&) const = default;
};

// ---- Where topic sessions live. ----

// Whose a connection is by Outbox::belong_to before it opens the topic session `client`: an address that is nobody's
// account and spreads the clients over the shards as accounts are spread.
Address topic_home(std::string_view client);
bool is_topic_home(const Address& address);

// ---- What a session asks. `expiry` in seconds, 0xFFFFFFFF: never. ----

inline constexpr std::uint32_t kNeverExpires = 0xFFFF'FFFFU;

// The connection, which belongs to topic_home(client), is the topic session `client` from now on; one that was on
// another connection ends that one (`replaced`) and waits until it has said CloseTopicSession, or is gone. With `clean`
// whatever was there before is forgotten. -> TopicSessionOpened, or Refused{conflict | too_fast | unavailable}.
struct OpenTopicSession {
  std::string client;   // unique: with the account's name in front where there is one
  std::string account;  // bare address, or empty: nobody's
  bool clean = true;
  std::uint32_t expiry = 0;
  std::optional<TopicWill> will;
};
// The connection is done with. With `will`, the will is said (after its delay). -> no answer. A connection that goes
// without it has its will said.
struct CloseTopicSession {
  bool will = true;
  std::optional<std::uint32_t> expiry;  // replaces the session's
  std::string memo;                     // what the wire wants to know when the session goes on: kept with it
};
// -> TopicsSubscribed once they are live everywhere. What is retained follows the answer.
struct SubscribeTopics {
  std::vector<TopicFilter> filters;  // valid ones
};
// -> TopicsUnsubscribed.
struct UnsubscribeTopics {
  std::vector<std::string> filters;
};
// -> TopicPublished once it is durable for those who must have it kept (at once if there are none), or Refused{too_fast
// | too_big: a limit, forbidden: the server's own topic, not_authorized: no session | unavailable | no_space}.
// `key` not 0 and seen since ForgetTopicKey: a repeat, which is answered and goes no further (QoS 2).
struct PublishTopic {
  TopicMessage message;
  std::uint16_t key = 0;
};
// -> Done once that is durable, where the key was.
struct ForgetTopicKey {
  std::uint16_t key = 0;
};
// The session's client has this one for certain; -> no answer.
struct AcknowledgeTopic {
  TopicSeq seq = 0;
};
// The session can take so many messages more than it could before: none at first. Each delivery that `takes_room` takes
// one: those with QoS over 0, and what is retained when it is sent for a subscription. -> deliveries.
struct WantTopics {
  std::size_t room = 0;
};

// ---- Answers. ----

struct TopicSessionOpened {
  bool present = false;  // there was one, and it goes on
  std::string memo;      // of the CloseTopicSession before
};
// For each filter the QoS that was granted, or why not.
struct TopicsSubscribed {
  std::vector<Result<std::uint8_t>> granted;
};
struct TopicsUnsubscribed {
  std::vector<bool> existed;
};
struct TopicPublished {
  bool matched = false;  // somebody gets it
  bool repeat = false;
};

}  // namespace confab::core
