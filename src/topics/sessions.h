// Topic sessions (MQTT 5.0 §4.1): with a connection, or without one and still there. And the table of a shard's.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/topic_change.h"
#include "topics/ground.h"
#include "topics/log_place.h"
#include "topics/retained.h"
#include "topics/trie.h"

namespace confab::topics {

// Names a session for as long as it lives; its place may then be another's.
struct SessionRef {
  std::uint32_t index = 0xFFFF'FFFFU;
  std::uint32_t generation = 0;
  bool operator==(const SessionRef&) const = default;
};

// Who waits for an answer.
struct Asker {
  Link link = 0;
  RequestId request = 0;  // 0: nobody
};

// One subscription of a session: which one of the subscribers of which filter it is.
struct Held {
  Trie::Place place = Trie::kNone;
  std::uint32_t position = 0;
};

// A message for a session that does not come to it by the log.
struct Parcel {
  core::TopicDelivery delivery;
  std::uint64_t group = 0;  // hash of the shared subscription that it comes by; 0: none
  bool again = false;       // it was handed over before
};

// A message of QoS 2 that its publisher may repeat (§4.3.3).
struct Key {
  std::uint16_t key = 0;
  bool stored = false;         // the store has it, too
  bool committing = false;     // whether it is accepted is not known yet
  std::vector<Asker> waiting;  // repeats that came meanwhile
};

// What is retained, on its way to a session that has subscribed.
struct Showing {
  Retained::Walk walk;
  std::uint8_t qos = 0;
  std::uint32_t id = 0;
};

// A connection that waits until the one that has the session is gone.
struct Successor {
  Asker asker;
  core::OpenTopicSession command;
};

// What most sessions have nothing of at most times.
struct SessionExtra {
  std::deque<Parcel> queue;         // with QoS over 0, or retained
  std::vector<Parcel> owed;         // handed over, and to be acknowledged
  std::deque<Showing> showings;     // the first one is under way
  std::vector<std::string> shared;  // whole filters
  std::vector<Key> keys;
  std::unique_ptr<Successor> successor;
  bool empty() const {
    return queue.empty() && owed.empty() && showings.empty() && shared.empty() && keys.empty() && !successor;
  }
};

// Lives on: the shard that owns its client (core::topic_home).
struct Session {
  std::string client;
  std::string account;
  SessionRef ref;
  Link link = 0;  // 0: without a connection
  std::uint32_t expiry = 0;
  bool durable = false;    // it was made to outlive its connection: the store has it, and the log is its queue
  bool full = false;       // so much waits for it that nobody may publish more
  bool reading = false;    // a page of the log is being read for it
  bool looking = false;    // it goes on with its showings in a later turn
  bool dirty = false;      // its place in the log is to be written
  bool row_dirty = false;  // and all the rest
  std::optional<WallMs> closed;
  MonoMs expires_at, will_at;  // 0: not
  std::unique_ptr<core::TopicWill> will;
  std::string memo;
  std::vector<Held> held;
  LogPlace log;
  std::size_t room = 0;
  std::unique_ptr<SessionExtra> extra;
  std::uint32_t matching = 0;  // of the match that has it last ...
  std::uint32_t match = 0;     // ... and its place in there

  bool connected() const { return link != 0; }
  SessionExtra& more() {
    if (!extra) extra = std::make_unique<SessionExtra>();
    return *extra;
  }
  void tidy() {
    if (extra && extra->empty()) extra.reset();
  }
};

// Lives on: its shard.
class Sessions {
 public:
  Session& add(std::string client);
  void remove(Session& session);  // not connected any more

  Session* find(std::string_view client);
  Session* find(Link link);
  Session* find(SessionRef ref);
  Session& at(std::uint32_t index) { return *slots_[index].session; }

  void attach(Session& session, Link link);
  void detach(Session& session);

  std::size_t size() const { return by_client_.size(); }

  template <class Each>
  void for_each(Each each) {
    for (Slot& slot : slots_) {
      if (slot.session) each(*slot.session);
    }
  }

 private:
  struct Slot {
    std::unique_ptr<Session> session;
    std::uint32_t generation = 0;
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string_view, Session*> by_client_;  // the names are the sessions' own
  std::unordered_map<Link, Session*> by_link_;
};

}  // namespace confab::topics
