#include "engine_world.h"

using namespace confab;
using namespace confab::engine;
using Step = confab::core::Subscription::Step;

namespace {

const Address kRomeo{"romeo", "example.net", {}};
const Address kJuliet{"juliet", "example.net", {}};

struct Verona : EngineWorld {
  explicit Verona(Options options = defaults()) : EngineWorld(std::move(options)) {
    store.add("romeo");
    store.add("juliet");
  }
  std::optional<core::RosterItem> item(const std::string& of, const Address& peer) {
    return store.people.at(of).row.roster.find(peer);
  }
};

}  // namespace

TEST_CASE("a request, its approval, and presence from then on") {
  Verona world;
  const Client romeo = world.login("romeo", "orchard");
  const Client juliet = world.login("juliet", "balcony");
  world.done<core::Done>(romeo, EngineWorld::subscription(kJuliet, Step::subscribe));
  REQUIRE(world.told(juliet).deliveries.size() == 1);
  CHECK(std::get<core::Subscription>(world.told(juliet).deliveries[0].event->body).step == Step::subscribe);
  world.done<core::Done>(juliet, EngineWorld::subscription(kRomeo, Step::subscribed));
  CHECK(world.item("romeo", kJuliet)->to);
  CHECK(world.item("juliet", kRomeo)->from);
  CHECK(world.statuses(romeo, "juliet") == Statuses{core::Status::online});
  world.tell(juliet, EngineWorld::presence(core::Status::away));
  CHECK(world.statuses(romeo, "juliet") == Statuses{core::Status::online, core::Status::away});
}

TEST_CASE("a subscription to nobody is answered: unsubscribed") {
  Verona world;
  const Client romeo = world.login("romeo", "orchard");
  world.done<core::Done>(romeo, EngineWorld::subscription({"nobody", "example.net", {}}, Step::subscribe));
  const auto item = world.item("romeo", {"nobody", "example.net", {}});
  REQUIRE(item.has_value());
  CHECK_FALSE(item->pending_out);
  const auto& event = world.told(romeo).deliveries.back().event;
  CHECK(std::get<core::Subscription>(event->body).step == Step::unsubscribed);
}

TEST_CASE("who comes asks his friends, and who is not seen is told so") {
  Verona world;
  world.befriend("romeo", "juliet");
  const Client juliet = world.login("juliet", "balcony");
  const Client romeo = world.bind("romeo", "orchard");
  world.tell(romeo, EngineWorld::presence(core::Status::online));
  CHECK(world.statuses(romeo, "juliet") == Statuses{core::Status::online});
  // Juliet does not know of the friendship any more.
  world.tell(juliet, core::CloseSession{});
  world.store.people.at("juliet").row.roster = {};
  world.pass(EngineWorld::defaults().account_idle * 2);
  world.login("juliet", "balcony");
  world.tell(romeo, EngineWorld::presence(core::Status::offline));
  world.tell(romeo, EngineWorld::presence(core::Status::online));
  CHECK_FALSE(world.item("romeo", kJuliet)->to);
}

TEST_CASE("a friend who is away shows the last that he said") {
  Verona world;
  world.befriend("romeo", "juliet");
  core::Presence& last = world.store.people.at("juliet").row.last;
  last.signature = {{{}, "parting is such sweet sorrow"}};
  last.since = {5};
  const Client romeo = world.bind("romeo", "orchard");
  world.tell(romeo, EngineWorld::presence(core::Status::online));
  const core::Delivery& told = world.told(romeo).deliveries.back();
  CHECK(told.event->from == kJuliet);
  CHECK(told.event->at.ms == 5);
  CHECK(told.delayed);
}

TEST_CASE("presence is not worth loading an account") {
  Verona world;
  world.befriend("romeo", "juliet");
  world.login("romeo", "orchard");
  CHECK(world.node.shard(0).accounts() == 1);
}

TEST_CASE("what another account told is stored once the store is back; what came after it waits") {
  Verona world;
  const Client romeo = world.login("romeo", "orchard");
  const Client juliet = world.login("juliet", "balcony");
  world.store.held = true;
  world.tell(romeo, EngineWorld::subscription(kJuliet, Step::subscribe));
  world.step();
  REQUIRE(world.store.waiting.size() == 1);
  world.step(Errc::unavailable);
  const auto message = world.ask(romeo, EngineWorld::message(kJuliet, "did you see?"));
  CHECK(world.store.waiting.empty());
  world.pass(EngineWorld::defaults().change_retry);
  world.store.held = false;
  world.release();
  CHECK(world.item("juliet", kRomeo)->pending_in);
  world.answer<core::Sent>(romeo, message);
  CHECK(world.texts(juliet) == Texts{"did you see?"});
  CHECK(std::holds_alternative<core::Subscription>(world.told(juliet).deliveries.front().event->body));
}

TEST_CASE("the retries end, and a change that can never be stored has none") {
  Options options = EngineWorld::defaults();
  options.change_retries = 3;
  Verona world(options);
  const Client romeo = world.login("romeo", "orchard");
  const Client juliet = world.login("juliet", "balcony");
  world.store.failing[Kind::commit] = Errc::unavailable;
  CHECK(world.refused(romeo, core::SetRosterItem{kJuliet, {}, {}}) == Errc::unavailable);  // he can ask again
  world.tell(romeo, EngineWorld::subscription(kJuliet, Step::subscribe));
  const auto roster = world.ask(romeo, core::GetRoster{});
  world.pass(options.change_retry * 2);
  CHECK(world.reply(romeo, roster) == nullptr);
  world.pass(options.change_retry);
  world.answer<core::RosterItems>(romeo, roster);
  world.store.failing[Kind::commit] = Errc::not_found;
  world.tell(romeo, EngineWorld::subscription(kJuliet, Step::subscribe));
  world.done<core::RosterItems>(romeo, core::GetRoster{});
  CHECK(world.told(juliet).deliveries.empty());
}

TEST_CASE("changes of one account are made one after the other, each on what the one before left") {
  Verona world;
  const Client romeo = world.login("romeo", "orchard");
  world.store.held = true;
  world.tell(romeo, core::SetRosterItem{kJuliet, "J", {}});
  world.tell(romeo, core::ChangePassword{"new"});
  world.tell(romeo, core::SetRosterItem{{"nurse", "example.net", {}}, "N", {}});
  CHECK(world.store.waiting.size() == 1);
  world.release();
  CHECK(world.store.people.at("romeo").row.roster.version == 2);
  CHECK(world.store.people.at("romeo").row.credentials == FakePasswords::record_of("new"));
}
