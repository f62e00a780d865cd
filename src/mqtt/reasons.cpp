#include "mqtt/reasons.h"

#include <algorithm>
#include <array>
#include <span>

namespace confab::mqtt {
namespace {

constexpr auto kConnack =
    std::to_array<std::uint8_t>({0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
                                 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F});
constexpr auto kReceived = std::to_array<std::uint8_t>({0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99});
constexpr auto kReleased = std::to_array<std::uint8_t>({0x00, 0x92});
constexpr auto kSuback =
    std::to_array<std::uint8_t>({0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2});
constexpr auto kUnsuback = std::to_array<std::uint8_t>({0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91});
constexpr auto kDisconnectOfClient =
    std::to_array<std::uint8_t>({0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99});
// 0x8C is of Table 2-6 alone.
constexpr auto kDisconnectOfServer = std::to_array<std::uint8_t>(
    {0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94,
     0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2});
constexpr auto kAuthOfClient = std::to_array<std::uint8_t>({0x18, 0x19});
constexpr auto kAuthOfServer = std::to_array<std::uint8_t>({0x00, 0x18});

std::span<const std::uint8_t> codes_of(Type type, From from) {
  const bool client = from == From::client;
  switch (type) {
    case Type::connack:
      return kConnack;
    case Type::puback:
    case Type::pubrec:
      return kReceived;
    case Type::pubrel:
    case Type::pubcomp:
      return kReleased;
    case Type::suback:
      return kSuback;
    case Type::unsuback:
      return kUnsuback;
    case Type::disconnect:
      return client ? std::span<const std::uint8_t>(kDisconnectOfClient) : kDisconnectOfServer;
    case Type::auth:
      return client ? std::span<const std::uint8_t>(kAuthOfClient) : kAuthOfServer;
    default:
      return {};
  }
}

}  // namespace

bool may_say(Type type, Reason reason, From from) {
  const auto codes = codes_of(type, from);
  return std::find(codes.begin(), codes.end(), static_cast<std::uint8_t>(reason)) != codes.end();
}

}  // namespace confab::mqtt
