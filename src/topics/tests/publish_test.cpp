#include <algorithm>

#include "testing/space_world.h"

using namespace confab;
using namespace confab::testing;

namespace {

core::TopicFilter filter(const std::string& text, std::uint8_t qos = 0, std::uint32_t id = 0) {
  core::TopicFilter made;
  made.filter = text;
  made.qos = qos;
  made.id = id;
  return made;
}

std::vector<std::uint32_t> sorted(std::vector<std::uint32_t> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

TEST_CASE("a message goes to everybody whose filter matches, and to nobody else") {
  for (const std::uint32_t shards : {1U, 3U}) {
    SpaceWorld world({}, shards);
    const auto alice = world.open("alice");
    const auto bob = world.open("bob");
    const auto carol = world.open("carol");
    world.subscribe(alice, "a/+");
    world.subscribe(bob, "#");
    world.subscribe(carol, "b");
    CHECK(world.done<core::TopicPublished>(alice, SpaceWorld::message("a/b", "1")).matched);
    CHECK(world.payloads(alice) == Payloads{"1"});
    CHECK(world.payloads(bob) == Payloads{"1"});
    CHECK(world.payloads(carol).empty());
    world.done<core::TopicsUnsubscribed>(bob, core::UnsubscribeTopics{{"#"}});
    CHECK_FALSE(world.done<core::TopicPublished>(alice, SpaceWorld::message("x", "2")).matched);
    CHECK(world.payloads(bob).empty());
  }
}

TEST_CASE("§3.3.4, §4.7: overlapping subscriptions get one copy, at the highest QoS, with all identifiers") {
  for (const bool durable : {false, true}) {
    SpaceWorld world;
    const auto alice = durable ? world.open_durable("alice") : world.open("alice");
    world.subscribe(alice, {filter("a/#", 0, 1), filter("a/+", 2, 2), filter("a/b", 1, 3), filter("#", 1, 0)});
    world.publish(alice, "a/b", "x", 2);
    const auto got = world.take(alice);
    REQUIRE(got.size() == 1);
    CHECK(got[0].qos == 2);
    CHECK(sorted(got[0].ids) == std::vector<std::uint32_t>{1, 2, 3});
    CHECK(got[0].takes_room);
    CHECK((got[0].seq != 0) == durable);
  }
}

TEST_CASE("§3.8.4: a subscription of the same filter replaces the one before") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  world.subscribe(alice, {filter("a", 2, 7)});
  world.subscribe(alice, {filter("a", 0, 8)});
  world.publish(alice, "a", "x", 2);
  const auto got = world.take(alice);
  REQUIRE(got.size() == 1);
  CHECK(got[0].qos == 0);
  CHECK(got[0].ids == std::vector<std::uint32_t>{8});
  CHECK(world.space().counters().subscriptions.get() == 1);
}

TEST_CASE("§3.8.3.1: no local, and retain as published") {
  for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}}) {
    for (const bool durable : {false, true}) {
      SpaceWorld world;
      const auto alice = durable ? world.open_durable("alice") : world.open("alice");
      const auto bob = world.open("bob");
      core::TopicFilter own = filter("a", 1);
      own.no_local = true;
      own.retain_as_published = true;
      world.subscribe(alice, {own});
      world.subscribe(bob, "a", 1);
      world.publish(alice, "a", "mine", qos);
      CHECK(world.payloads(alice).empty());
      CHECK(world.payloads(bob) == Payloads{"mine"});
      world.publish(bob, "a", "yours", qos, true);
      const auto got = world.take(alice);
      REQUIRE(got.size() == 1);
      CHECK(got[0].retain);
      CHECK_FALSE(world.take(bob).front().retain);
    }
  }
}

TEST_CASE("§3.10.4: what is unsubscribed is answered one by one") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  world.subscribe(alice, {filter("a"), filter("b/#"), filter("$share/g/c")});
  const auto answer =
      world.done<core::TopicsUnsubscribed>(alice, core::UnsubscribeTopics{{"b/#", "x", "$share/g/c", "$share/h/c"}});
  CHECK(answer.existed == std::vector<bool>{true, false, true, false});
  CHECK(world.space().counters().subscriptions.get() == 1);
  world.publish(alice, "b/1", "x");
  world.publish(alice, "c", "x");
  CHECK(world.payloads(alice).empty());
}

TEST_CASE("§3.3.2.3.3: the expiry counts down while a message waits, and then it is not sent") {
  SpaceWorld world;
  const auto alice = world.open("alice", 0);
  const auto bob = world.open("bob");
  world.subscribe(alice, "a", 1);
  for (const std::uint32_t expiry : {5U, 60U}) {
    auto message = SpaceWorld::message("a", std::to_string(expiry), 1);
    message.message.expiry = expiry;
    world.done<core::TopicPublished>(bob, message);
  }
  CHECK(world.take(alice).empty());
  world.pass(seconds(10));
  world.tell(alice, core::WantTopics{10});
  const auto got = world.take(alice);
  REQUIRE(got.size() == 1);
  CHECK(got[0].message->payload == "60");
  CHECK(got[0].expiry == 50U);
  CHECK(world.space().counters().expired.get() == 1);
}

TEST_CASE("with QoS over 0 a session gets as much as it has room for, the rest when it wants it, in order") {
  SpaceWorld world;
  const auto alice = world.open("alice", 2);
  const auto bob = world.open("bob");
  world.subscribe(alice, "a", 1);
  for (const char* payload : {"1", "2", "3", "4"}) world.publish(bob, "a", payload, 1);
  world.publish(bob, "a", "now", 0);
  CHECK(world.payloads(alice) == Payloads{"1", "2", "now"});
  world.tell(alice, core::WantTopics{1});
  CHECK(world.payloads(alice) == Payloads{"3"});
  world.tell(alice, core::WantTopics{5});
  CHECK(world.payloads(alice) == Payloads{"4"});
}

TEST_CASE("over topic_queue_messages whoever publishes is refused, on every shard, until some of it is taken") {
  for (const std::uint32_t shards : {1U, 3U}) {
    for (const bool durable : {false, true}) {
      topics::Options options;
      options.queue_messages = 8;
      SpaceWorld world(options, shards);
      const auto slow = durable ? world.open_durable("slow", 0) : world.open("slow", 0);
      const auto bob = world.open("bob");
      const auto quick = world.open("quick");
      world.subscribe(slow, "a/#", 1);
      world.subscribe(quick, "a/b", 1);
      for (int i = 0; i < 8; ++i) world.publish(bob, "a/b", std::to_string(i), 1);
      CHECK(world.refused(bob, SpaceWorld::message("a/b", "8", 1)) == Errc::too_fast);
      CHECK(world.payloads(quick).size() == 8);
      world.publish(bob, "a/b", "8", 0);
      CHECK(world.payloads(quick) == Payloads{"8"});
      world.take(slow);
      world.tell(slow, core::WantTopics{4});
      CHECK(world.payloads(slow) == Payloads{"0", "1", "2", "3"});
      world.publish(bob, "a/b", "9", 1);
      CHECK(world.payloads(quick) == Payloads{"9"});
    }
  }
}

TEST_CASE("limits: levels, subscriptions, sessions; and the server's own topics") {
  topics::Options options;
  options.levels = 3;
  options.subscriptions_per_session = 2;
  options.sessions = 2;
  SpaceWorld world(options);
  const auto alice = world.open("alice");
  CHECK(world.refused(alice, SpaceWorld::message("1/2/3/4", "x")) == Errc::too_big);
  CHECK(world.refused(alice, SpaceWorld::message("$SYS/broker/uptime", "x")) == Errc::forbidden);
  const auto granted =
      world.subscribe(alice, {filter("a/b/c/d"), filter("a"), filter("$share/g/b"), filter("c"), filter("a", 1)});
  CHECK(granted[0].error().code == Errc::too_big);
  CHECK(granted[1] == 0);
  CHECK(granted[2] == 0);
  CHECK(granted[3].error().code == Errc::too_big);
  CHECK(granted[4] == 1);
  world.open("bob");
  CHECK(world.refused(world.connect("carol"), SpaceWorld::session("carol")) == Errc::too_fast);
}

TEST_CASE("§4.3.3: a message of QoS 2 that comes twice goes no further until its key is forgotten") {
  for (const bool durable : {false, true}) {
    SpaceWorld world;
    const auto alice = durable ? world.open_durable("alice") : world.open("alice");
    const auto bob = durable ? world.open_durable("bob") : world.open("bob");
    world.subscribe(bob, "a", 2);
    auto message = SpaceWorld::message("a", "x", 2);
    message.key = 7;
    CHECK_FALSE(world.done<core::TopicPublished>(alice, message).repeat);
    CHECK(world.done<core::TopicPublished>(alice, message).repeat);
    message.key = 8;
    CHECK_FALSE(world.done<core::TopicPublished>(alice, message).repeat);
    CHECK(world.payloads(bob) == Payloads{"x", "x"});
    world.done<core::Done>(alice, core::ForgetTopicKey{7});
    message.key = 7;
    CHECK_FALSE(world.done<core::TopicPublished>(alice, message).repeat);
    CHECK(world.payloads(bob) == Payloads{"x"});
  }
}

TEST_CASE("a repeat that comes before the first one is durable waits with it, and shares its fate") {
  SpaceWorld world;
  const auto alice = world.open_durable("alice");
  const auto bob = world.open_durable("bob");
  world.subscribe(bob, "a", 2);
  auto message = SpaceWorld::message("a", "x", 2);
  message.key = 7;
  world.held = true;
  const auto first = world.ask(alice, message);
  const auto second = world.ask(alice, message);
  CHECK(world.reply(alice, first) == nullptr);
  CHECK(world.reply(alice, second) == nullptr);
  world.failing = Errc::no_space;
  world.release();
  CHECK(std::get<core::Refused>(*world.reply(alice, first)).code == Errc::no_space);
  CHECK(std::get<core::Refused>(*world.reply(alice, second)).code == Errc::no_space);
  world.failing.reset();
  CHECK_FALSE(world.done<core::TopicPublished>(alice, message).repeat);
}

TEST_CASE("without a session nothing is done") {
  SpaceWorld world;
  const auto nobody = world.connect("nobody");
  CHECK(world.refused(nobody, SpaceWorld::message("a", "x")) == Errc::not_authorized);
  CHECK(world.refused(nobody, core::SubscribeTopics{{filter("a")}}) == Errc::not_authorized);
}

TEST_CASE("a subscription is answered once every shard knows of it") {
  SpaceWorld world({}, 3);
  const auto alice = world.open("alice");
  world.space(alice.shard).submit(alice.link, 99, core::SubscribeTopics{{filter("a")}});
  CHECK(world.reply(alice, 99) == nullptr);
  world.run();
  CHECK(world.reply(alice, 99) != nullptr);
  // Somebody else's of the same filter is known everywhere already.
  std::string same;
  for (int i = 0; same.empty(); ++i) {
    if (world.shard_of("x" + std::to_string(i)) == alice.shard) same = "x" + std::to_string(i);
  }
  const auto other = world.open(same);
  world.space(other.shard).submit(other.link, 98, core::SubscribeTopics{{filter("a")}});
  CHECK(world.reply(other, 98) != nullptr);
}

TEST_CASE("filters that nobody has any more are forgotten on every shard") {
  SpaceWorld world({}, 3);
  std::vector<TopicClient> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(world.open("c" + std::to_string(i)));
    world.subscribe(clients.back(), {filter("a/b/c"), filter("x/" + std::to_string(i)), filter("$share/g/s/t")});
  }
  for (const auto& client : clients) world.close(client);
  for (std::uint32_t shard = 0; shard < 3; ++shard) {
    CHECK(world.space(shard).filters() == 1);
    CHECK(world.space(shard).counters().subscriptions.get() == 0);
    CHECK(world.space(shard).counters().sessions.get() == 0);
  }
}
