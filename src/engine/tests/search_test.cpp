#include "engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

struct Verona : EngineWorld {
  static Options few_results() {
    Options options = defaults();
    options.search_results = 3;
    options.search_rows = 50;
    return options;
  }
  Verona() : EngineWorld(few_results()) {
    store.add("romeo");
    store.add("juliet");
    romeo = login("romeo", "orchard");
    fill_log("romeo", "night", 5);
  }
  static core::SearchLog search(std::size_t limit = 0) {
    return {{.text = "night", .with = {"juliet", "example.net", "balcony"}, .before = 9, .limit = limit, .rows = 1}};
  }
  Client romeo;
};

}  // namespace

TEST_CASE("a search asks the store for the account's own log, within the site's limits") {
  Verona world;
  const auto found = world.done<core::FoundEvents>(world.romeo, Verona::search());
  REQUIRE(found.found.size() == 3);
  CHECK(found.found[0].seq == 5);
  REQUIRE(world.store.searches.size() == 1);
  const core::SearchQuery& asked = world.store.searches[0];
  CHECK(asked.text == "night");
  CHECK(asked.with == Address{"juliet", "example.net", {}});
  CHECK(asked.before == 9);
  CHECK(asked.limit == 3);
  CHECK(asked.rows == 50);
  CHECK(world.done<core::FoundEvents>(world.romeo, Verona::search(2)).found.size() == 2);
  CHECK(world.done<core::FoundEvents>(world.romeo, Verona::search(1000)).found.size() == 3);
}

TEST_CASE("one search at a time for each account") {
  Verona world;
  const Client juliet = world.login("juliet", "balcony");
  world.store.held = true;
  const auto first = world.ask(world.romeo, Verona::search());
  CHECK(world.refused(world.romeo, Verona::search()) == Errc::too_fast);
  world.ask(juliet, Verona::search());
  CHECK(world.store.waiting.size() == 2);
  world.step();
  CHECK(world.answer<core::FoundEvents>(world.romeo, first).found.size() == 3);
  world.store.held = false;
  world.store.failing[Kind::search] = Errc::bad_payload;
  CHECK(world.refused(world.romeo, Verona::search()) == Errc::bad_payload);
  world.store.failing.clear();
  CHECK(world.done<core::FoundEvents>(world.romeo, Verona::search()).found.size() == 3);
}

TEST_CASE("who has no session searches nothing") {
  Verona world;
  CHECK(world.refused(world.connect("romeo"), Verona::search()) == Errc::closed);
  CHECK(world.store.searches.empty());
}
