// The roster as an account holds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/event.h"

namespace confab::core {

// Items sorted by peer, tombstones among them. They are kept packed, in the store's own form: an item takes some 25
// bytes here and 200 as a RosterItem, and an account that is online holds its roster all day to look into it now and
// then (20 friends: 0.6 KB instead of 6.4). An item comes out as a copy; looking for one costs the logarithm of all.
class Roster {
 public:
  class Iterator {
   public:
    Iterator(const Roster& roster, std::size_t at) : roster_(roster), at_(at) {}
    RosterItem operator*() const { return roster_.item(at_); }
    Iterator& operator++() { return ++at_, *this; }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const Roster& roster_;
    std::size_t at_;
  };

  Roster() = default;
  // `items` in any order, one of each peer.
  Roster(std::vector<RosterItem> items, std::uint64_t at_version);

  std::size_t size() const { return starts_.size(); }
  bool empty() const { return starts_.empty(); }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }
  std::vector<RosterItem> items() const;
  std::optional<RosterItem> find(const Address& peer) const;  // by bare address, tombstones too

  void put(const RosterItem& item);  // replaces the item of the same peer
  void remove(const Address& peer);

  std::uint64_t version = 0;

 private:
  RosterItem item(std::size_t at) const;
  std::string_view bytes_of(std::size_t at) const;
  std::size_t position_of(const Address& peer) const;
  bool is_at(std::size_t at, const Address& peer) const;
  void replace(std::size_t at, std::size_t count, std::string_view bytes);

  std::string bytes_;                  // items, one after the other
  std::vector<std::uint32_t> starts_;  // of each in `bytes_`
};

}  // namespace confab::core
