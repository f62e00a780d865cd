// Sessions that outlive their connections: the log is their queue.
#include "testing/space_world.h"

using namespace confab;
using namespace confab::testing;

namespace {

core::TopicFilter filter(const std::string& text, std::uint8_t qos) {
  core::TopicFilter made;
  made.filter = text;
  made.qos = qos;
  return made;
}

std::size_t log_rows(SpaceWorld& world) {
  return world.store.read(0, 1'000'000, 1U << 30).size();
}

}  // namespace

TEST_CASE("wire-mqtt.md §4: a publish waits for a commit only if somebody must have it kept") {
  for (const std::uint32_t shards : {1U, 3U}) {
    SpaceWorld world({}, shards);
    const auto alice = world.open("alice");
    const auto bob = world.open_durable("bob");
    world.subscribe(alice, "#", 1);
    world.subscribe(bob, {filter("kept/#", 1), filter("not/#", 0)});
    world.held = true;
    CHECK(world.reply(alice, world.ask(alice, SpaceWorld::message("not/1", "x", 1))) != nullptr);
    CHECK(world.reply(alice, world.ask(alice, SpaceWorld::message("kept/1", "x", 0))) != nullptr);
    CHECK(world.payloads(bob) == Payloads{"x", "x"});
    const auto waits = world.ask(alice, SpaceWorld::message("kept/1", "y", 1));
    CHECK(world.reply(alice, waits) == nullptr);
    CHECK(world.payloads(bob).empty());
    world.release();
    CHECK(world.reply(alice, waits) != nullptr);
    CHECK(world.payloads(bob) == Payloads{"y"});
    CHECK(log_rows(world) == 1);
  }
}

TEST_CASE("what came while a session was away waits for it, stored once for all, QoS 0 does not") {
  for (const std::uint32_t shards : {1U, 3U}) {
    SpaceWorld world({}, shards);
    const auto alice = world.open("alice");
    for (const char* name : {"bob", "carol", "dave"}) {
      const auto client = world.open_durable(name);
      world.subscribe(client, "a/#", 1);
      world.close(client);
    }
    for (int i = 0; i < 5; ++i) {
      world.publish(alice, "a/b", std::to_string(i), 1);
      world.publish(alice, "a/b", "lost", 0);
    }
    CHECK(log_rows(world) == 5);
    for (const char* name : {"bob", "carol", "dave"}) {
      auto client = world.open_durable(name, 2);
      CHECK(world.opened.present);
      CHECK(world.payloads(client) == Payloads{"0", "1"});
      world.tell(client, core::WantTopics{100});
      CHECK(world.payloads(client) == Payloads{"2", "3", "4"});
    }
  }
}

TEST_CASE("what was not acknowledged comes again with the same seq, what was does not") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  auto bob = world.open_durable("bob");
  world.subscribe(bob, "a", 2);
  for (const char* payload : {"1", "2", "3", "4"}) world.publish(alice, "a", payload, 2);
  auto got = world.take(bob);
  REQUIRE(got.size() == 4);
  world.acknowledge(bob, got[0]);
  world.acknowledge(bob, got[2]);
  world.close(bob);
  world.publish(alice, "a", "5", 1);
  bob = world.open_durable("bob");
  auto again = world.take(bob);
  REQUIRE(again.size() == 3);
  CHECK(again[0].seq == got[1].seq);
  CHECK(again[1].seq == got[3].seq);
  CHECK(again[2].message->payload == "5");
  for (const auto& delivery : again) world.acknowledge(bob, delivery);
  world.close(bob);
  bob = world.open_durable("bob");
  CHECK(world.take(bob).empty());
}

TEST_CASE("the log is forgotten as far as everybody is done with it, whoever is away") {
  for (const std::uint32_t shards : {1U, 3U}) {
    SpaceWorld world({}, shards);
    const auto alice = world.open("alice");
    const auto idle = world.open_durable("idle");
    world.subscribe(idle, "never", 1);
    world.close(idle);
    auto bob = world.open_durable("bob");
    world.subscribe(bob, "a", 1);
    for (int i = 0; i < 10; ++i) world.publish(alice, "a", std::to_string(i), 1);
    auto got = world.take(bob);
    REQUIRE(got.size() == 10);
    for (int i = 0; i < 4; ++i) world.acknowledge(bob, got[static_cast<std::size_t>(i)]);
    world.pass(seconds(3));
    CHECK(log_rows(world) == 6);
    world.close(bob);
    world.pass(seconds(3));
    CHECK(log_rows(world) == 6);
    bob = world.open_durable("bob");
    got = world.take(bob);
    REQUIRE(got.size() == 6);
    for (const auto& delivery : got) world.acknowledge(bob, delivery);
    world.pass(seconds(3));
    world.publish(alice, "a", "last", 1);  // the mark moves with the log
    world.pass(seconds(3));
    CHECK(log_rows(world) == 1);
  }
}

TEST_CASE("a session that is behind is brought up from the store, whatever is in memory, and goes on live") {
  topics::Options options;
  options.recent_rows = 10;
  options.page_rows = 7;
  options.queue_messages = 1000;
  SpaceWorld world(options);
  const auto alice = world.open("alice");
  auto bob = world.open_durable("bob");
  world.subscribe(bob, {filter("a/#", 1), filter("a/b/#", 1)});
  world.close(bob);
  Payloads expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(std::to_string(i));
    world.publish(alice, i % 2 == 0 ? "a/b" : "a/c", expected.back(), 1);
  }
  bob = world.open_durable("bob", 0);
  Payloads got;
  for (int i = 0; i < 40; ++i) {
    world.tell(bob, core::WantTopics{3});
    for (std::string& payload : world.payloads(bob)) got.push_back(std::move(payload));
    if (i == 20) {
      expected.push_back("while behind");
      world.publish(alice, "a/b/c", "while behind", 2);
    }
  }
  CHECK(got == expected);
  CHECK(world.pages > 10);
  world.publish(alice, "a/b", "live", 1);
  CHECK(world.payloads(bob) == Payloads{"live"});
}

TEST_CASE("a connection that ends while a page is read gets its own when it comes back") {
  topics::Options options;
  options.recent_rows = 1;
  SpaceWorld world(options);
  const auto alice = world.open("alice");
  auto bob = world.open_durable("bob", 2);
  world.subscribe(bob, "a", 1);
  for (int i = 0; i < 6; ++i) world.publish(alice, "a", std::to_string(i), 1);
  CHECK(world.payloads(bob) == Payloads{"0", "1"});
  world.space().submit(bob.link, 0, core::WantTopics{4});  // the page is under way
  world.space().submit(bob.link, 0, core::CloseTopicSession{});
  world.space().closed(bob.link);
  const auto next = world.connect("bob");
  core::OpenTopicSession command = SpaceWorld::session("bob");
  command.clean = false;
  command.expiry = 1000;
  world.space().submit(next.link, 77, command);
  world.space().submit(next.link, 0, core::WantTopics{100});
  world.run();
  CHECK(world.payloads(next) == Payloads{"0", "1", "2", "3", "4", "5"});
}

TEST_CASE("§3.8: what was published before a subscription is not for it, also after a crash") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  auto bob = world.open_durable("bob", 0);
  world.subscribe(bob, "a", 1);
  auto carol = world.open_durable("carol", 0);
  world.subscribe(carol, "b", 1);
  world.publish(alice, "a", "a1", 1);
  world.publish(alice, "b", "b1", 1);
  world.subscribe(bob, "b", 1);
  world.publish(alice, "b", "b2", 1);
  world.crash();
  bob = world.open_durable("bob");
  CHECK(world.payloads(bob) == Payloads{"a1", "b2"});
}

TEST_CASE("§3.10.4: what was under way when the subscription ended is brought to its end, the rest is not sent") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  auto bob = world.open_durable("bob", 1);
  world.subscribe(bob, "a", 1);
  world.publish(alice, "a", "1", 1);
  world.publish(alice, "a", "2", 1);
  CHECK(world.payloads(bob) == Payloads{"1"});
  world.done<core::TopicsUnsubscribed>(bob, core::UnsubscribeTopics{{"a"}});
  world.close(bob);
  bob = world.open_durable("bob");
  CHECK(world.payloads(bob) == Payloads{"1"});
}

TEST_CASE("sessions, subscriptions, places and wills survive the server's death") {
  for (const bool peaceful : {false, true}) {
    for (const std::uint32_t shards : {1U, 3U}) {
      SpaceWorld world({}, shards);
      const auto alice = world.open("alice");
      auto bob = world.open_durable("bob");
      world.subscribe(bob, {filter("a/#", 1), filter("b", 2)});
      world.done<core::TopicsUnsubscribed>(bob, core::UnsubscribeTopics{{"b"}});
      for (int i = 0; i < 4; ++i) world.publish(alice, "a/x", std::to_string(i), 1);
      const auto got = world.take(bob);
      world.acknowledge(bob, got[0]);
      world.acknowledge(bob, got[1]);
      world.pass(seconds(2));
      world.acknowledge(bob, got[2]);  // not written yet
      peaceful ? world.restart() : world.crash();
      bob = world.open_durable("bob");
      CHECK(world.opened.present);
      CHECK(world.payloads(bob) == (peaceful ? Payloads{"3"} : Payloads{"2", "3"}));
      const auto carol = world.open("carol");
      world.publish(carol, "a/y", "new", 1);
      world.publish(carol, "b", "no", 1);
      CHECK(world.payloads(bob) == Payloads{"new"});
    }
  }
}

TEST_CASE("a restart with another number of threads loses nothing") {
  topics::Options options;
  SpaceWorld first(options, 3);
  const auto alice = first.open("alice");
  for (int i = 0; i < 8; ++i) {
    const auto client = first.open_durable("c" + std::to_string(i));
    first.subscribe(client, "a", 1);
    if (i % 2 == 0) first.close(client);
  }
  for (int i = 0; i < 3; ++i) first.publish(alice, "a", std::to_string(i), 1);
  first.pass(seconds(2));
  SpaceWorld second(options, 2);
  second.store = first.store;
  second.crash();
  second.publish(second.open("alice"), "a", "3", 1);
  second.pass(seconds(2));
  second.crash();
  for (int i = 0; i < 8; ++i) {
    const auto client = second.open_durable("c" + std::to_string(i));
    CHECK(second.payloads(client) == Payloads{"0", "1", "2", "3"});
  }
}

TEST_CASE("a will of a session that had a connection when the server died is said when it starts again") {
  SpaceWorld world;
  auto command = SpaceWorld::session("alice");
  command.expiry = 100;
  command.will.emplace();
  command.will->message.topic = "will";
  command.will->message.payload = "alice's";
  command.will->message.qos = 1;
  command.will->delay = 10;
  world.open(command);
  const auto bob = world.open_durable("bob");
  world.subscribe(bob, "will", 1);
  world.crash();
  world.pass(seconds(9));
  CHECK(world.payloads(world.open_durable("bob")).empty());
  world.pass(seconds(2));
  world.crash();
  CHECK(world.payloads(world.open_durable("bob")) == Payloads{"alice's"});
  world.pass(seconds(200));
  world.crash();
  command.clean = false;
  world.open(command);
  CHECK_FALSE(world.opened.present);
}

TEST_CASE("§4.3.3: keys of QoS 2 survive, with what they stand for, until they are forgotten") {
  SpaceWorld world;
  auto alice = world.open_durable("alice");
  auto bob = world.open_durable("bob");
  world.subscribe(bob, "a", 2);
  auto message = SpaceWorld::message("a", "x", 2);
  message.key = 7;
  world.done<core::TopicPublished>(alice, message);
  world.crash();
  alice = world.open_durable("alice");
  CHECK(world.done<core::TopicPublished>(alice, message).repeat);
  world.done<core::Done>(alice, core::ForgetTopicKey{7});
  world.crash();
  alice = world.open_durable("alice");
  CHECK_FALSE(world.done<core::TopicPublished>(alice, message).repeat);
  bob = world.open_durable("bob");
  CHECK(world.payloads(bob) == Payloads{"x", "x"});
}

TEST_CASE("a publish that the store did not take is refused, and nobody gets it by the log") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  const auto bob = world.open_durable("bob");
  world.subscribe(bob, "a", 1);
  world.failing = Errc::no_space;
  CHECK(world.refused(alice, SpaceWorld::message("a", "x", 1)) == Errc::no_space);
  CHECK(world.payloads(bob).empty());
  CHECK(world.space().counters().unstored.get() == 1);
}

TEST_CASE("retained messages of QoS over 0 that were not acknowledged come again") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  world.publish(alice, "a", "kept", 1, true);
  auto bob = world.open_durable("bob");
  world.subscribe(bob, "a", 1);
  const auto got = world.take(bob);
  REQUIRE(got.size() == 1);
  CHECK(got[0].seq != 0);
  world.close(bob);
  bob = world.open_durable("bob");
  const auto again = world.take(bob);
  REQUIRE(again.size() == 1);
  CHECK(again[0].seq == got[0].seq);
  CHECK(again[0].retain);
  world.acknowledge(bob, again[0]);
  world.close(bob);
  CHECK(world.payloads(world.open_durable("bob")).empty());
}

TEST_CASE("an idle session that is away is written once, and nothing after, whatever goes through the log") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  const auto idle = world.open_durable("idle");
  world.subscribe(idle, "never", 1);
  world.close(idle);
  const auto bob = world.open_durable("bob");
  world.subscribe(bob, "a", 1);
  world.pass(seconds(2));
  world.changes.clear();
  for (int i = 0; i < 5; ++i) {
    world.publish(alice, "a", "x", 1);
    for (const auto& delivery : world.take(bob)) world.acknowledge(bob, delivery);
    world.pass(seconds(2));
  }
  for (const core::TopicChange& change : world.changes) {
    CHECK_FALSE(std::holds_alternative<core::PutTopicSession>(change));
    CHECK_FALSE(std::holds_alternative<core::PutTopicPlace>(change));
  }
}

TEST_CASE("what could not be written is written when the store is there again") {
  SpaceWorld world;
  const auto alice = world.open("alice");
  auto bob = world.open_durable("bob");
  world.subscribe(bob, "a", 1);
  world.publish(alice, "a", "1", 1);
  world.pass(seconds(2));
  world.failing = Errc::no_space;
  for (const auto& delivery : world.take(bob)) world.acknowledge(bob, delivery);
  world.publish(alice, "r", "kept", 0, true);
  core::CloseTopicSession closing;
  closing.memo = "ids";
  world.close(bob, closing);
  world.pass(seconds(5));
  world.failing.reset();
  world.pass(seconds(2));
  world.crash();
  bob = world.open_durable("bob");
  CHECK(world.opened.memo == "ids");
  CHECK(world.take(bob).empty());
  world.subscribe(bob, "r");
  CHECK(world.payloads(bob) == Payloads{"kept"});
}

TEST_CASE("a key that is forgotten before its message is durable does not come back") {
  SpaceWorld world;
  auto alice = world.open_durable("alice");
  const auto bob = world.open_durable("bob");
  world.subscribe(bob, "a", 2);
  auto message = SpaceWorld::message("a", "x", 2);
  message.key = 7;
  world.held = true;
  world.tell(alice, message);
  world.tell(alice, core::ForgetTopicKey{7});
  world.release();
  world.crash();
  alice = world.open_durable("alice");
  CHECK_FALSE(world.done<core::TopicPublished>(alice, message).repeat);
}
