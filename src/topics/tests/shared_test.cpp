// §4.8.2: shared subscriptions.
#include <map>

#include "testing/space_world.h"

using namespace confab;
using namespace confab::testing;

namespace {

constexpr const char* kShared = "$share/g/a/#";

std::size_t count(SpaceWorld& world, const TopicClient& client) {
  return world.take(client).size();
}

}  // namespace

TEST_CASE("§4.8.2: each message goes to one of those who are there, in turn, wherever they are") {
  for (const std::uint32_t shards : {1U, 3U}) {
    for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
      SpaceWorld world({}, shards);
      const auto sender = world.open("sender");
      const auto watcher = world.open("watcher");
      world.subscribe(watcher, "a/#", 2);
      std::vector<TopicClient> members;
      for (const char* name : {"m1", "m2", "m3"}) {
        members.push_back(world.open(name));
        world.subscribe(members.back(), kShared, qos);
      }
      for (int i = 0; i < 9; ++i) world.publish(sender, "a/b", std::to_string(i), 2);
      for (const auto& member : members) {
        const auto got = world.take(member);
        CHECK(got.size() == 3);
        for (const auto& delivery : got) {
          CHECK(delivery.qos == qos);
          CHECK((delivery.seq != 0) == (qos > 0));
        }
      }
      CHECK(count(world, watcher) == 9);
    }
  }
}

TEST_CASE("groups of other names, and the filter itself, each have their own") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  world.subscribe(alice, "$share/g/a", 1);
  world.subscribe(alice, "$share/h/a", 1);
  world.subscribe(alice, "a", 1);
  world.publish(alice, "a", "x", 1);
  CHECK(count(world, alice) == 3);
}

TEST_CASE("what a member that goes away had not acknowledged goes to another one; QoS 2 that it had stays its own") {
  for (const std::uint32_t shards : {1U, 3U}) {
    SpaceWorld world({}, shards);
    const auto sender = world.open("sender");
    const auto first = world.open("m1", 2);
    world.subscribe(first, kShared, 2);
    world.publish(sender, "a/1", "1", 1);
    world.publish(sender, "a/2", "2", 2);
    world.publish(sender, "a/3", "3", 2);  // not handed over
    CHECK(world.payloads(first) == Payloads{"1", "2"});
    const auto second = world.open("m2");
    world.subscribe(second, kShared, 2);
    CHECK(world.payloads(second).empty());
    world.close(first);
    CHECK(world.payloads(second) == Payloads{"1", "3"});
  }
}

TEST_CASE("a member that unsubscribes keeps what it was handed, and gives back the rest") {
  SpaceWorld world;
  const auto sender = world.open("sender");
  const auto first = world.open("m1", 1);
  const auto second = world.open("m2");
  world.subscribe(first, kShared, 1);
  world.publish(sender, "a/1", "1", 1);
  world.publish(sender, "a/1", "2", 1);
  world.subscribe(second, kShared, 1);
  world.done<core::TopicsUnsubscribed>(first, core::UnsubscribeTopics{{kShared}});
  CHECK(world.payloads(first) == Payloads{"1"});
  CHECK(world.payloads(second) == Payloads{"2"});
  world.close(first);
  CHECK(world.payloads(second).empty());
  world.publish(sender, "a/1", "3", 1);
  CHECK(world.payloads(second) == Payloads{"3"});
}

TEST_CASE("while all members are away what must be kept is, for whoever comes back first, also over a crash") {
  for (const bool crash : {false, true}) {
    for (const std::uint32_t shards : {1U, 3U}) {
      SpaceWorld world({}, shards);
      auto sender = world.open("sender");
      for (const char* name : {"m1", "m2"}) {
        const auto member = world.open_durable(name);
        world.subscribe(member, kShared, 1);
        world.close(member);
      }
      for (int i = 0; i < 6; ++i) world.publish(sender, "a/b", std::to_string(i), 1);
      world.publish(sender, "a/b", "lost", 0);
      if (crash) world.crash();
      const auto first = world.open_durable("m1");
      const auto got = world.take(first);
      REQUIRE(got.size() == 6);
      for (int i = 0; i < 6; ++i) CHECK(got[static_cast<std::size_t>(i)].message->payload == std::to_string(i));
      for (int i = 0; i < 3; ++i) world.acknowledge(first, got[static_cast<std::size_t>(i)]);
      world.pass(seconds(3));
      world.close(first);
      const auto second = world.open_durable("m2");
      CHECK(world.payloads(second) == Payloads{"3", "4", "5"});
      sender = world.open("sender2");
      world.publish(sender, "a/b", "live", 1);
      CHECK(world.payloads(second) == Payloads{"live"});
    }
  }
}

TEST_CASE("QoS 2 that a member was handed comes again to it and to nobody else") {
  SpaceWorld world;
  const auto sender = world.open("sender");
  auto first = world.open_durable("m1");
  const auto second = world.open_durable("m2", 0);
  world.subscribe(first, kShared, 2);
  world.publish(sender, "a", "x", 2);
  const auto got = world.take(first);
  REQUIRE(got.size() == 1);
  world.subscribe(second, kShared, 2);
  world.tell(second, core::WantTopics{100});
  world.close(first);
  CHECK(world.payloads(second).empty());
  first = world.open_durable("m1");
  const auto again = world.take(first);
  REQUIRE(again.size() == 1);
  CHECK(again[0].seq == got[0].seq);
  world.acknowledge(first, again[0]);
  world.pass(seconds(3));
  world.publish(sender, "a", "y", 2);
  world.pass(seconds(3));
  CHECK(world.store.read(0, 100, 10'000).size() == 1);
}

TEST_CASE("a group whose members all have more than they take refuses, and takes again what they acknowledge") {
  topics::Options options;
  options.queue_messages = 4;
  for (const std::uint32_t shards : {1U, 3U}) {
    SpaceWorld world(options, shards);
    const auto sender = world.open("sender");
    const auto member = world.open("m1");
    world.subscribe(member, kShared, 1);
    for (int i = 0; i < 4; ++i) world.publish(sender, "a/b", std::to_string(i), 1);
    CHECK(world.refused(sender, SpaceWorld::message("a/b", "4", 1)) == Errc::too_fast);
    for (const auto& delivery : world.take(member)) world.acknowledge(member, delivery);
    world.publish(sender, "a/b", "4", 1);
    CHECK(world.payloads(member) == Payloads{"4"});
  }
}

TEST_CASE("a group is gone with its last member") {
  for (const std::uint32_t shards : {1U, 3U}) {
    SpaceWorld world({}, shards);
    const auto sender = world.open("sender");
    const auto member = world.open_durable("m1");
    world.subscribe(member, kShared, 1);
    world.publish(sender, "a/b", "x", 1);
    core::CloseTopicSession closing;
    closing.expiry = 0;
    world.close(member, closing);
    CHECK_FALSE(world.done<core::TopicPublished>(sender, SpaceWorld::message("a/b", "y", 1)).matched);
    world.pass(seconds(3));
    for (std::uint32_t shard = 0; shard < shards; ++shard) CHECK(world.space(shard).filters() == 1);
    CHECK(world.store.load_places().groups.empty());
  }
}
