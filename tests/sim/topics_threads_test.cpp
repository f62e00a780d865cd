// Free topics on several threads at once: every shard publishes, everybody gets everything once.
#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "engine/node.h"
#include "store/memory/memory_store.h"
#include "testing/fake_passwords.h"
#include "testing/thread_loop.h"

using namespace confab;
using namespace confab::engine;

namespace {

constexpr std::uint32_t kShards = 3;
constexpr int kClients = 9;
constexpr int kMessages = 60;

// The connections of one shard: each gives back the room that it took, and acknowledges. Lives on: that shard.
class Clients final : public session::Connections {
 public:
  explicit Clients(Node& node) : node_(node) {}

  void deliver(session::ConnectionId, const core::Delivery&) override {}
  void deliver(session::ConnectionId to, const core::TopicDelivery& delivery) override {
    const core::TopicMessage& message = *delivery.message;
    (message.topic == "all" ? all_ : shared_)[to.number].insert(message.payload);
    ++delivered;
    const Address& home = homes_.at(to.number);
    if (delivery.seq != 0) node_.submit(to, home, 0, core::AcknowledgeTopic{delivery.seq});
    if (delivery.takes_room) node_.submit(to, home, 0, core::WantTopics{1});
  }
  void reply(session::ConnectionId, session::RequestId, const core::Reply& reply) override {
    if (!std::holds_alternative<core::Refused>(reply)) ++answered;
  }
  void end(session::ConnectionId, session::CloseReason) override {}

  void open(session::ConnectionId id, const std::string& name, std::uint32_t expiry) {
    homes_[id.number] = core::topic_home(name);
    core::OpenTopicSession opening;
    opening.client = name;
    opening.expiry = expiry;
    ask(id, std::move(opening));
    node_.submit(id, homes_.at(id.number), 0, core::WantTopics{5});
    core::SubscribeTopics subscribing;
    for (const char* filter : {"all/#", "$share/g/one"}) {
      subscribing.filters.emplace_back();
      subscribing.filters.back().filter = filter;
      subscribing.filters.back().qos = 1;
    }
    ask(id, std::move(subscribing));
  }
  void publish(session::ConnectionId id, const std::string& topic, const std::string& payload) {
    core::PublishTopic publishing;
    publishing.message.topic = topic;
    publishing.message.payload = payload;
    publishing.message.qos = 1;
    publishing.message.retain = topic == "all";
    ask(id, std::move(publishing));
  }

  std::atomic<int> answered{0}, delivered{0};
  // Once the threads have ended.
  std::map<std::uint64_t, std::multiset<std::string>> all_, shared_;

 private:
  void ask(session::ConnectionId id, core::Command command) {
    node_.submit(id, homes_.at(id.number), ++request_, std::move(command));
  }

  Node& node_;
  std::map<std::uint64_t, Address> homes_;
  session::RequestId request_ = 0;
};

class Site {
 public:
  Site()
      : node_(Options{.domain = "example.net"},
              [](unsigned char* out, std::size_t size) { std::fill_n(out, size, 'x'); }) {
    node_.attach(store_, passwords_);
    store_.listen(&node_);
    for (std::uint32_t i = 0; i < kShards; ++i) {
      loops_.push_back(std::make_unique<testing::ThreadLoop>());
      clients_.push_back(std::make_unique<Clients>(node_));
      node_.add_shard(*loops_.back(), *clients_.back());
    }
    for (auto& loop : loops_) loop->start();
  }
  ~Site() { stop(); }
  void stop() {
    for (auto& loop : loops_) loop->stop();
  }

  // On the thread of the client's shard.
  void with(int client, std::function<void(Clients&, session::ConnectionId, const std::string&)> call) {
    const std::string name = "client" + std::to_string(client);
    const std::uint32_t shard = node_.owner_shard(core::topic_home(name));
    loops_[shard]->post([call = std::move(call), clients = clients_[shard].get(), name, shard, client] {
      call(*clients, {shard, static_cast<std::uint64_t>(client + 1)}, name);
    });
  }
  bool wait_for(std::atomic<int> Clients::* count, int wanted) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
      int sum = 0;
      for (auto& clients : clients_) sum += (*clients).*count;
      if (sum >= wanted) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }
  std::vector<std::unique_ptr<Clients>>& clients() { return clients_; }

 private:
  testing::FakePasswords passwords_;
  store::MemoryStore store_;
  Node node_;
  std::vector<std::unique_ptr<testing::ThreadLoop>> loops_;
  std::vector<std::unique_ptr<Clients>> clients_;
};

}  // namespace

TEST_CASE("topics on three threads: everybody gets every message once, a group's member one each") {
  Site site;
  for (int i = 0; i < kClients; ++i) {
    site.with(i, [i](Clients& clients, session::ConnectionId id, const std::string& name) {
      clients.open(id, name, i % 2 == 0 ? 1000 : 0);
    });
  }
  REQUIRE(site.wait_for(&Clients::answered, 2 * kClients));
  for (int n = 0; n < kMessages; ++n) {
    for (int i = 0; i < kClients; ++i) {
      site.with(i, [i, n](Clients& clients, session::ConnectionId id, const std::string&) {
        clients.publish(id, n % 2 == 0 ? "all" : "one", std::to_string(i) + "/" + std::to_string(n));
      });
    }
  }
  REQUIRE(site.wait_for(&Clients::answered, (2 + kMessages) * kClients));
  const int half = kMessages / 2;
  REQUIRE(site.wait_for(&Clients::delivered, kClients * kClients * half + kClients * half));
  site.stop();
  std::multiset<std::string> shared;
  int people = 0;
  for (auto& clients : site.clients()) {
    for (auto& [number, payloads] : clients->all_) {
      ++people;
      CHECK(payloads.size() == static_cast<std::size_t>(kClients * half));
      CHECK(std::set<std::string>(payloads.begin(), payloads.end()).size() == payloads.size());
    }
    for (auto& [number, payloads] : clients->shared_) shared.insert(payloads.begin(), payloads.end());
  }
  CHECK(people == kClients);
  CHECK(shared.size() == static_cast<std::size_t>(kClients * half));
  CHECK(std::set<std::string>(shared.begin(), shared.end()).size() == shared.size());
}
