// Wills (MQTT 5 §3.1.2.5, §3.1.3.2), from CONNECT to those who hear them.
#include <functional>

#include "mqtt/tests/topic_site.h"

namespace confab::mqtt {
namespace {

constexpr Level kLevels[] = {Level::v5, Level::v311};
using Texts = std::vector<std::string>;

Connect with_will(Connect connect, std::uint32_t delay = 0, bool retain = false) {
  connect.will = Will{.topic = "will", .payload = "gone", .qos = 1, .retain = retain, .delay = delay};
  return connect;
}

struct Watched {
  Watched() : watcher(site, named("watcher")) {
    watcher.subscribe({"will", 1, false, true});
    watcher.forget();
  }
  TopicSite site;
  TopicClient watcher;
};

TEST_CASE("session: [MQTT-3.1.2-7] [MQTT-3.1.2-8] the will is said however the connection is lost") {
  const std::vector<std::function<void(Watched&, TopicClient&)>> ways = {
      [](Watched&, TopicClient& client) { client.lose(); },
      [](Watched& w, TopicClient&) { w.site.pass(seconds(16)); },             // the keep alive
      [](Watched&, TopicClient& client) { client.feed_bytes(hex("0000")); },  // malformed
      [](Watched&, TopicClient& client) { client.feed(named("c")); },         // a second CONNECT
      [](Watched&, TopicClient& client) { client.end(session::CloseReason::shutdown); },
      [](Watched& w, TopicClient&) { TopicClient(w.site, named("c")); },  // taken over
  };
  for (const Level level : kLevels) {
    for (const auto& way : ways) {
      Watched w;
      Connect connect = with_will(named("c", level));
      connect.keep_alive = 10;
      TopicClient client(w.site, connect);
      CHECK(w.watcher.packets.empty());
      way(w, client);
      CHECK(client.closed);
      CHECK(w.watcher.payloads() == Texts{"gone"});
    }
  }
}

TEST_CASE("session: [MQTT-3.1.2-7] a will has all that a message has") {
  Watched w;
  Connect connect = named("c");
  Will will{.topic = "will", .payload = "\xc3\xa9", .qos = 2};
  will.properties.utf8 = true;
  will.properties.expiry = 50;
  will.properties.content_type = "text/plain";
  will.properties.response_topic = "r";
  will.properties.correlation = "c";
  will.properties.user = {{"b", "1"}, {"a", "2"}};
  connect.will = will;
  TopicClient(w.site, connect).lose();
  REQUIRE(w.watcher.sent<Publish>().size() == 1);
  const Publish said = w.watcher.sent<Publish>()[0];
  CHECK(said.properties == will.properties);
  CHECK(said.payload == will.payload);
  CHECK(said.qos == 1);  // as was asked for
}

TEST_CASE("session: [MQTT-3.1.2-10] [MQTT-3.14.4-3] a will is said once, and never after DISCONNECT") {
  for (const Level level : kLevels) {
    Watched w;
    {
      TopicClient client(w.site, with_will(lasting("c", level)));
      client.feed(Disconnect{});
      CHECK(client.closed);
    }
    w.site.pass(seconds(2000));
    CHECK(w.watcher.packets.empty());
    TopicClient(w.site, with_will(lasting("d", level))).lose();
    CHECK(w.watcher.payloads() == Texts{"gone"});
    TopicClient(w.site, lasting("d", level)).lose();
    w.site.pass(seconds(2000));
    CHECK(w.watcher.packets.empty());
  }
}

TEST_CASE("session: §3.1.2.5 a DISCONNECT that says anything but 0x00 has the will said") {
  for (const Reason reason : {Reason::disconnect_with_will, Reason::unspecified, Reason::malformed_packet,
                              Reason::receive_maximum_exceeded}) {
    Watched w;
    TopicClient client(w.site, with_will(named("c")));
    client.feed(Disconnect{.reason = reason});
    CHECK(client.closed);
    CHECK(w.watcher.payloads() == Texts{"gone"});
  }
}

TEST_CASE("session: 3.1.1 [MQTT-3.1.2-12] who has no will has none said") {
  for (const Level level : kLevels) {
    Watched w;
    TopicClient(w.site, with_will(lasting("c", level))).feed(Disconnect{});
    TopicClient(w.site, lasting("c", level)).lose();
    TopicClient(w.site, named("d", level)).lose();
    CHECK(w.watcher.packets.empty());
  }
}

TEST_CASE("session: [MQTT-3.1.2-14] [MQTT-3.1.2-15] a will is retained as its client said") {
  for (const Level level : kLevels) {
    for (const bool retain : {false, true}) {
      Watched w;
      TopicClient(w.site, with_will(named("c", level), 0, retain)).lose();
      REQUIRE(w.watcher.sent<Publish>().size() == 1);
      CHECK(w.watcher.sent<Publish>()[0].retain == retain);
      TopicClient late(w.site, named("late"));
      late.subscribe("will");
      CHECK(late.payloads() == (retain ? Texts{"gone"} : Texts{}));
    }
  }
}

TEST_CASE("session: [MQTT-3.1.3-9] who comes back within the will's delay has it not said") {
  Watched w;
  const Connect connect = with_will(lasting("c"), 10);
  TopicClient(w.site, connect).lose();
  w.site.pass(seconds(9));
  TopicClient(w.site, lasting("c")).feed(Disconnect{});
  w.site.pass(seconds(60));
  CHECK(w.watcher.packets.empty());
  // The connection that takes over comes at once.
  {
    TopicClient first(w.site, connect);
    TopicClient second(w.site, lasting("c"));
    CHECK(first.closed);
    w.site.pass(seconds(60));
    CHECK(w.watcher.packets.empty());
    second.feed(Disconnect{});
  }
  TopicClient(w.site, connect).lose();
  w.site.pass(seconds(9));
  CHECK(w.watcher.packets.empty());
  w.site.pass(seconds(2));
  CHECK(w.watcher.payloads() == Texts{"gone"});
}

}  // namespace
}  // namespace confab::mqtt
