// What a Reader makes of some bytes: all at once, and the same byte by byte.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/tests/hex.h"
#include "mqtt/wire.h"

namespace confab::mqtt {

// The packets' texts are slices of `bytes`.
struct Reading {
  explicit Reading(std::string all, Level with = Level::v5, From side = From::client, std::size_t limit = 1 << 20)
      : bytes(std::move(all)) {
    Reader reader = make(with, side, limit);
    read(reader, [&](Packet&& one) { packets.push_back(std::move(one)); });
    Reader slow = make(with, side, limit);
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      slow.feed(std::string_view(bytes).substr(i, 1));
      drain(slow, [&](Packet&& one) { CHECK(one == packets.at(at++)); });
      if (slow.problem() == Reason::success) CHECK(slow.memory() <= std::max<std::size_t>(15, 2 * bytes.size()));
    }
    CHECK(at == packets.size());
    CHECK(slow.problem() == problem);
    CHECK(slow.level() == level);
    CHECK(slow.failed_in_connect() == in_connect);
    CHECK(slow.buffered() == buffered);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  template <class P>
  const P& only() const {
    REQUIRE(packets.size() == 1);
    REQUIRE(std::holds_alternative<P>(packets[0]));
    return std::get<P>(packets[0]);
  }

  std::string bytes;
  std::vector<Packet> packets;
  Reason problem = Reason::success;
  Errc code = Errc::closed;
  Level level = Level::v5;
  bool in_connect = false;
  std::size_t buffered = 0;

 private:
  static Reader make(Level with, From side, std::size_t limit) {
    Reader reader(limit, side);
    reader.set_level(with);
    return reader;
  }
  template <class Take>
  void drain(Reader& reader, const Take& take) {
    for (;;) {
      auto next = reader.next();
      if (!next) code = next.error().code;
      if (!next || !*next) return;
      take(std::move(**next));
    }
  }
  template <class Take>
  void read(Reader& reader, const Take& take) {
    reader.feed(bytes);
    drain(reader, take);
    problem = reader.problem();
    level = reader.level();
    in_connect = reader.failed_in_connect();
    buffered = reader.buffered();
  }
};

inline Reason problem_of(const std::string& bytes, Level level = Level::v5, From from = From::client) {
  return Reading(bytes, level, from).problem;
}

// A CONNECT of 5.0 with these flags and what is behind the keep alive.
inline std::string connect5(std::string_view flags, std::string_view rest) {
  return packet(0x10, "0004 'MQTT' 05" + std::string(flags) + "003c" + std::string(rest));
}
inline std::string connect311(std::string_view flags, std::string_view rest) {
  return packet(0x10, "0004 'MQTT' 04" + std::string(flags) + "003c" + std::string(rest));
}
inline std::string connect31(std::string_view flags, std::string_view rest) {
  return packet(0x10, "0006 'MQIsdp' 03" + std::string(flags) + "003c" + std::string(rest));
}

// What is written, in hexadecimal; "" when it cannot be.
inline std::string written(const Packet& one, Level level = Level::v5, std::size_t limit = 0) {
  std::string out = "before";
  const bool done = write(one, level, out, limit);
  CHECK(out.starts_with("before"));
  if (!done) CHECK(out == "before");
  return encode_hex(out.substr(6));
}

}  // namespace confab::mqtt
