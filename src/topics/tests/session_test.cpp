#include "testing/space_world.h"

using namespace confab;
using namespace confab::testing;

namespace {

core::TopicWill will(const std::string& payload, std::uint32_t delay = 0) {
  core::TopicWill made;
  made.message.topic = "will";
  made.message.payload = payload;
  made.message.qos = 1;
  made.delay = delay;
  return made;
}

core::OpenTopicSession with_will(const std::string& name, std::uint32_t expiry, std::uint32_t delay,
                                 bool clean = true) {
  auto command = SpaceWorld::session(name);
  command.expiry = expiry;
  command.clean = clean;
  command.will = will(name + "'s", delay);
  return command;
}

core::OpenTopicSession durable(const std::string& name, std::uint32_t expiry, bool clean = false) {
  auto command = SpaceWorld::session(name);
  command.expiry = expiry;
  command.clean = clean;
  return command;
}

}  // namespace

TEST_CASE("§3.1.2.4, §3.2.2.1.1: a session goes on until it is to be clean, or expires") {
  SpaceWorld world;
  auto alice = world.open(durable("alice", 100));
  CHECK_FALSE(world.opened.present);
  world.subscribe(alice, "a", 1);
  core::CloseTopicSession closing;
  closing.memo = "ids";
  world.close(alice, closing);
  world.pass(seconds(99));
  alice = world.open(durable("alice", 100));
  CHECK(world.opened.present);
  CHECK(world.opened.memo == "ids");
  world.publish(alice, "a", "x", 1);
  CHECK(world.payloads(alice) == Payloads{"x"});
  world.close(alice);
  world.pass(seconds(101));
  alice = world.open(durable("alice", 100));
  CHECK_FALSE(world.opened.present);
  world.publish(alice, "a", "x", 1);
  CHECK(world.payloads(alice).empty());
  world.subscribe(alice, "a", 1);
  world.close(alice);
  alice = world.open(durable("alice", 100, true));
  CHECK_FALSE(world.opened.present);
  world.publish(alice, "a", "x", 1);
  CHECK(world.payloads(alice).empty());
}

TEST_CASE("§3.1.2.11.2: without an expiry the session ends with its connection; DISCONNECT may change it") {
  SpaceWorld world;
  auto alice = world.open(durable("alice", 0));
  world.close(alice);
  CHECK(world.space().counters().sessions.get() == 0);
  alice = world.open(durable("alice", 100));
  core::CloseTopicSession closing;
  closing.expiry = 0;
  world.close(alice, closing);
  CHECK(world.space().counters().sessions.get() == 0);
  world.crash();
  world.open(durable("alice", 100));
  CHECK_FALSE(world.opened.present);
}

TEST_CASE("§3.1.4: another connection of the same client ends the one before, then has its session") {
  SpaceWorld world;
  const auto first = world.open(durable("alice", 100));
  world.subscribe(first, "a", 1);
  const auto second = world.connect("alice");
  const auto request = world.ask(second, durable("alice", 100));
  CHECK(world.told[first.link].ended);
  CHECK(world.reply(second, request) == nullptr);
  core::CloseTopicSession closing;
  closing.memo = "ids";
  world.tell(first, closing);
  REQUIRE(world.reply(second, request) != nullptr);
  const auto opened = std::get<core::TopicSessionOpened>(*world.reply(second, request));
  CHECK(opened.present);
  CHECK(opened.memo == "ids");
  world.hang_up(first);
  world.tell(second, core::WantTopics{10});
  world.publish(second, "a", "x", 1);
  CHECK(world.payloads(second) == Payloads{"x"});
  CHECK(world.payloads(first).empty());
  CHECK(world.space().counters().connected.get() == 1);
}

TEST_CASE("the one before may go without a word; of two that wait the last one gets it") {
  SpaceWorld world;
  const auto first = world.open(durable("alice", 0));
  const auto second = world.connect("alice");
  const auto waits = world.ask(second, durable("alice", 0));
  const auto third = world.connect("alice");
  const auto gets = world.ask(third, durable("alice", 0));
  CHECK(std::get<core::Refused>(*world.reply(second, waits)).code == Errc::conflict);
  world.hang_up(second);
  world.hang_up(first);
  REQUIRE(world.reply(third, gets) != nullptr);
  CHECK_FALSE(std::get<core::TopicSessionOpened>(*world.reply(third, gets)).present);
  CHECK(world.space().counters().sessions.get() == 1);
}

TEST_CASE("a connection that waits for a session, and goes, has none") {
  SpaceWorld world;
  const auto first = world.open("alice");
  const auto second = world.connect("alice");
  const auto request = world.ask(second, SpaceWorld::session("alice"));
  world.hang_up(second);
  world.hang_up(first);
  CHECK(world.reply(second, request) == nullptr);
  CHECK(world.space().counters().sessions.get() == 0);
}

TEST_CASE("§3.1.2.5: the will is said when the connection is lost, not when it is closed in peace") {
  SpaceWorld world;
  const auto watcher = world.open("watcher");
  world.subscribe(watcher, "will", 1);
  world.hang_up(world.open(with_will("alice", 0, 0)));
  CHECK(world.payloads(watcher) == Payloads{"alice's"});
  core::CloseTopicSession peaceful;
  peaceful.will = false;
  world.close(world.open(with_will("alice", 0, 0)), peaceful);
  world.close(world.open(with_will("bob", 100, 0)), peaceful);
  CHECK(world.payloads(watcher).empty());
  world.close(world.open(with_will("carol", 0, 0)));
  CHECK(world.payloads(watcher) == Payloads{"carol's"});
}

TEST_CASE("§3.1.3.2.2: the will waits for its delay, or the end of the session, whichever comes first") {
  SpaceWorld world;
  const auto watcher = world.open("watcher");
  world.subscribe(watcher, "will", 1);
  world.hang_up(world.open(with_will("alice", 100, 10)));
  world.pass(seconds(9));
  CHECK(world.payloads(watcher).empty());
  world.pass(seconds(2));
  CHECK(world.payloads(watcher) == Payloads{"alice's"});
  world.hang_up(world.open(with_will("bob", 5, 10)));
  world.pass(seconds(6));
  CHECK(world.payloads(watcher) == Payloads{"bob's"});
  world.hang_up(world.open(with_will("carol", 0, 10)));
  CHECK(world.payloads(watcher) == Payloads{"carol's"});
  world.pass(seconds(200));
  CHECK(world.payloads(watcher).empty());
}

TEST_CASE("§3.1.3.2.2: it is not said if the session goes on before; it is if it begins anew") {
  SpaceWorld world;
  const auto watcher = world.open("watcher");
  world.subscribe(watcher, "will", 1);
  world.hang_up(world.open(with_will("alice", 100, 10)));
  world.open(durable("alice", 100));
  world.pass(seconds(60));
  CHECK(world.payloads(watcher).empty());
  world.hang_up(world.open(with_will("bob", 100, 10)));
  world.open(durable("bob", 100, true));
  CHECK(world.payloads(watcher) == Payloads{"bob's"});
}

TEST_CASE("§3.1.4: a take-over says the will, unless it waits for a delay and the session goes on") {
  SpaceWorld world;
  const auto watcher = world.open("watcher");
  world.subscribe(watcher, "will", 1);
  const auto take_over = [&](std::uint32_t delay, bool clean) {
    const auto first = world.open(with_will("alice", 100, delay));
    const auto second = world.connect("alice");
    world.ask(second, durable("alice", 100, clean));
    world.hang_up(first);
    core::CloseTopicSession peaceful;
    peaceful.will = false;
    peaceful.expiry = 0;
    world.close(second, peaceful);
    return world.payloads(watcher).size();
  };
  CHECK(take_over(0, false) == 1);
  CHECK(take_over(10, false) == 0);
  CHECK(take_over(10, true) == 1);
  CHECK(take_over(0, true) == 1);
}

TEST_CASE("a will is retained, and said to nobody but those who may have it, as any message") {
  SpaceWorld world;
  auto command = with_will("alice", 0, 0);
  command.will->message.retain = true;
  world.hang_up(world.open(command));
  const auto bob = world.open("bob");
  world.subscribe(bob, "will", 1);
  CHECK(world.payloads(bob) == Payloads{"alice's"});
  command.will->message.topic = "$SYS/broker/uptime";
  world.hang_up(world.open(command));
}

TEST_CASE("a session that the store did not take is none") {
  SpaceWorld world;
  world.failing = Errc::no_space;
  const auto alice = world.connect("alice");
  CHECK(world.refused(alice, durable("alice", 100)) == Errc::no_space);
  CHECK(world.space().counters().sessions.get() == 0);
  world.failing.reset();
  world.open(durable("alice", 100));
  CHECK_FALSE(world.opened.present);
}

TEST_CASE("a subscription that the store did not take is none") {
  SpaceWorld world;
  const auto alice = world.open(durable("alice", 100));
  world.failing = Errc::unavailable;
  core::TopicFilter filter;
  filter.filter = "a";
  CHECK(world.subscribe(alice, {filter}).front().error().code == Errc::unavailable);
  world.failing.reset();
  world.publish(alice, "a", "x");
  CHECK(world.payloads(alice).empty());
  CHECK(world.space().filters() == 1);
}
