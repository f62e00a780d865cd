#include "topics/trie.h"

#include <algorithm>

namespace confab::topics {
namespace {

constexpr std::size_t kFirstSlots = 64;

}  // namespace

Trie::Trie(std::uint64_t seed) : seed_(seed), nodes_(1), slots_(kFirstSlots, kNone) {}

// FNV-1a from a start that nobody outside knows: clients choose the levels.
std::uint64_t Trie::hash_of(Place parent, std::string_view level) const {
  std::uint64_t hash = (seed_ ^ parent) * 0x9E3779B97F4A7C15U;
  for (const char c : level) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash ^ (hash >> 29U);
}

// Where the child is, or belongs.
std::size_t Trie::slot_of(Place parent, std::string_view level) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_of(parent, level) & mask;
  while (slots_[slot] != kNone) {
    const Node& there = nodes_[slots_[slot]];
    if (there.parent == parent && there.level == level) return slot;
    slot = (slot + 1) & mask;
  }
  return slot;
}

Trie::Place Trie::find_child(Place parent, std::string_view level) const {
  if (nodes_[parent].children == 0) return kNone;
  // Of a name no level is a wildcard, of a filter both stand in the node itself.
  if (level == "+") return nodes_[parent].plus;
  if (level == "#") return nodes_[parent].hash;
  return slots_[slot_of(parent, level)];
}

Trie::Place Trie::add_child(Place parent, std::string_view level) {
  if (free_.empty()) {
    free_.push_back(static_cast<Place>(nodes_.size()));
    nodes_.emplace_back();
  }
  const Place made = free_.back();
  free_.pop_back();
  nodes_[made].level = level;
  nodes_[made].parent = parent;
  ++nodes_[parent].children;
  if (level == "+") {
    nodes_[parent].plus = made;
  } else if (level == "#") {
    nodes_[parent].hash = made;
  } else {
    if (nodes() * 2 > slots_.size()) grow();
    slots_[slot_of(parent, level)] = made;
  }
  return made;
}

Trie::Place Trie::insert(std::string_view filter) {
  Place at = kRoot;
  for (Levels levels(filter); !levels.done();) {
    const std::string_view level = levels.next();
    const Place child = find_child(at, level);
    at = child != kNone ? child : add_child(at, level);
  }
  return at;
}

Trie::Place Trie::find(std::string_view filter) const {
  Place at = kRoot;
  for (Levels levels(filter); !levels.done() && at != kNone;) at = find_child(at, levels.next());
  return at;
}

void Trie::release(Place place) {
  while (place != kRoot && nodes_[place].leaf.empty() && nodes_[place].children == 0) {
    const Place parent = nodes_[place].parent;
    remove(place);
    place = parent;
  }
}

void Trie::remove(Place place) {
  Node& node = nodes_[place];
  Node& parent = nodes_[node.parent];
  if (parent.plus == place) {
    parent.plus = kNone;
  } else if (parent.hash == place) {
    parent.hash = kNone;
  } else {
    erase_slot(slot_of(node.parent, node.level));
  }
  --parent.children;
  node = Node();
  free_.push_back(place);
}

// Whatever was put behind the slot only because it was taken moves up.
void Trie::erase_slot(std::size_t slot) {
  const std::size_t mask = slots_.size() - 1;
  slots_[slot] = kNone;
  for (std::size_t next = (slot + 1) & mask; slots_[next] != kNone; next = (next + 1) & mask) {
    const Node& node = nodes_[slots_[next]];
    const std::size_t home = hash_of(node.parent, node.level) & mask;
    if (((next - home) & mask) < ((next - slot) & mask)) continue;
    slots_[slot] = slots_[next];
    slots_[next] = kNone;
    slot = next;
  }
}

void Trie::grow() {
  std::vector<Place> old(slots_.size() * 2, kNone);
  old.swap(slots_);
  for (const Place place : old) {
    if (place != kNone) slots_[slot_of(nodes_[place].parent, nodes_[place].level)] = place;
  }
}

std::string Trie::filter_of(Place place) const {
  std::vector<std::string_view> levels;
  for (Place at = place; at != kRoot; at = nodes_[at].parent) levels.push_back(nodes_[at].level);
  std::string filter;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    if (level != levels.rbegin()) filter += '/';
    filter += *level;
  }
  return filter;
}

}  // namespace confab::topics
