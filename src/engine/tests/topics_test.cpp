// Free topics through the engine: whose connections they are, and the store behind them. The rules: src/topics/tests.
#include "engine/tests/engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

class TopicWorld : public EngineWorld {
 public:
  explicit TopicWorld(std::uint32_t shards = 1) : EngineWorld(defaults(), shards) {}

  Client topic_client(const std::string& name) {
    const Address home = core::topic_home(name);
    return {{node.owner_shard(home), 1000 + ++last_}, home};
  }
  Client open(const std::string& name, std::uint32_t expiry = 0) {
    const Client client = topic_client(name);
    done<core::TopicSessionOpened>(client, session(name, expiry));
    tell(client, core::WantTopics{100});
    return client;
  }
  void subscribe(const Client& client, const std::string& filter, std::uint8_t qos) {
    core::SubscribeTopics command;
    command.filters.emplace_back();
    command.filters.back().filter = filter;
    command.filters.back().qos = qos;
    REQUIRE(done<core::TopicsSubscribed>(client, command).granted.front() == qos);
  }
  std::vector<std::string> payloads(const Client& client) {
    std::vector<std::string> all;
    for (const auto& delivery : std::exchange(told(client).topics, {})) all.push_back(delivery.message->payload);
    return all;
  }

  static core::OpenTopicSession session(const std::string& name, std::uint32_t expiry = 0) {
    core::OpenTopicSession command;
    command.client = name;
    command.clean = false;
    command.expiry = expiry;
    return command;
  }
  static core::PublishTopic message(const std::string& topic, const std::string& payload, std::uint8_t qos) {
    core::PublishTopic command;
    command.message.topic = topic;
    command.message.payload = payload;
    command.message.qos = qos;
    return command;
  }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace

TEST_CASE("a topic session is opened on the shard of its client alone, by a connection that belongs there") {
  TopicWorld world(4);
  Client client = world.topic_client("sensor");
  std::string elsewhere = "lamp";
  while (world.node.owner_shard(core::topic_home(elsewhere)) == client.id.shard) elsewhere += "s";
  CHECK(world.refused(client, TopicWorld::session(elsewhere)) == Errc::conflict);
  CHECK_FALSE(world.done<core::TopicSessionOpened>(client, TopicWorld::session("sensor")).present);
  client.account = {};
  CHECK(world.refused(client, TopicWorld::message("a", "x", 0)) == Errc::not_authorized);
}

TEST_CASE("what is published on one shard reaches the others', live and by the log") {
  TopicWorld world(4);
  std::vector<Client> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(world.open("c" + std::to_string(i), i % 2 == 0 ? 100 : 0));
    world.subscribe(clients.back(), "a/+", 1);
  }
  for (const Client& client : clients) {
    CHECK(world.done<core::TopicPublished>(client, TopicWorld::message("a/b", client.account.local, 1)).matched);
  }
  for (const Client& client : clients) CHECK(world.payloads(client).size() == 6);
  CHECK(world.store.topics.read(0, 100, 10'000).size() == 6);
}

TEST_CASE("a lost connection leaves the session, which takes its messages up on the next one") {
  TopicWorld world(2);
  const Client alice = world.open("alice");
  Client bob = world.open("bob", 100);
  world.subscribe(bob, "a", 1);
  world.hang_up(bob);
  world.done<core::TopicPublished>(alice, TopicWorld::message("a", "x", 1));
  bob = world.topic_client("bob");
  CHECK(world.done<core::TopicSessionOpened>(bob, TopicWorld::session("bob", 100)).present);
  world.tell(bob, core::WantTopics{1});
  CHECK(world.payloads(bob) == std::vector<std::string>{"x"});
}

TEST_CASE("what was put off is written by flush, and moved out at the end") {
  TopicWorld world(2);
  const Client alice = world.open("alice");
  const Client bob = world.open("bob", 100);
  world.subscribe(bob, "a", 1);
  world.done<core::TopicPublished>(alice, TopicWorld::message("a", "x", 1));
  bool flushed = false;
  world.node.flush(*world.loops[0], [&] { flushed = true; });
  world.run();
  CHECK(flushed);
  CHECK(world.store.topics.load_sessions({}, 10).front().place == core::TopicSeq{0});
  world.tell(bob, core::AcknowledgeTopic{world.told(bob).topics.front().seq});
  Transaction transaction;
  world.node.collect_put_off(transaction);
  REQUIRE(transaction.changes.size() == 1);
  const auto& change = std::get<core::TopicChange>(transaction.changes.front());
  CHECK_FALSE(std::get<core::PutTopicPlace>(change).upto);
}

TEST_CASE("a node finds what the store has of free topics") {
  TopicWorld before(2);
  const Client alice = before.open("alice");
  const Client bob = before.open("bob", 1000);
  before.subscribe(bob, "a/#", 1);
  auto kept = TopicWorld::message("a/kept", "kept", 1);
  kept.message.retain = true;
  before.done<core::TopicPublished>(alice, kept);
  TopicWorld after(3);
  const store::MemoryTopics& stored = before.store.topics;
  const core::StoredPlaces places = stored.load_places();
  const core::TopicSeq from = after.node.begin_topics(places);
  for (const auto& session : stored.load_sessions({}, 100)) after.node.restore_topic_session(session, places);
  for (const auto& retained : stored.load_retained({}, 100)) after.node.restore_retained(retained);
  after.node.replay_topics(stored.read(from, 100, 10'000));
  CHECK(after.node.end_topics(places).changes.size() >= 3);  // a mark for each shard
  const Client again = after.topic_client("bob");
  CHECK(after.done<core::TopicSessionOpened>(again, TopicWorld::session("bob", 1000)).present);
  after.tell(again, core::WantTopics{10});
  CHECK(after.payloads(again) == std::vector<std::string>{"kept"});
  const Client carol = after.open("carol");
  after.subscribe(carol, "#", 0);
  CHECK(after.payloads(carol) == std::vector<std::string>{"kept"});
}
