#include <algorithm>

#include "testing/space_world.h"

using namespace confab;
using namespace confab::testing;

namespace {

core::TopicFilter filter(const std::string& text, std::uint8_t qos, std::uint8_t handling, std::uint32_t id = 0) {
  core::TopicFilter made;
  made.filter = text;
  made.qos = qos;
  made.retain_handling = handling;
  made.id = id;
  return made;
}

Payloads sorted(Payloads payloads) {
  std::sort(payloads.begin(), payloads.end());
  return payloads;
}

}  // namespace

TEST_CASE("§3.3.1.3: what is retained follows a subscription, on every shard, marked as such") {
  for (const std::uint32_t shards : {1U, 3U}) {
    SpaceWorld world({}, shards);
    const auto alice = world.open("alice");
    world.publish(alice, "a/1", "one", 1, true);
    world.publish(alice, "a/2", "two", 0, true);
    world.publish(alice, "a/2", "2", 0, true);
    world.publish(alice, "b", "no", 0, true);
    for (const char* name : {"bob", "carol", "dave"}) {
      const auto client = world.open(name);
      world.subscribe(client, {filter("a/+", 2, 0, 9)});
      const auto got = world.take(client);
      REQUIRE(got.size() == 2);
      for (const auto& delivery : got) {
        CHECK(delivery.retain);
        CHECK(delivery.takes_room);
        CHECK(delivery.ids == std::vector<std::uint32_t>{9});
        CHECK(delivery.qos == (delivery.message->payload == "one" ? 1 : 0));
      }
    }
    world.publish(alice, "a/1", "", 1, true);
    const auto eve = world.open("eve");
    world.subscribe(eve, "a/1");
    CHECK(world.payloads(eve).empty());
  }
}

TEST_CASE("§3.8.3.1: retain handling") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  world.publish(alice, "a", "x", 0, true);
  for (int again = 0; again < 2; ++again) {
    world.subscribe(alice, {filter("a", 0, 0)});
    CHECK(world.payloads(alice) == Payloads{"x"});
  }
  world.subscribe(alice, {filter("a", 0, 1)});
  CHECK(world.payloads(alice).empty());
  world.subscribe(alice, {filter("+", 0, 1)});
  CHECK(world.payloads(alice) == Payloads{"x"});
  world.subscribe(alice, {filter("#", 0, 2)});
  CHECK(world.payloads(alice).empty());
}

TEST_CASE("§4.8.2: nothing that is retained goes to a shared subscription") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  world.publish(alice, "a", "x", 0, true);
  world.subscribe(alice, "$share/g/a");
  CHECK(world.payloads(alice).empty());
}

TEST_CASE("many retained messages come in pieces, as there is room") {
  topics::Options options;
  options.walk_names = 3;
  SpaceWorld world(options);
  const auto alice = world.open("alice", 5);
  Payloads expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back(std::to_string(i));
    world.publish(alice, "a/" + std::to_string(i), expected.back(), i % 2 == 0 ? 1 : 0, true);
    world.publish(alice, "b/" + std::to_string(i), "no", 0, true);
  }
  world.subscribe(alice, "#", 1);
  world.done<core::TopicsUnsubscribed>(alice, core::UnsubscribeTopics{{"#"}});
  const auto bob = world.open("bob", 5);
  world.subscribe(bob, "+/#", 1);
  Payloads got = world.payloads(bob);
  CHECK(got.size() == 5);
  while (got.size() < 40) {
    world.tell(bob, core::WantTopics{5});
    const Payloads more = world.payloads(bob);
    REQUIRE(more.size() == 5);
    got.insert(got.end(), more.begin(), more.end());
  }
  std::erase(got, "no");
  CHECK(sorted(got) == sorted(expected));
  world.tell(bob, core::WantTopics{5});
  CHECK(world.payloads(bob).empty());
}

TEST_CASE("limits of what is retained; what has expired makes room") {
  topics::Options options;
  options.retained_messages = 2;
  options.retained_bytes = 20;
  SpaceWorld world(options);
  const auto alice = world.open("alice");
  auto expiring = SpaceWorld::message("a", "1", 0, true);
  expiring.message.expiry = 10;
  world.done<core::TopicPublished>(alice, expiring);
  world.publish(alice, "b", "1", 0, true);
  CHECK(world.refused(alice, SpaceWorld::message("c", "1", 0, true)) == Errc::too_big);
  CHECK(world.refused(alice, SpaceWorld::message("b", std::string(30, 'x'), 0, true)) == Errc::too_big);
  world.publish(alice, "b", "2", 0, true);
  world.pass(seconds(11));
  world.publish(alice, "c", "1", 0, true);
  CHECK(world.space().counters().retained.get() == 2);
}

TEST_CASE("what is retained with QoS over 0 is durable before it is acknowledged, with QoS 0 soon") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  world.held = true;
  const auto waits = world.ask(alice, SpaceWorld::message("a", "1", 1, true));
  CHECK(world.reply(alice, waits) == nullptr);
  world.release();
  CHECK(world.reply(alice, waits) != nullptr);
  world.publish(alice, "b", "2", 0, true);
  world.publish(alice, "c", "3", 0, true);
  world.publish(alice, "c", "", 0, true);
  world.pass(seconds(2));
  world.crash();
  const auto bob = world.open("bob");
  world.subscribe(bob, "#", 1);
  CHECK(sorted(world.payloads(bob)) == Payloads{"1", "2"});
}

TEST_CASE("what is retained ends with its expiry, also over a restart") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  auto expiring = SpaceWorld::message("a", "1", 1, true);
  expiring.message.expiry = 60;
  world.done<core::TopicPublished>(alice, expiring);
  world.pass(seconds(20));
  world.crash();
  const auto bob = world.open("bob");
  world.subscribe(bob, "a");
  const auto got = world.take(bob);
  REQUIRE(got.size() == 1);
  CHECK(got[0].expiry == 40U);
  world.pass(seconds(40));
  world.subscribe(bob, "a");
  CHECK(world.take(bob).empty());
}

TEST_CASE("$SYS: what the server says of itself comes while somebody is after it, and is not stored") {
  for (const std::uint32_t shards : {1U, 3U}) {
    topics::Options options;
    options.version = "9.9";
    SpaceWorld world(options, shards);
    const auto alice = world.open("alice");
    world.subscribe(alice, "$SYS/broker/#");
    auto got = world.take(alice);
    const auto find = [&](const std::string& topic) {
      std::string payload;
      for (const auto& delivery : got) {
        if (delivery.message->topic == "$SYS/broker/" + topic) payload = delivery.message->payload;
      }
      return payload;
    };
    CHECK(find("version") == "confab 9.9");
    CHECK(find("clients/connected") == "1");
    world.pass(milliseconds(10'500));
    got = world.take(alice);
    CHECK(find("uptime") == "10 seconds");
    world.done<core::TopicsUnsubscribed>(alice, core::UnsubscribeTopics{{"$SYS/broker/#"}});
    world.pass(seconds(60));
    CHECK(world.take(alice).empty());
    for (const core::TopicChange& change : world.changes)
      CHECK_FALSE(std::holds_alternative<core::PutRetained>(change));
  }
}
