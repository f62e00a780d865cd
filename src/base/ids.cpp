#include "base/ids.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace confab {
namespace {

constexpr std::int64_t kFarAheadMs = 60'000;
constexpr std::uint16_t kCounterEnd = 0x1000;
constexpr std::array<std::size_t, 4> kDashes{8, 13, 18, 23};

}  // namespace

std::string to_string(const MsgId& id) {
  std::string text = encode_hex(as_text(id));
  for (const std::size_t dash : kDashes) text.insert(dash, 1, '-');
  return text;
}

std::optional<MsgId> parse_msg_id(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = std::find(kDashes.begin(), kDashes.end(), i) != kDashes.end();
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) digits += text[i];
  }
  const auto bytes = decode_hex(digits);
  if (!bytes) return std::nullopt;
  MsgId id;
  std::memcpy(id.bytes.data(), bytes->data(), id.bytes.size());
  return id;
}

std::string_view as_text(const MsgId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

MsgId HybridClock::next(WallMs now) {
  if (now.ms > last_ms_) {
    last_ms_ = now.ms;
    counter_ = 0;
  } else if (++counter_ == kCounterEnd) {
    ++last_ms_;
    counter_ = 0;
  }
  MsgId id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(last_ms_) >> (40U - 8U * i));
  }
  random_(id.bytes.data() + 8, 8);
  id.bytes[6] = static_cast<unsigned char>(0x70U | static_cast<unsigned>(counter_ >> 8U));
  id.bytes[7] = static_cast<unsigned char>(counter_ & 0xFFU);
  // 62 bits after the variant: 16 of the site, 46 of chance.
  id.bytes[8] = static_cast<unsigned char>(0x80U | (static_cast<unsigned>(site_) >> 10U));
  id.bytes[9] = static_cast<unsigned char>((static_cast<unsigned>(site_) >> 2U) & 0xFFU);
  id.bytes[10] = static_cast<unsigned char>((static_cast<unsigned>(site_) & 3U) << 6U | (id.bytes[10] & 0x3FU));
  return id;
}

bool HybridClock::witness(const MsgId& seen, WallMs now) {
  const std::int64_t ms = time_of(seen).ms;
  if (ms > now.ms + kFarAheadMs) return false;
  const std::uint16_t counter = counter_of(seen);
  if (ms > last_ms_) {
    last_ms_ = ms;
    counter_ = counter;
  } else if (ms == last_ms_) {
    counter_ = std::max(counter_, counter);
  }
  return true;
}

WallMs time_of(const MsgId& id) {
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8U | id.bytes[i];
  return {static_cast<std::int64_t>(ms)};
}

std::uint16_t counter_of(const MsgId& id) {
  return static_cast<std::uint16_t>((id.bytes[6] & 0x0FU) << 8U | id.bytes[7]);
}

}  // namespace confab

std::size_t std::hash<confab::MsgId>::operator()(const confab::MsgId& id) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, id.bytes.data() + 8, sizeof value);
  return value ^ static_cast<std::size_t>(confab::time_of(id).ms);
}
