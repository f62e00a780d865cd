// How connections end (MQTT 5 §3.14, §4.13), and PINGREQ.
#include <functional>

#include "mqtt/tests/topic_site.h"
#include "mqtt/timers.h"

namespace confab::mqtt {
namespace {

constexpr Level kLevels[] = {Level::v5, Level::v311};
using Texts = std::vector<std::string>;

TEST_CASE("session: [MQTT-3.12.4-1] PINGRESP answers PINGREQ, as bytes") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient client(site, named("c", level));
    client.hear();
    CHECK(client.hear("c000") == "d000");
    CHECK(client.hear("c000 c000") == "d000d000");
  }
}

TEST_CASE("session: [MQTT-3.14.0-1] no DISCONNECT before CONNACK, whatever ends it") {
  const std::vector<std::function<void(TopicSite&, TopicClient&)>> ways = {
      [](TopicSite&, TopicClient& client) { client.feed_bytes(hex("e000")); },
      [](TopicSite&, TopicClient& client) { client.feed_bytes(hex("0000")); },
      [](TopicSite&, TopicClient& client) { client.feed_bytes(hex("ff ff ff ff ff")); },
      [](TopicSite&, TopicClient& client) { client.feed_bytes(hex("f002 18 00")); },
      [](TopicSite&, TopicClient& client) { client.feed_bytes(packet(0x30, "0001 't' 00 'x'")); },
      [](TopicSite&, TopicClient& client) { client.feed_bytes(packet(0x10, "0004 'MQTT' 05 01 0000 00 0001 'c'")); },
      [](TopicSite&, TopicClient& client) { client.feed_bytes(packet(0x10, "0004 'MQTX' 05 02 0000 00 0001 'c'")); },
      [](TopicSite& site, TopicClient&) { site.pass(seconds(31)); },
      [](TopicSite&, TopicClient& client) { client.end(session::CloseReason::shutdown); },
      [](TopicSite&, TopicClient& client) { client.feed_bytes(hex("10 ffffff7f")); },  // too large
  };
  for (const auto& way : ways) {
    TopicSite site;
    TopicClient client(site, Level::v5);
    way(site, client);
    CHECK(client.closed);
    CHECK(client.sent<Disconnect>().empty());
    for (const Connack& each : client.sent<Connack>()) CHECK(static_cast<unsigned>(each.reason) >= 0x80);
  }
}

TEST_CASE(
    "session: [MQTT-3.14.4-1] [MQTT-3.14.4-2] after DISCONNECT nothing is sent and nothing is taken, from either "
    "side") {
  for (const Level level : kLevels) {
    TopicSite site;
    TopicClient watcher(site, named("w"));
    watcher.subscribe("#");
    watcher.forget();
    TopicClient client(site, named("c", level));
    client.subscribe("#");
    client.hear();
    std::string bytes;
    write(Disconnect{}, level, bytes);
    write(Publish{.qos = 1, .topic = "a", .id = 1, .payload = "x"}, level, bytes);
    write(Pingreq{}, level, bytes);
    client.feed_bytes(bytes);
    CHECK(client.closed);
    CHECK(client.closed_by == session::CloseReason::finished);
    CHECK(client.hear() == "");
    CHECK(watcher.packets.empty());
    // Ours: a second CONNECT, with more behind it.
    TopicClient second(site, named("d", level));
    second.subscribe("#");
    second.hear();
    bytes.clear();
    write(named("d", level), level, bytes);
    write(Publish{.qos = 1, .topic = "a", .id = 1, .payload = "x"}, level, bytes);
    write(Pingreq{}, level, bytes);
    second.feed_bytes(bytes);
    CHECK(second.closed);
    CHECK(second.hear() == (level == Level::v5 ? "e00182" : ""));
    CHECK(watcher.packets.empty());
  }
}

TEST_CASE("session: [MQTT-4.13.1-1] [MQTT-4.13.2-1] what breaks the protocol ends it, in 5.0 with the reason") {
  struct Case {
    std::string bytes;
    Reason reason;
  };
  const auto try_all = [](Level level, const std::vector<Case>& cases) {
    for (const Case& each : cases) {
      TopicSite site;
      TopicClient client(site, named("c", level));
      client.hear();
      client.feed_bytes(each.bytes + hex("c000"));
      CAPTURE(encode_hex(each.bytes));
      CHECK(client.closed);
      CHECK(client.closed_by == session::CloseReason::violation);
      const std::string code(1, static_cast<char>(each.reason));
      CHECK(client.hear() == (level == Level::v5 ? "e001" + encode_hex(code) : ""));
    }
  };
  try_all(Level::v5, {{hex("0000"), Reason::malformed_packet},
                      {packet(0x36, "0001 't' 0001 00 'x'"), Reason::malformed_packet},
                      {packet(0x30, "0001 '#' 00 'x'"), Reason::topic_name_invalid},
                      {packet(0x30, "0000 00 'x'"), Reason::protocol_error},
                      {packet(0x30, "0001 't' 02 0b01 'x'"), Reason::protocol_error},
                      {packet(0x82, "0001 00"), Reason::protocol_error},
                      {packet(0x82, "0001 00 0001 'a' 03"), Reason::protocol_error},
                      {hex("20020000"), Reason::protocol_error},
                      {hex("d000"), Reason::protocol_error},
                      // A second CONNECT, that has another fault, too.
                      {packet(0x10, "0004 'MQTX' 05 02 0000 00 0001 'c'"), Reason::protocol_error},
                      {packet(0x10, "0004 'MQTT' 05 03 0000 00 0001 'c'"), Reason::protocol_error},
                      {packet(0x30, "0001 't' 02 0101 ff"), Reason::payload_format_invalid},
                      {hex("32 80808001"), Reason::packet_too_large}});
  // 3.1.1 [MQTT-4.8.0-1].
  try_all(Level::v311, {{hex("0000"), Reason::success},
                        {hex("f002 1800"), Reason::success},
                        {packet(0x36, "0001 't' 0001 'x'"), Reason::success},
                        {packet(0x30, "0001 '#' 'x'"), Reason::success},
                        {packet(0x82, "0001"), Reason::success},
                        {hex("d000"), Reason::success}});
}

TEST_CASE("session: the domain ends it, and says why, in 5.0") {
  const std::vector<std::pair<session::CloseReason, std::string>> reasons = {
      {session::CloseReason::shutdown, "e0018b"},
      {session::CloseReason::removed, "e00187"},
      {session::CloseReason::slow_reader, "e00197"}};
  for (const auto& [why, bytes] : reasons) {
    for (const Level level : kLevels) {
      TopicSite site;
      TopicClient client(site, named("c", level));
      client.hear();
      client.end(why);
      CHECK(client.hear() == (level == Level::v5 ? bytes : ""));
      CHECK(client.closed_by == why);
    }
  }
}

}  // namespace
}  // namespace confab::mqtt
