// Identifiers that every layer speaks of.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace confab {

// An account's number: site << 36 | n, so that it stays exact in JavaScript. 0: none.
using Uid = std::uint64_t;

// A position in an account's log: dense from 1, without holes. 0: before the first. The wires' `seq`.
using Upos = std::uint64_t;

// A message's or event's global id: UUIDv7 whose time is a hybrid logical clock (store.md).
struct MsgId {
  std::array<unsigned char, 16> bytes{};
  auto operator<=>(const MsgId&) const = default;
  bool empty() const { return *this == MsgId{}; }
};

// "0192f0c1-…": RFC 9562's text. parse takes exactly that form, either case.
std::string to_string(const MsgId& id);
std::optional<MsgId> parse_msg_id(std::string_view text);
std::string_view as_text(const MsgId& id);  // the 16 bytes; valid as long as `id`

// A conversation's id: for two people the first 16 bytes of SHA-256 over their two bare addresses, sorted.
struct ConvId {
  std::array<unsigned char, 16> bytes{};
  auto operator<=>(const ConvId&) const = default;
};

// Source of randomness: fills `size` bytes. Comes by the constructor, so that a seed repeats a run.
using RandomBytes = std::function<void(unsigned char* out, std::size_t size)>;

// Makes MsgIds. The time part never goes back: max(wall, last seen) with a 12-bit counter; `witness` takes in the ids
// that arrive from elsewhere, so that a reply sorts after its question on every site (RFC 9562 §6.2; store.md).
// Lives on: one thread at a time.
class HybridClock {
 public:
  HybridClock(std::uint16_t site, RandomBytes random) : site_(site), random_(std::move(random)) {}

  MsgId next(WallMs now);

  // Takes in an id of another site. false: more than 60 s ahead of `now`, not taken in.
  bool witness(const MsgId& seen, WallMs now);

 private:
  std::uint16_t site_;
  RandomBytes random_;
  std::int64_t last_ms_ = 0;
  std::uint16_t counter_ = 0;
};

// The hybrid clock's milliseconds inside `id`.
WallMs time_of(const MsgId& id);
// Its place among the ids of one clock in that millisecond: 0 to 4095.
std::uint16_t counter_of(const MsgId& id);

}  // namespace confab

template <>
struct std::hash<confab::MsgId> {
  std::size_t operator()(const confab::MsgId& id) const noexcept;
};
