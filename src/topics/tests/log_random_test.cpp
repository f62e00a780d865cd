// Clients come and go, publish, acknowledge, and the server dies: with QoS over 0 nothing that was acknowledged to its
// publisher is missing, and it comes in order.
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "testing/space_world.h"

using namespace confab;
using namespace confab::testing;

namespace {

struct Person {
  std::optional<TopicClient> client;
  std::vector<core::TopicDelivery> open;  // to be acknowledged
  std::set<int> got;
  std::set<core::TopicSeq> acknowledged;  // since the last crash
  int last = -1;                          // of this connection
};

class Life {
 public:
  explicit Life(unsigned seed) : random_(seed), world_(options(), 1 + number(3)) {
    for (const char* name : {"bob", "carol", "dave"}) {
      people_[name].client = world_.open_durable(name, 0);
      world_.subscribe(*people_[name].client, "a/#", 1);
      world_.subscribe(*people_[name].client, "a/" + std::string(name), 2);
    }
    sender_ = world_.open("sender");
  }

  void step() {
    auto& [name, person] = *std::next(people_.begin(), number(3));
    switch (number(8)) {
      case 0:
      case 1:
      case 2:
        publish();
        break;
      case 3:
        if (person.client) world_.tell(*person.client, core::WantTopics{number(5)});
        break;
      case 4:
        acknowledge(person);
        break;
      case 5:
        come_or_go(name, person);
        break;
      case 6:
        world_.pass(milliseconds(number(1500)));
        break;
      default:
        if (number(8) == 0) die();
    }
    collect();
  }

  void finish() {
    for (auto& [name, person] : people_) {
      if (person.client) come_or_go(name, person);
      person.client = world_.open_durable(name, 100'000);
      collect();
      CAPTURE(name);
      REQUIRE(person.got.size() == static_cast<std::size_t>(published_));
    }
  }

 private:
  std::uint32_t number(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  topics::Options options() {
    topics::Options options;
    options.recent_rows = 1 + number(20);
    options.page_rows = 1 + number(10);
    return options;
  }

  void publish() {
    const std::uint8_t qos = number(2) == 0 ? 1 : 2;
    world_.publish(sender_, number(2) == 0 ? "a/bob" : "a/x", std::to_string(published_), qos);
    ++published_;
  }
  void acknowledge(Person& person) {
    if (!person.client || person.open.empty()) return;
    const std::size_t which = number(static_cast<std::uint32_t>(person.open.size()));
    world_.acknowledge(*person.client, person.open[which]);
    person.acknowledged.insert(person.open[which].seq);
    person.open.erase(person.open.begin() + static_cast<std::ptrdiff_t>(which));
  }
  void come_or_go(const std::string& name, Person& person) {
    if (person.client) {
      world_.close(*person.client);
      lose(person);
    } else {
      person.client = world_.open_durable(name, number(4));
      REQUIRE(world_.opened.present);
    }
  }
  void die() {
    number(2) == 0 ? world_.crash() : world_.restart();
    for (auto& [name, person] : people_) {
      lose(person);
      person.acknowledged.clear();
    }
    sender_ = world_.open("sender");
  }
  static void lose(Person& person) {
    person.client.reset();
    person.open.clear();
    person.last = -1;
  }
  void collect() {
    for (auto& [name, person] : people_) {
      if (!person.client) continue;
      for (auto& delivery : world_.take(*person.client)) {
        const int payload = std::stoi(delivery.message->payload);
        REQUIRE(payload > person.last);
        REQUIRE_FALSE(person.acknowledged.contains(delivery.seq));
        person.last = payload;
        person.got.insert(payload);
        person.open.push_back(delivery);
      }
    }
  }

  std::mt19937 random_;
  SpaceWorld world_;
  std::map<std::string, Person> people_;
  TopicClient sender_;
  int published_ = 0;
};

}  // namespace

TEST_CASE("whatever happens, every session gets everything, in order, and nothing that it has acknowledged") {
  const char* asked = std::getenv("CONFAB_TOPIC_SEEDS");
  const unsigned seeds = asked != nullptr ? static_cast<unsigned>(std::stoul(asked)) : 60;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    Life life(seed);
    for (int step = 0; step < 150; ++step) life.step();
    life.finish();
  }
}
