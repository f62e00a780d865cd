// The filters that somebody has, as a tree of their levels: a name finds those that match it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/topic.h"
#include "topics/filter.h"

namespace confab::topics {

struct Group;

// One subscription of a session of this shard.
struct Subscriber {
  core::TopicSeq since = 0;   // of the log it is after what comes later
  std::uint32_t session = 0;  // its place in the table of sessions
  std::uint32_t slot = 0;     // its place in the session's list
  std::uint32_t id = 0;       // 0: none
  std::uint8_t qos = 0;       // granted
  bool no_local : 1 = false;
  bool as_published : 1 = false;  // the retain flag stays as it was published
};

// Who is after a filter on the other shards: a bit for each shard, or for several if there are more than 64.
struct Elsewhere {
  std::uint64_t any = 0;      // somebody
  std::uint64_t durable = 0;  // somebody who must have it kept
  std::uint64_t full = 0;     // somebody who cannot take any more
  bool empty() const { return (any | durable | full) == 0; }
};

// What most filters do not have.
struct LeafRest {
  Elsewhere elsewhere;
  std::vector<Group*> groups;  // whose home is this shard
};

// Who is after one filter.
struct Leaf {
  std::vector<Subscriber> subscribers;
  std::unique_ptr<LeafRest> rest;
  std::uint32_t durable = 0;  // of the subscribers: sessions that outlive their connections, with QoS over 0
  std::uint32_t full = 0;     // of the subscribers: sessions that cannot take any more
  std::uint8_t told = 0;      // to the other shards
  bool empty() const { return subscribers.empty() && !rest; }
};

// One node for each level that filters begin with in common; levels are found through one table for all nodes, so that
// a node without children spends nothing on them. Lives on: its shard.
class Trie {
 public:
  using Place = std::uint32_t;
  static constexpr Place kNone = std::numeric_limits<Place>::max();

  explicit Trie(std::uint64_t seed);

  // Makes what is not there.
  Place insert(std::string_view filter);
  Place find(std::string_view filter) const;  // kNone: nobody has it, nor a longer one
  // Forgets the filter if nobody is after it any more.
  void release(Place place);

  Leaf& leaf(Place place) { return nodes_[place].leaf; }
  const Leaf& leaf(Place place) const { return nodes_[place].leaf; }
  std::string filter_of(Place place) const;

  // Calls `visit(Place, const Leaf&)` for each filter that matches `name` and is somebody's, in no order.
  template <class Visit>
  void match(std::string_view name, Visit&& visit) const {
    walk(kRoot, Levels(name), is_dollar(name), visit);
  }

  std::size_t nodes() const { return nodes_.size() - free_.size(); }

 private:
  struct Node {
    std::string level;
    Leaf leaf;
    Place parent = kNone;
    Place plus = kNone;  // the children of these levels are found here, too
    Place hash = kNone;
    std::uint32_t children = 0;
  };
  static constexpr Place kRoot = 0;

  template <class Visit>
  void walk(Place at, Levels levels, bool dollar, Visit& visit) const {
    const Node& node = nodes_[at];
    // "a/#" matches "a", too (§4.7.1.2); wildcards in front do not match "$…" (§4.7.2).
    if (node.hash != kNone && !dollar) see(node.hash, visit);
    if (levels.done()) return see(at, visit);
    const Place child = find_child(at, levels.next());
    if (child != kNone) walk(child, levels, false, visit);
    if (node.plus != kNone && !dollar) walk(node.plus, levels, false, visit);
  }
  template <class Visit>
  void see(Place at, Visit& visit) const {
    if (!nodes_[at].leaf.empty()) visit(at, nodes_[at].leaf);
  }

  std::uint64_t hash_of(Place parent, std::string_view level) const;
  std::size_t slot_of(Place parent, std::string_view level) const;
  Place find_child(Place parent, std::string_view level) const;
  Place add_child(Place parent, std::string_view level);
  void remove(Place place);
  void grow();
  void erase_slot(std::size_t slot);

  std::uint64_t seed_;
  std::vector<Node> nodes_;
  std::vector<Place> free_;
  std::vector<Place> slots_;  // a power of two; at most half of them used
};

}  // namespace confab::topics
