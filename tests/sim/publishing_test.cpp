// What people publish, on schedules drawn from seeds: acknowledged is kept, and who may see it ends up with the last of
// it.
#include <doctest/doctest.h>

#include <cstdlib>

#include "sim/client.h"
#include "sim/site.h"

using namespace confab;
using namespace confab::sim;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
const std::vector<std::string> kUsers{"alice", "bob", "carol"};

struct Publishers {
  World world;
  SimSite site;
  std::vector<std::unique_ptr<SimClient>> clients;

  Publishers(std::uint64_t seed, SiteOptions options, bool resumption) : world(seed), site(world, options) {
    for (const std::string& user : kUsers) {
      site.add_user(user);
      for (const char* device : {"laptop", "phone"}) {
        clients.push_back(std::make_unique<SimClient>(world, site, user, device));
        clients.back()->use_resumption(resumption);
        clients.back()->want_notes(true);
      }
    }
    site.start();
  }
  void pass(std::int64_t span) { world.run_until(world.now_us + span); }

  // Everybody is everybody's friend, but for carol, who is nobody's.
  void begin() {
    for (auto& client : clients) client->connect();
    pass(5 * kSecond);
    clients[0]->befriend("bob");
    clients[2]->befriend("alice");
    pass(5 * kSecond);
  }
  void step(bool cuts, bool crashes) {
    SimClient& client = *clients[world.chance.below(clients.size())];
    const std::uint64_t dice = world.chance.below(100);
    if (dice < 60) {
      client.publish();
    } else if (dice < 70) {
      client.leave();
    } else if (dice < 85) {
      client.connect();
    } else if (dice < 97) {
      if (cuts) client.cut();
    } else if (crashes && site.is_running()) {
      site.crash();
      world.at(world.now_us + static_cast<std::int64_t>(world.chance.below(2'000'000)), [this] { site.start(); });
    }
  }
  void run(bool cuts, bool crashes) {
    begin();
    site.begin_faults();
    for (int i = 0; i < 300; ++i) {
      pass(static_cast<std::int64_t>(world.chance.below(100'000)));
      step(cuts, crashes);
    }
    site.heal();
    pass(3 * kSecond);
    if (!site.is_running()) site.start();
    for (int round = 0; round < 10; ++round) {
      for (auto& client : clients) client->connect();
      pass(10 * kSecond);
    }
  }

  void check() {
    std::map<std::string, std::string> last;
    for (const std::string& user : kUsers) last[user] = site.item_of(user, std::string(kNotes));
    for (const auto& client : clients) {
      CAPTURE(client->user() + "/" + client->resource());
      CHECK(client->fault() == "");
      REQUIRE(client->is_ready());
      // The item is this device's last that was acknowledged, or a later one, or the other device's.
      const std::string& kept = last[client->user()];
      const std::string mine = ">" + client->user() + "." + client->resource() + ".";
      const std::size_t at = kept.find(mine);
      if (client->kept_note() > 0) CHECK(kept != "");
      if (at != std::string::npos) CHECK(std::atoi(kept.c_str() + at + mine.size()) >= client->kept_note());
      for (const std::string& user : kUsers) {
        const bool sees = user == client->user() || (user != "carol" && client->user() != "carol");
        const auto told = client->notes().find(user);
        CHECK((sees || told == client->notes().end()));
        if (!sees || last[user].empty()) continue;
        REQUIRE(told != client->notes().end());
        CHECK(last[user] == "<note xmlns='" + std::string(kNotes) + "'>" + told->second + "</note>");
      }
    }
  }
};

void run_seeds(std::uint64_t count, const SiteOptions& options, bool cuts, bool crashes, bool resumption = true) {
  const char* more = std::getenv("CONFAB_SEEDS");
  if (more != nullptr) count = std::strtoull(more, nullptr, 10);
  const char* one = std::getenv("CONFAB_SEED");
  const std::uint64_t first = one == nullptr ? 1 : std::strtoull(one, nullptr, 10);
  if (one != nullptr) count = first;
  for (std::uint64_t seed = first; seed <= count; ++seed) {
    CAPTURE(seed);
    Publishers run(seed, options, resumption);
    run.run(cuts, crashes);
    run.check();
  }
}

}  // namespace

TEST_CASE("published: lines are cut; streams are resumed") {
  run_seeds(15, {.shards = 2}, true, false);
}

TEST_CASE("published: lines are cut; nobody resumes") {
  run_seeds(15, {.shards = 2}, true, false, false);
}

TEST_CASE("published: the server is killed, also in the middle of commits") {
  run_seeds(15, {.shards = 2, .store_faults = false, .crash_at_commit = true}, true, true);
}

TEST_CASE("published: the store fails, is slow, or is full, and recovers") {
  run_seeds(10, {.shards = 3, .store_faults = true}, true, false);
}
