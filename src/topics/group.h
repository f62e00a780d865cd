// A shared subscription (MQTT 5.0 §4.8.2): each message goes to one of those who have it.
#pragma once

#include <string>
#include <vector>

#include "topics/log_place.h"
#include "topics/sessions.h"
#include "topics/trie.h"

namespace confab::topics {

// A session, wherever it is.
struct MemberName {
  std::uint32_t shard = 0;
  SessionRef session;
  bool operator==(const MemberName&) const = default;
};

struct Member {
  MemberName name;
  Link link = 0;  // its connection; 0: none just now
  std::uint8_t qos = 0;
  bool as_published = false;
  bool durable = false;  // the session outlives its connection
  std::uint32_t id = 0;
  std::size_t assigned = 0;  // messages that it has not acknowledged
};

// Lives on: the shard that the name of the subscription hashes to.
struct Group {
  std::string name;  // the whole filter
  std::uint64_t number = 0;
  Trie::Place place = Trie::kNone;
  std::vector<Member> members;
  std::size_t turn = 0;  // whose it is next
  LogPlace log;
  bool full = false;
  bool reading = false;
  bool dirty = false;

  // Messages of QoS over 0 are kept for it.
  bool durable() const {
    for (const Member& member : members) {
      if (member.durable && member.qos > 0) return true;
    }
    return false;
  }
  Member* find(const MemberName& name_of) {
    for (Member& member : members) {
      if (member.name == name_of) return &member;
    }
    return nullptr;
  }
};

// A message that was given to a member and is not acknowledged.
struct Assigned {
  Group* group = nullptr;
  MemberName to;
  core::TopicMessagePtr message;
  core::TopicSeq seq = 0;  // in the log; 0: it is not there
};

}  // namespace confab::topics
