#include "engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

const Address kRomeo{"romeo", "example.net", {}};
const Address kJuliet{"juliet", "example.net", {}};

// Juliet watches.
struct Verona : EngineWorld {
  explicit Verona(Options options = defaults()) : EngineWorld(std::move(options)) {
    store.add("romeo");
    store.add("juliet");
    befriend("romeo", "juliet");
    juliet = login("juliet", "balcony");
  }
  std::size_t sessions_of_romeo() { return sessions() - 1; }
  Statuses seen() { return statuses(juliet, "romeo"); }
  Client juliet;
};

const milliseconds kGrace = EngineWorld::defaults().presence_grace;

}  // namespace

TEST_CASE("a session of the same resource replaces the old one") {
  Verona world;
  const Client old = world.login("romeo", "orchard");
  const Client fresh = world.bind("romeo", "orchard");
  CHECK(world.told(old).ends == std::vector{session::CloseReason::replaced});
  CHECK(world.sessions_of_romeo() == 1);
  CHECK(world.seen() == Statuses{core::Status::online, core::Status::offline});
  CHECK(world.refused(old, core::GetRoster{}) == Errc::closed);
  world.hang_up(old);
  world.done<core::RosterItems>(fresh, core::GetRoster{});
}

TEST_CASE("sessions_per_account: refused before a device is stored for it; a lost session gives way") {
  Options options = EngineWorld::defaults();
  options.sessions_per_account = 2;
  Verona world(options);
  const Client one = world.login("romeo", "one");
  world.login("romeo", "two");
  CHECK(world.refused(world.connect("romeo"), core::OpenSession{core::Wire::xmpp, "three"}) == Errc::too_fast);
  CHECK(world.refused(world.connect("romeo"), core::OpenSession{core::Wire::xmpp, {}}) == Errc::too_fast);
  CHECK(world.store.device("romeo", "three") == nullptr);
  world.bind("romeo", "two");
  world.hang_up(one);
  world.bind("romeo", "three");
  CHECK(world.sessions_of_romeo() == 2);
}

TEST_CASE("a connection has one session, and a session a connection") {
  Verona world;
  const Client romeo = world.bind("romeo", "orchard");
  CHECK(world.refused(romeo, core::OpenSession{core::Wire::xmpp, "second"}) == Errc::conflict);
  CHECK(world.sessions_of_romeo() == 1);
  const auto reply = world.administer("romeo", core::OpenSession{core::Wire::xmpp, "third"});
  REQUIRE(reply.has_value());
  CHECK(std::get<core::Refused>(*reply).code == Errc::conflict);
}

TEST_CASE("a lost session is there for its friends until the grace time is over") {
  Verona world;
  const Client romeo = world.login("romeo", "orchard");
  world.hang_up(romeo);
  world.pass(kGrace - milliseconds(1));
  CHECK(world.seen() == Statuses{core::Status::online});
  world.pass(milliseconds(1));
  CHECK(world.seen() == Statuses{core::Status::online, core::Status::offline});
  CHECK(world.sessions_of_romeo() == 0);
}

TEST_CASE("who is back within the grace time did not blink") {
  Verona world;
  world.hang_up(world.login("romeo", "orchard"));
  world.pass(kGrace / 2);
  const Client back = world.bind("romeo", "orchard");
  world.pass(kGrace);
  CHECK(world.seen() == Statuses{core::Status::online});
  world.tell(back, EngineWorld::presence(core::Status::away));
  CHECK(world.seen() == Statuses{core::Status::online, core::Status::away});
  CHECK(world.sessions_of_romeo() == 1);
}

TEST_CASE("who came back without presence and goes is gone for his friends") {
  Verona world;
  world.hang_up(world.login("romeo", "orchard"));
  world.tell(world.bind("romeo", "orchard"), core::CloseSession{});
  CHECK(world.seen() == Statuses{core::Status::online, core::Status::offline});
}

TEST_CASE("goodbye needs no grace, and neither does who never had presence") {
  Verona world;
  const Client romeo = world.login("romeo", "orchard");
  world.tell(romeo, core::CloseSession{});
  CHECK(world.seen() == Statuses{core::Status::online, core::Status::offline});
  world.hang_up(romeo);
  world.hang_up(world.bind("romeo", "orchard"));
  CHECK(world.sessions_of_romeo() == 0);
}

TEST_CASE("messages for a lost session wait for its device") {
  Verona world;
  world.hang_up(world.login("romeo", "orchard"));
  world.done<core::Sent>(world.juliet, EngineWorld::message(kRomeo, "wait"));
  const Client back = world.bind("romeo", "orchard");
  world.tell(back, EngineWorld::presence(core::Status::online));
  CHECK(world.texts(back) == Texts{"wait"});
}

TEST_CASE("a connection that closes while its account is being loaded leaves no session") {
  Verona world;
  world.store.held = true;
  const Client romeo = world.connect("romeo");
  world.tell(romeo, core::OpenSession{core::Wire::xmpp, {}});
  world.hang_up(romeo);
  world.release();
  CHECK(world.sessions_of_romeo() == 0);
}

TEST_CASE("... or while its device is being stored") {
  Verona world;
  world.bind("romeo", "other");
  world.store.held = true;
  const Client romeo = world.connect("romeo");
  world.tell(romeo, core::OpenSession{core::Wire::xmpp, "orchard"});
  REQUIRE(world.store.waiting.size() == 1);
  world.hang_up(romeo);
  world.release();
  CHECK(world.sessions_of_romeo() == 1);
}

TEST_CASE("... or while the shard has more to do than one turn allows") {
  Options options = EngineWorld::defaults();
  options.turn_works = 1;
  Verona world(options);
  world.bind("romeo", "other");
  const Client romeo = world.connect("romeo");
  for (int i = 0; i < 5; ++i) world.node.submit(world.juliet.id, kJuliet, 0, core::GetBlocks{});
  world.node.submit(romeo.id, kRomeo, 0, core::OpenSession{core::Wire::xmpp, {}});
  world.hang_up(romeo);
  CHECK(world.sessions_of_romeo() == 1);
}

TEST_CASE("the end of a connection loads nobody") {
  Verona world;
  world.hang_up(world.connect("romeo"));
  CHECK(world.node.shard(0).find(kRomeo) == nullptr);
  CHECK(world.node.shard(0).accounts() == 1);
}

TEST_CASE("without a session: nothing of what is a session's") {
  Verona world;
  world.bind("romeo", "orchard");
  const Client stranger = world.connect("romeo");
  const core::Command commands[] = {EngineWorld::presence(core::Status::online),
                                    EngineWorld::message(kJuliet, "hi"),
                                    core::GetRoster{},
                                    core::SetRosterItem{kJuliet, {}, {}},
                                    core::RemoveRosterItem{kJuliet},
                                    EngineWorld::subscription(kJuliet, core::Subscription::Step::subscribe),
                                    core::GetBlocks{},
                                    core::Block{{kJuliet}},
                                    core::Unblock{},
                                    core::SetProfile{},
                                    core::GetProfile{},
                                    core::GetProfile{kJuliet},
                                    core::ChangePassword{"mine now"},
                                    core::RemoveAccount{}};
  for (const core::Command& command : commands) CHECK(world.refused(stranger, command) == Errc::closed);
  CHECK(world.refused(stranger, core::Disable{}) == Errc::forbidden);
  const std::size_t commits = world.store.commits;
  for (const core::Command& command :
       {core::Command(core::CloseSession{}), core::Command(core::Acknowledge{9}), core::Command(core::WantBacklog{})}) {
    world.tell(stranger, command);
  }
  CHECK(world.store.commits == commits);
  CHECK(world.sessions_of_romeo() == 1);
}

TEST_CASE("before login: nothing of what is an account's, and the answer comes later") {
  Verona world;
  Client nobody = world.connect("romeo");
  nobody.account = {};
  world.node.submit(nobody.id, {}, 77, core::RemoveAccount{});
  CHECK(world.reply(nobody, 77) == nullptr);
  world.run();
  CHECK(world.answer<core::Refused>(nobody, 77).code == Errc::not_authorized);
  CHECK(world.refused(nobody, core::OpenSession{core::Wire::xmpp, "x"}) == Errc::not_authorized);
  CHECK(world.refused(nobody, core::GetProfile{kRomeo}) == Errc::not_authorized);
  CHECK(world.done<core::CredentialsFound>(nobody, core::FindCredentials{"romeo"}).uid != 0);
}

TEST_CASE("list_sessions names who is logged in, on every shard") {
  EngineWorld world(EngineWorld::defaults(), 2);
  for (const char* name : {"romeo", "juliet", "nurse"}) {
    world.store.add(name);
    world.login(name, "home");
  }
  world.bind("nurse", "kitchen");
  std::vector<Node::SessionLine> lines;
  world.node.list_sessions(*world.loops[0], [&](std::vector<Node::SessionLine> got) { lines = std::move(got); });
  world.run();
  REQUIRE(lines.size() == 4);
  const auto available = std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.available; });
  CHECK(available == 3);
  for (const auto& line : lines) CHECK(line.since == world.loops[0]->now().wall);
}

TEST_CASE("what a device's wire remembers is told when it goes on, and forgotten with its place") {
  EngineWorld world;
  world.store.add("romeo");
  const core::OpenSession open{.wire = core::Wire::mqtt, .resource = "phone", .expiry = 60};
  const Client first = world.connect("romeo");
  CHECK(world.done<core::SessionOpened>(first, open).memo.empty());
  world.done<core::Done>(first, core::NoteDevice{.roster = 7, .memo = "no-presence"});
  CHECK(world.store.device("romeo", "phone")->memo == "no-presence");
  CHECK(world.refused(first, core::NoteDevice{.roster = {}, .memo = std::string(core::kMaxDeviceMemo + 1, 'x')}) ==
        Errc::too_big);
  world.tell(first, core::CloseSession{});
  const auto again = world.done<core::SessionOpened>(world.connect("romeo"), open);
  CHECK(again.present);
  CHECK(again.roster == 7);
  CHECK(again.memo == "no-presence");
  core::OpenSession clean = open;
  clean.clean = true;
  const Client last = world.connect("romeo");
  CHECK(world.done<core::SessionOpened>(last, clean).memo.empty());
  world.tell(last, core::CloseSession{});
  const auto anew = world.done<core::SessionOpened>(world.connect("romeo"), open);
  CHECK(anew.roster == 0);
  CHECK(anew.memo.empty());
}

TEST_CASE("a note that cannot be written is refused, and one without a device is nothing") {
  EngineWorld world;
  world.store.add("romeo");
  const Client guest = world.bind("romeo", "");
  world.done<core::Done>(guest, core::NoteDevice{.roster = 1, .memo = "x"});
  const Client phone = world.bind("romeo", "phone");
  world.store.failing[Kind::commit] = Errc::no_space;
  CHECK(world.refused(phone, core::NoteDevice{.roster = {}, .memo = "x"}) == Errc::no_space);
}
