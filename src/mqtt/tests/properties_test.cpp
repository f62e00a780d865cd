// Where each property of MQTT 5.0 may stand, how often, and in what form (§2.2.2).
#include <map>
#include <set>

#include "mqtt/properties.h"
#include "mqtt/tests/reading.h"

namespace confab::mqtt {
namespace {

// A good value of each property, with its identifier.
const std::map<unsigned, std::string> kGood = {
    {0x01, "01 01"},
    {0x02, "02 00000001"},
    {0x03, "03 0001 'c'"},
    {0x08, "08 0001 'r'"},
    {0x09, "09 0001 'd'"},
    {0x0B, "0b 01"},
    {0x11, "11 00000001"},
    {0x12, "12 0001 'i'"},
    {0x13, "13 0001"},
    {0x15, "15 0001 'm'"},
    {0x16, "16 0001 'd'"},
    {0x17, "17 01"},
    {0x18, "18 00000001"},
    {0x19, "19 01"},
    {0x1A, "1a 0001 'r'"},
    {0x1C, "1c 0001 's'"},
    {0x1F, "1f 0001 'r'"},
    {0x21, "21 0001"},
    {0x22, "22 0001"},
    {0x23, "23 0001"},
    {0x24, "24 01"},
    {0x25, "25 01"},
    {0x26, "26 0001 'n' 0001 'v'"},
    {0x27, "27 00000001"},
    {0x28, "28 01"},
    {0x29, "29 01"},
    {0x2A, "2a 01"},
};

// Table 2-4, by packet.
const std::map<Holder, std::set<unsigned>> kTable = {
    {Holder::will, {0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26}},
    {Holder::connect, {0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27}},
    {Holder::connack,
     {0x11, 0x12, 0x13, 0x15, 0x16, 0x1A, 0x1C, 0x1F, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A}},
    {Holder::publish, {0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, 0x26}},
    {Holder::puback, {0x1F, 0x26}},
    {Holder::pubrec, {0x1F, 0x26}},
    {Holder::pubrel, {0x1F, 0x26}},
    {Holder::pubcomp, {0x1F, 0x26}},
    {Holder::subscribe, {0x0B, 0x26}},
    {Holder::suback, {0x1F, 0x26}},
    {Holder::unsubscribe, {0x26}},
    {Holder::unsuback, {0x1F, 0x26}},
    {Holder::disconnect, {0x11, 0x1C, 0x1F, 0x26}},
    {Holder::auth, {0x15, 0x16, 0x1F, 0x26}},
};

Fault fault_of(const std::string& properties_hex, Holder holder) {
  const std::string properties = hex(properties_hex);
  const std::string bytes = std::string(1, static_cast<char>(properties.size())) + properties;
  Cursor cursor(bytes);
  Properties reading(cursor, holder);
  while (reading.next()) continue;
  return cursor.fault();
}

TEST_CASE("wire: §2.2.2.2 a property stands where table 2-4 has it, and is malformed elsewhere") {
  for (const auto& [holder, ids] : kTable) {
    for (const auto& [id, good] : kGood) {
      INFO(static_cast<int>(holder), " ", id);
      CHECK(fault_of(good, holder).reason == (ids.contains(id) ? Reason::success : Reason::malformed_packet));
    }
  }
}

TEST_CASE("wire: §2.2.2.2 an identifier that is not in table 2-4 is malformed") {
  for (unsigned id = 0; id < 128; ++id) {
    if (kGood.contains(id)) continue;
    CHECK(fault_of(encode_hex(std::string(1, static_cast<char>(id))) + "00000000", Holder::connack).reason ==
          Reason::malformed_packet);
  }
  CHECK(fault_of("8001 00000000", Holder::connack).reason == Reason::malformed_packet);
  CHECK(fault_of("a100 0001", Holder::connack).reason == Reason::malformed_packet);  // 0x21 in two bytes
  CHECK(fault_of("ffffff7f", Holder::connack).reason == Reason::malformed_packet);
}

TEST_CASE("wire: §2.2.2.2 twice the same property is a protocol error, but for those that may repeat") {
  for (const auto& [holder, ids] : kTable) {
    for (const unsigned id : ids) {
      const bool repeats = id == 0x26 || (id == 0x0B && holder == Holder::publish);
      INFO(static_cast<int>(holder), " ", id);
      CHECK(fault_of(kGood.at(id) + kGood.at(id), holder).reason ==
            (repeats ? Reason::success : Reason::protocol_error));
    }
  }
}

TEST_CASE("wire: a property that is cut off is malformed") {
  for (const auto& [holder, ids] : kTable) {
    for (const unsigned id : ids) {
      const std::string whole = hex(kGood.at(id));
      for (std::size_t size = 1; size < whole.size(); ++size) {
        CHECK(fault_of(encode_hex(whole.substr(0, size)), holder).reason == Reason::malformed_packet);
      }
    }
  }
}

TEST_CASE("wire: flags are 0 or 1") {
  for (const auto& [holder, ids] : kTable) {
    for (const unsigned id : {0x01U, 0x17U, 0x19U, 0x24U, 0x25U, 0x28U, 0x29U, 0x2AU}) {
      if (!ids.contains(id)) continue;
      const std::string name = encode_hex(std::string(1, static_cast<char>(id)));
      CHECK(fault_of(name + "00", holder).reason == Reason::success);
      CHECK(fault_of(name + "02", holder).reason == Reason::protocol_error);
      CHECK(fault_of(name + "ff", holder).reason == Reason::protocol_error);
    }
  }
}

TEST_CASE("wire: what must not be 0") {
  CHECK(fault_of("21 0000", Holder::connack).reason == Reason::protocol_error);
  CHECK(fault_of("27 00000000", Holder::connack).reason == Reason::protocol_error);
  CHECK(fault_of("0b 00", Holder::publish).reason == Reason::protocol_error);
  CHECK(fault_of("0b 00", Holder::subscribe).reason == Reason::protocol_error);
}

TEST_CASE("wire: [MQTT-1.5.5-1] a variable byte integer takes no more bytes than it needs") {
  CHECK(fault_of("0b ffffff7f", Holder::subscribe).reason == Reason::success);
  CHECK(fault_of("0b 8100", Holder::subscribe).reason == Reason::malformed_packet);
  CHECK(fault_of("0b ff8000", Holder::subscribe).reason == Reason::malformed_packet);
  CHECK(fault_of("0b ffffffff01", Holder::subscribe).reason == Reason::malformed_packet);
  CHECK(problem_of(packet(0x30, "0001 't' 8000")) == Reason::malformed_packet);
}

TEST_CASE("wire: [MQTT-1.5.7-1] both texts of a pair are UTF-8") {
  CHECK(fault_of("26 0001 ff 0001 'v'", Holder::publish).reason == Reason::malformed_packet);
  CHECK(fault_of("26 0001 'n' 0001 ff", Holder::publish).reason == Reason::malformed_packet);
  CHECK(fault_of("26 0001 00 0001 'v'", Holder::publish).reason == Reason::malformed_packet);
  CHECK(fault_of("26 0000 0000", Holder::publish).reason == Reason::success);
}

TEST_CASE("wire: [MQTT-2.2.2-1] without properties there is a length of zero") {
  CHECK(problem_of(packet(0x32, "0001 't' 0001")) == Reason::malformed_packet);
  CHECK(problem_of(packet(0x82, "0001")) == Reason::malformed_packet);
  CHECK(written(Publish{.topic = "t"}) ==
        "30040001"
        "7400");
  CHECK(written(Subscribe{.id = 1, .subscriptions = {{"f"}}}) ==
        "8207"
        "0001"
        "00"
        "0001"
        "66"
        "00");
  CHECK(written(Connect{.client_id = "c"}) ==
        "100e"
        "00044d515454"
        "05"
        "02"
        "0000"
        "00"
        "000163");
}

TEST_CASE("wire: properties beyond the packet are malformed") {
  CHECK(problem_of(packet(0x30, "0001 't' 05 01 01")) == Reason::malformed_packet);
  CHECK(problem_of(packet(0x30, "0001 't' 01 01 01")) == Reason::malformed_packet);
}

}  // namespace
}  // namespace confab::mqtt
