// Promises, on schedules drawn from seeds: CONFAB_SEEDS=N runs N of them, CONFAB_SEED=S that one alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "sim/client.h"
#include "sim/site.h"

using namespace confab;
using namespace confab::sim;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
const std::vector<std::string> kUsers{"alice", "bob", "carol"};

struct Schedule {
  SiteOptions site;
  bool cuts = false;
  bool crashes = false;
  bool resumption = true;
  bool clock_jumps = false;
  bool blocking = false;
  bool whole = false;  // each device shows whole conversations: laptops from the log, phones from the archive
};

struct Run {
  World world;
  SimSite site;
  Schedule schedule;
  std::vector<std::unique_ptr<SimClient>> clients;

  Run(std::uint64_t seed, const Schedule& wanted) : world(seed), site(world, wanted.site), schedule(wanted) {
    for (const std::string& user : kUsers) {
      site.add_user(user);
      for (const char* device : {"laptop", "phone"}) {
        clients.push_back(std::make_unique<SimClient>(world, site, user, device));
        clients.back()->use_resumption(schedule.resumption);
        const bool phone = clients.size() % 2 == 0;
        if (schedule.whole) clients.back()->read(phone ? SimClient::Reads::archive : SimClient::Reads::log);
      }
    }
    site.start();
  }

  SimClient& any() { return *clients[world.chance.below(clients.size())]; }
  std::string other_user(const SimClient& than) {
    for (;;) {
      const std::string& user = kUsers[world.chance.below(kUsers.size())];
      if (user != than.user()) return user;
    }
  }

  void step() {
    SimClient& client = any();
    const std::uint64_t dice = world.chance.below(100);
    if (schedule.whole && dice < 12) {
      dice < 8 ? client.correct() : client.withdraw();
    } else if (dice < 70) {
      client.send_message(other_user(client));
    } else if (dice < 76) {
      client.leave();
    } else if (dice < 88) {
      client.connect();
    } else if (dice < 90) {
      client.befriend(other_user(client));
    } else if (dice < 96) {
      if (schedule.cuts) client.cut();
    } else if (dice < 97) {
      if (schedule.clock_jumps) world.wall_offset_ms += static_cast<std::int64_t>(world.chance.below(20'000)) - 10'000;
    } else if (schedule.crashes && site.is_running()) {
      site.crash();
      world.at(world.now_us + static_cast<std::int64_t>(world.chance.below(2'000'000)), [this] { site.start(); });
    }
  }

  void run() {
    // A device counts from its first session on: everybody has had one when the trouble begins.
    for (auto& client : clients) client->connect();
    world.run_until(world.now_us + 5 * kSecond);
    site.begin_faults();
    for (int i = 0; i < 400; ++i) {
      world.run_until(world.now_us + static_cast<std::int64_t>(world.chance.below(150'000)));
      step();
    }
    site.heal();
    world.run_until(world.now_us + 3 * kSecond);
    if (!site.is_running()) site.start();
    for (int round = 0; round < 40; ++round) {
      for (auto& client : clients) client->connect();
      world.run_until(world.now_us + 10 * kSecond);
      for (auto& client : clients) client->ask_ack();
      world.run_until(world.now_us + 10 * kSecond);
    }
  }
};

// Everything that came for the user; `readable`: only what still says something.
std::vector<std::string> ids_to(SimSite& site, const std::string& user, bool readable = true) {
  std::vector<std::string> ids;
  for (const auto& event : site.log_of(user)) {
    const bool says = std::holds_alternative<core::Message>(event->body);
    if ((says || !readable) && event->to.local == user) ids.push_back(event->cid);
  }
  return ids;
}

// Whatever was cut, killed or switched off when: each device that has caught up shows what the log says.
void check_conversation(Run& run, const SimClient& client) {
  if (client.reads() == SimClient::Reads::inbound) return;
  CHECK(client.is_caught_up());
  Conversation expected;
  for (const auto& event : run.site.log_of(client.user())) expected.show(*event);
  const std::map<std::string, std::string> shown = client.whole_conversation();
  std::string wrong;
  for (const auto& [id, text] : expected.texts()) {
    const auto at = shown.find(id);
    if (at == shown.end() || at->second != text) {
      wrong += id + ": " + (at == shown.end() ? "nothing" : at->second) + " for " + text + "; ";
    }
  }
  for (const auto& [id, text] : shown) wrong += expected.texts().contains(id) ? "" : "strange " + id + "; ";
  CHECK(wrong == "");
}

void check_promises(Run& run) {
  std::map<std::string, std::vector<std::string>> logs;
  for (const std::string& user : kUsers) logs[user] = ids_to(run.site, user, false);
  for (const auto& client : run.clients) {
    CAPTURE(client->user() + "/" + client->resource());
    CHECK(client->fault() == "");
    CHECK(client->is_ready());
    CHECK_FALSE(client->has_unacked());
    std::map<std::string, std::size_t> last;
    for (const Outgoing& message : client->sent()) {
      const auto& log = logs[message.to];
      const auto count = std::count(log.begin(), log.end(), message.id);
      CAPTURE(message.id);
      CHECK(count <= 1);
      if (!message.acked) continue;
      // Acknowledged is kept, once, and one author's messages keep their order.
      CHECK(count == 1);
      const auto at = static_cast<std::size_t>(std::find(log.begin(), log.end(), message.id) - log.begin());
      if (run.schedule.site.store_faults) continue;
      CHECK((!last.contains(message.to) || last[message.to] < at));
      last[message.to] = at;
    }
    check_conversation(run, *client);
    if (client->reads() != SimClient::Reads::inbound) continue;
    // Who has caught up has seen everything that is in the log, and nothing else.
    auto seen = client->seen();
    auto log = logs[client->user()];
    std::sort(seen.begin(), seen.end());
    std::sort(log.begin(), log.end());
    std::string missing;
    std::string strange;
    for (const std::string& id : log) missing += std::binary_search(seen.begin(), seen.end(), id) ? "" : id + " ";
    for (const std::string& id : seen) strange += std::binary_search(log.begin(), log.end(), id) ? "" : id + " ";
    CHECK(missing == "");
    CHECK(strange == "");
  }
}

// Both sides of every friendship agree, whatever was lost on the way.
void check_friends(Run& run) {
  for (const std::string& user : kUsers) {
    const core::AccountRow row = run.site.row_of(user);
    for (const core::RosterItem& item : row.roster) {
      const core::AccountRow peer = run.site.row_of(item.peer.local);
      const auto back = peer.roster.find(row.address);
      CAPTURE(user + " -> " + item.peer.local);
      CHECK(item.to == (back && back->from));
    }
  }
}

std::uint64_t run_one(std::uint64_t seed, const Schedule& schedule) {
  CAPTURE(seed);
  Run run(seed, schedule);
  run.run();
  check_promises(run);
  check_friends(run);
  return run.world.trace;
}

std::uint64_t seeds(std::uint64_t standard) {
  const char* more = std::getenv("CONFAB_SEEDS");
  return more == nullptr ? standard : std::strtoull(more, nullptr, 10);
}

void run_seeds(std::uint64_t standard, const Schedule& schedule) {
  if (const char* one = std::getenv("CONFAB_SEED")) {
    run_one(std::strtoull(one, nullptr, 10), schedule);
    return;
  }
  for (std::uint64_t seed = 1; seed <= seeds(standard); ++seed) run_one(seed, schedule);
}

}  // namespace

TEST_CASE("the same seed is the same run") {
  const Schedule schedule{
      .site = {.shards = 2, .store_faults = true}, .cuts = true, .crashes = true, .clock_jumps = true};
  CHECK(run_one(7, schedule) == run_one(7, schedule));
  CHECK(run_one(7, schedule) != run_one(8, schedule));
}

TEST_CASE("nothing goes wrong: everybody has everything, once") {
  run_seeds(10, {});
}

TEST_CASE("lines are cut at any moment; streams are resumed") {
  run_seeds(20, {.cuts = true});
}

TEST_CASE("lines are cut; nobody resumes") {
  run_seeds(20, {.cuts = true, .resumption = false});
}

TEST_CASE("the store fails, is slow, or is full, and recovers") {
  run_seeds(15, {.site = {.shards = 3, .store_faults = true}, .cuts = true});
}

TEST_CASE("the server is killed at any moment and starts again") {
  run_seeds(20, {.cuts = true, .crashes = true, .clock_jumps = true});
}

TEST_CASE("the server dies in the middle of commits") {
  run_seeds(20, {.site = {.shards = 2, .store_faults = false, .crash_at_commit = true}, .cuts = true, .crashes = true});
}

TEST_CASE("each device shows the same conversation: nothing goes wrong") {
  run_seeds(10, {.whole = true});
}

TEST_CASE("each device shows the same conversation: lines are cut, streams are resumed") {
  run_seeds(20, {.cuts = true, .whole = true});
}

TEST_CASE("each device shows the same conversation: lines are cut, nobody resumes, clocks jump") {
  run_seeds(20, {.cuts = true, .resumption = false, .clock_jumps = true, .whole = true});
}

TEST_CASE("each device shows the same conversation: the server is killed, in the middle of commits too") {
  run_seeds(20, {.site = {.shards = 2, .store_faults = false, .crash_at_commit = true},
                 .cuts = true,
                 .crashes = true,
                 .whole = true});
}

TEST_CASE("a right counts when the effect happens: nothing arrives after the block was confirmed") {
  for (std::uint64_t seed = 1; seed <= seeds(20); ++seed) {
    CAPTURE(seed);
    Run run(seed, {.cuts = false});
    for (auto& client : run.clients) client->connect();
    run.world.run_until(run.world.now_us + 5 * kSecond);
    SimClient& bob = *run.clients[2];
    REQUIRE(bob.user() == "bob");
    const int when = static_cast<int>(run.world.chance.below(60));
    std::vector<std::pair<std::string, std::int64_t>> sent_at;
    for (int i = 0; i < 100; ++i) {
      run.world.run_until(run.world.now_us + static_cast<std::int64_t>(run.world.chance.below(4'000)));
      if (i == when) bob.block("alice");
      run.clients[0]->send_message("bob");
      sent_at.emplace_back(run.clients[0]->sent().back().id, run.world.now_us);
    }
    run.world.run_until(run.world.now_us + 10 * kSecond);
    REQUIRE(bob.blocked_at_us >= 0);
    const auto log = ids_to(run.site, "bob");
    std::size_t kept = 0;
    for (const auto& [id, at] : sent_at) {
      const bool in_log = std::find(log.begin(), log.end(), id) != log.end();
      kept += in_log ? 1 : 0;
      CHECK_FALSE((in_log && at > bob.blocked_at_us));
    }
    CHECK(kept >= static_cast<std::size_t>(when > 15 ? 1 : 0));
    CHECK(kept < sent_at.size());
  }
}
