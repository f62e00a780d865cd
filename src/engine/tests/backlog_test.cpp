#include "engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

const Address kRomeo{"romeo", "example.net", {}};

Options small_pages() {
  Options options = EngineWorld::defaults();
  options.backlog_rows = 3;
  return options;
}

struct Verona : EngineWorld {
  explicit Verona(int rows = 0, Options options = small_pages()) : EngineWorld(std::move(options)) {
    store.add("romeo");
    store.add("juliet");
    if (rows > 0) fill_log("romeo", "m", rows);
  }
  Upos cursor(const std::string& device) {
    const core::Device* found = store.device("romeo", device);
    REQUIRE(found != nullptr);
    return found->cursor;
  }
  void come(const Client& client) { tell(client, presence(core::Status::online)); }
  void go(const Client& client) { tell(client, presence(core::Status::offline)); }
  void write(const std::string& text) { done<core::Sent>(juliet, message(kRomeo, text)); }
  Client juliet;
};

}  // namespace

TEST_CASE("the backlog comes in pages, each when it is wanted") {
  Verona world(5);
  const Client romeo = world.bind("romeo", "orchard");
  CHECK(world.texts(romeo).empty());
  world.come(romeo);
  CHECK(world.texts(romeo) == Texts{"m1", "m2", "m3"});
  CHECK(world.told(romeo).deliveries.back().paged);
  CHECK(world.told(romeo).deliveries.back().delayed);
  world.tell(romeo, core::WantBacklog{});
  CHECK(world.texts(romeo) == Texts{"m1", "m2", "m3", "m4", "m5"});
  world.tell(romeo, core::WantBacklog{});
  world.juliet = world.login("juliet", "balcony");
  world.write("live");
  CHECK(world.texts(romeo).back() == "live");
  CHECK_FALSE(world.told(romeo).deliveries.back().paged);
  CHECK_FALSE(world.told(romeo).deliveries.back().delayed);
}

TEST_CASE("rows that come during a page are handed over after it, once and in order") {
  Verona world(4);
  world.juliet = world.login("juliet", "balcony");
  const Client romeo = world.bind("romeo", "orchard");
  world.store.held = true;
  world.come(romeo);
  while (world.store.waiting.front().kind != Kind::log) world.step();
  world.tell(world.juliet, EngineWorld::message(kRomeo, "during"));
  REQUIRE(world.store.waiting.size() == 2);
  std::swap(world.store.waiting[0], world.store.waiting[1]);
  world.step();  // the commit first
  CHECK(world.texts(romeo).empty());
  world.release();
  CHECK(world.texts(romeo) == Texts{"m1", "m2", "m3"});
  world.tell(romeo, core::WantBacklog{});
  CHECK(world.texts(romeo) == Texts{"m1", "m2", "m3", "m4", "during"});
}

TEST_CASE("a hole in what is reported is read from the store") {
  Verona world;
  world.juliet = world.login("juliet", "balcony");
  const Client romeo = world.login("romeo", "orchard");
  world.fill_log("romeo", "unreported", 1);
  world.write("two");
  CHECK(world.texts(romeo) == Texts{"unreported1", "two"});
}

TEST_CASE("rows that the store has no more are passed over") {
  Verona world(4);
  for (auto& row : world.store.people.at("romeo").log) row = nullptr;
  world.juliet = world.login("juliet", "balcony");
  const Client romeo = world.login("romeo", "orchard");
  world.write("live");
  CHECK(world.texts(romeo) == Texts{"live"});
}

TEST_CASE("a page that cannot be read is read again, though nobody asks") {
  Verona world(2);
  world.store.failing[Kind::log] = Errc::unavailable;
  const Client romeo = world.login("romeo", "orchard");
  CHECK(world.texts(romeo).empty());
  world.store.failing.clear();
  world.pass(small_pages().change_retry);
  CHECK(world.texts(romeo) == Texts{"m1", "m2"});
  world.juliet = world.login("juliet", "balcony");
  world.write("live");
  CHECK(world.texts(romeo) == Texts{"m1", "m2", "live"});
}

TEST_CASE("a page asked for before the session left and came back is not taken for the next one") {
  Verona world(9);
  const Client romeo = world.bind("romeo", "orchard");
  world.come(romeo);
  CHECK(world.texts(romeo) == Texts{"m1", "m2", "m3"});
  world.store.held = true;
  world.tell(romeo, core::WantBacklog{});
  world.told(romeo).deliveries.clear();
  world.go(romeo);
  world.come(romeo);
  while (!world.store.waiting.empty()) world.step();
  CHECK(world.texts(romeo) == Texts{"m1", "m2", "m3"});
}

TEST_CASE("acknowledgements move the device's cursor, in order and never back") {
  Verona world(3);
  const Client romeo = world.bind("romeo", "orchard");
  world.come(romeo);
  world.tell(romeo, core::Acknowledge{2});
  world.pass(small_pages().cursor_write);
  CHECK(world.cursor("orchard") == 2);
  world.tell(romeo, core::Acknowledge{1});
  world.pass(small_pages().cursor_write);
  CHECK(world.cursor("orchard") == 2);
  world.tell(romeo, core::Acknowledge{99});  // more than it was handed
  world.pass(small_pages().cursor_write);
  CHECK(world.cursor("orchard") == 3);
  CHECK(world.store.people.at("romeo").row.delivered == 3);
  world.tell(romeo, core::CloseSession{});
  const Client again = world.login("romeo", "orchard");
  world.come(again);
  CHECK(world.texts(again).empty());
}

TEST_CASE("what was not acknowledged comes again, and what is acknowledged late does not") {
  Verona world(3);
  Client romeo = world.bind("romeo", "orchard");
  world.come(romeo);
  world.tell(romeo, core::Acknowledge{1});
  world.hang_up(romeo);
  romeo = world.bind("romeo", "orchard");
  world.come(romeo);
  CHECK(world.texts(romeo) == Texts{"m2", "m3"});
  world.go(romeo);
  world.tell(romeo, core::Acknowledge{3});
  world.tell(romeo, core::CloseSession{});
  romeo = world.bind("romeo", "orchard");
  world.come(romeo);
  CHECK(world.texts(romeo).empty());
}

TEST_CASE("rows that are not for the session advance its cursor, but not past what it has not acknowledged") {
  Verona world;
  world.juliet = world.login("juliet", "balcony");
  const Client orchard = world.login("romeo", "orchard");
  const Client home = world.login("romeo", "home");
  const auto write = [&](const std::string& resource, const std::string& text) {
    world.done<core::Sent>(world.juliet, EngineWorld::message(kRomeo.with(resource), text));
  };
  write("home", "1");
  world.pass(small_pages().cursor_write);
  CHECK(world.cursor("orchard") == 1);
  CHECK(world.cursor("home") == 0);
  write("orchard", "2");
  write("home", "3");
  world.pass(small_pages().cursor_write);
  CHECK(world.cursor("orchard") == 1);  // 2 is on its way
  world.tell(orchard, core::Acknowledge{2});
  world.tell(home, core::Acknowledge{3});
  world.pass(small_pages().cursor_write);
  CHECK(world.cursor("orchard") == 3);
  CHECK(world.cursor("home") == 3);
  CHECK(world.texts(orchard) == Texts{"2"});
  CHECK(world.texts(home) == Texts{"1", "3"});
}

TEST_CASE("a page of rows that are for others leads to the next one by itself") {
  Verona world;
  world.juliet = world.login("juliet", "balcony");
  for (int i = 0; i < 7; ++i) world.done<core::Sent>(world.juliet, EngineWorld::message(kRomeo, "mine"));
  world.tell(world.juliet, EngineWorld::presence(core::Status::offline));
  const Client other = world.login("juliet", "closet");
  CHECK(world.texts(other).empty());
  world.pass(small_pages().cursor_write);
  CHECK(world.store.device("juliet", "closet")->cursor == 7);
}

TEST_CASE("a session without a name of its own has no cursor: it begins where no device has been") {
  Verona world(3);
  const Client first = world.bind("romeo", {});
  world.come(first);
  CHECK(world.texts(first) == Texts{"m1", "m2", "m3"});
  world.tell(first, core::Acknowledge{3});
  world.pass(small_pages().cursor_write);
  CHECK(world.store.people.at("romeo").row.delivered == 3);
  CHECK(world.store.people.at("romeo").row.devices.empty());
  const Client second = world.bind("romeo", {});
  world.come(second);
  CHECK(world.texts(second).empty());
}

TEST_CASE("a new device is durable before its session opens") {
  Verona world(3);
  world.store.held = true;
  const Client romeo = world.connect("romeo");
  const auto request = world.ask(romeo, core::OpenSession{core::Wire::xmpp, "orchard"});
  world.step();  // the account
  REQUIRE(world.store.waiting.size() == 1);
  CHECK(std::holds_alternative<PutDevice>(world.store.waiting.front().changes.at(0)));
  CHECK(world.reply(romeo, request) == nullptr);
  world.step();
  CHECK(world.answer<core::SessionOpened>(romeo, request).resource == "orchard");
  const Client other = world.connect("romeo");
  const auto refused = world.ask(other, core::OpenSession{core::Wire::xmpp, "home"});
  world.step(Errc::no_space);
  CHECK(world.answer<core::Refused>(other, refused).code == Errc::no_space);
  CHECK(world.sessions() == 1);
}

TEST_CASE("a device that was not seen for device_days begins where the others are") {
  Verona world(3);
  core::AccountRow& row = world.store.people.at("romeo").row;
  const WallMs now = world.loops[0]->now().wall;
  const auto days = [&](int n) { return now - milliseconds(std::int64_t{86'400'000} * n); };
  row.devices = {{"old", 0, days(91)}, {"fresh", 0, days(89)}};
  row.delivered = 2;
  const Client old = world.bind("romeo", "old");
  world.come(old);
  CHECK(world.texts(old) == Texts{"m3"});
  const Client fresh = world.bind("romeo", "fresh");
  world.come(fresh);
  CHECK(world.texts(fresh) == Texts{"m1", "m2", "m3"});
}

TEST_CASE("devices_per_account: the one that was not seen for longest goes, but not one that is logged in") {
  Options options = small_pages();
  options.devices_per_account = 2;
  Verona world(0, options);
  const Client first = world.login("romeo", "first");
  world.pass(milliseconds(1000));
  const Client second = world.login("romeo", "second");
  world.tell(second, core::CloseSession{});
  world.login("romeo", "third");
  CHECK(world.store.device("romeo", "first") != nullptr);
  CHECK(world.store.device("romeo", "second") == nullptr);
  CHECK(world.store.device("romeo", "third") != nullptr);
}

TEST_CASE("cursors that could not be written are written later") {
  Verona world(3);
  const Client romeo = world.bind("romeo", "orchard");
  world.come(romeo);
  world.pass(small_pages().cursor_write);
  world.tell(romeo, core::Acknowledge{2});
  world.store.failing[Kind::commit] = Errc::unavailable;
  world.pass(small_pages().cursor_write);
  CHECK(world.cursor("orchard") == 0);
  world.store.failing.clear();
  world.pass(small_pages().cursor_write);
  CHECK(world.cursor("orchard") == 2);
  CHECK(world.store.people.at("romeo").row.last.status == core::Status::online);
  const std::size_t commits = world.store.commits;
  world.pass(small_pages().cursor_write * 5);
  CHECK(world.store.commits == commits);
}

TEST_CASE("only what moved is written, and one account that is gone does not keep the others from being written") {
  Verona world(3);
  world.store.people.at("romeo").row.devices = {{"elsewhere", 1, {5}}};
  const Client romeo = world.bind("romeo", "orchard");
  const Client juliet = world.login("juliet", "balcony");
  world.come(romeo);
  world.tell(romeo, core::Acknowledge{3});
  world.store.people.erase("juliet");
  world.store.held = true;
  world.pass(small_pages().cursor_write);
  for (const auto& call : world.store.waiting) {
    for (const core::Change& change : call.changes) {
      const auto* put = std::get_if<PutDevice>(&change);
      if (put != nullptr) CHECK(put->device.name != "elsewhere");
    }
  }
  world.release();
  CHECK(world.cursor("orchard") == 3);
}

TEST_CASE("flush is done when everything is durable, what was under way before too") {
  Verona world(3);
  const Client romeo = world.bind("romeo", "orchard");
  world.come(romeo);
  world.tell(romeo, core::Acknowledge{3});
  world.store.held = true;
  world.pass(small_pages().cursor_write);
  bool flushed = false;
  world.node.flush(*world.loops[0], [&] { flushed = true; });
  world.run();
  CHECK_FALSE(flushed);
  world.release();
  CHECK(flushed);
  CHECK(world.cursor("orchard") == 3);
  flushed = false;
  world.node.flush(*world.loops[0], [&] { flushed = true; });
  world.run();
  CHECK(flushed);
}
