// Packets by chance, of everything that a version has, for tests that take any.
#pragma once

#include <deque>
#include <random>
#include <string>

#include "mqtt/wire.h"

namespace confab::mqtt {

// The texts of its packets live as long as it does. The same seed makes the same packets.
class RandomPackets {
 public:
  RandomPackets(unsigned seed, Level level, From from);

  Packet next();
  std::size_t below(std::size_t end) { return random_() % end; }

 private:
  bool chance() { return below(2) == 0; }
  std::uint32_t number() { return static_cast<std::uint32_t>(random_()) >> below(32); }
  std::uint16_t short_number() { return static_cast<std::uint16_t>(1 + below(65535)); }
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::string_view text(std::size_t least = 0);
  std::string_view bytes();
  std::string_view maybe_text() { return chance() ? text() : std::string_view(); }
  UserProperties user();
  Reason pick(std::initializer_list<Reason> reasons) { return reasons.begin()[below(reasons.size())]; }
  MessageProperties message();

  Connect connect();
  void add_properties(Connect& connect);
  Connack connack();
  void add_properties(Connack& connack);
  Publish publish();
  Ack ack();
  Subscribe subscribe();
  Suback suback();
  Unsubscribe unsubscribe();
  Unsuback unsuback();
  Disconnect disconnect();
  Auth auth();

  std::mt19937_64 random_;
  Level level_;
  From from_;
  std::deque<std::string> texts_;
};

}  // namespace confab::mqtt
