#include "engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

struct Verona : EngineWorld {
  explicit Verona(Options options = defaults(), std::uint32_t shards = 1) : EngineWorld(std::move(options), shards) {
    store.add("romeo");
    store.add("juliet");
    romeo = login("romeo", "orchard");
    juliet = login("juliet", "balcony");
  }
  Client romeo, juliet;
};

const Address kJuliet{"juliet", "example.net", {}};
const Address kRomeo{"romeo", "example.net", {}};

}  // namespace

TEST_CASE("a message is handed over and answered only after the commit") {
  Verona world;
  world.store.held = true;
  const auto request = world.ask(world.romeo, EngineWorld::message(kJuliet, "hi"));
  REQUIRE(world.store.waiting.size() == 1);
  CHECK(world.texts(world.juliet).empty());
  CHECK(world.reply(world.romeo, request) == nullptr);
  world.step();
  CHECK(world.texts(world.juliet) == Texts{"hi"});
  const auto& sent = world.answer<core::Sent>(world.romeo, request);
  CHECK_FALSE(sent.duplicate);
  CHECK(sent.seq == 1);
  const core::Delivery& delivery = world.told(world.juliet).deliveries.back();
  CHECK(delivery.seq == 1);
  CHECK(delivery.event->id == sent.id);
  CHECK(delivery.event->from == kRomeo.with("orchard"));
  CHECK_FALSE(delivery.delayed);
}

TEST_CASE("a repeat is answered with the first one's id, and not handed over again") {
  Verona world;
  const auto first = world.done<core::Sent>(world.romeo, EngineWorld::message(kJuliet, "hi", "o:1"));
  const auto again = world.done<core::Sent>(world.romeo, EngineWorld::message(kJuliet, "hi", "o:1"));
  CHECK(again.id == first.id);
  CHECK(again.duplicate);
  CHECK(world.texts(world.juliet) == Texts{"hi"});
  CHECK(world.store.people.at("juliet").log.size() == 1);
}

TEST_CASE("a refused commit is a refusal, and nothing is handed over") {
  Verona world;
  for (const Errc code : {Errc::no_space, Errc::unavailable}) {
    world.store.failing[Kind::commit] = code;
    CHECK(world.refused(world.romeo, EngineWorld::message(kJuliet, "lost")) == code);
  }
  world.store.failing.clear();
  world.done<core::Sent>(world.romeo, EngineWorld::message(kJuliet, "kept"));
  CHECK(world.texts(world.juliet) == Texts{"kept"});
}

TEST_CASE("nobody there, blocked, another domain") {
  Verona world;
  CHECK(world.refused(world.romeo, EngineWorld::message({"nobody", "example.net", {}}, "hi")) == Errc::not_found);
  CHECK(world.refused(world.romeo, EngineWorld::message({"anna", "example.com", {}}, "hi")) == Errc::unsupported);
  world.done<core::Done>(world.juliet, core::Block{{kRomeo}});
  CHECK(world.refused(world.romeo, EngineWorld::message(kJuliet, "hi")) == Errc::blocked);
  CHECK(world.refused(world.juliet, EngineWorld::message(kRomeo, "hi")) == Errc::not_allowed);
  CHECK(world.store.people.at("juliet").log.empty());
  CHECK(world.store.people.at("romeo").log.empty());
  CHECK(world.node.shard(0).find({"nobody", "example.net", {}}) == nullptr);
}

TEST_CASE("one sender's messages keep their order while the recipient is being loaded, and while it is busy") {
  EngineWorld world;
  world.store.add("romeo");
  world.store.add("juliet");
  const Client romeo = world.login("romeo", "orchard");
  world.store.held = true;
  for (const char* text : {"1", "2"}) world.tell(romeo, EngineWorld::message(kJuliet, text));
  REQUIRE(world.store.waiting.size() == 1);
  CHECK(world.store.waiting.front().kind == Kind::load);
  world.step();
  for (const char* text : {"3", "4"}) world.tell(romeo, EngineWorld::message(kJuliet, text));
  world.release();
  const Client juliet = world.login("juliet", "balcony");
  world.store.held = true;
  world.tell(juliet, core::SetRosterItem{kRomeo, "R", {}});
  for (const char* text : {"5", "6"}) world.tell(romeo, EngineWorld::message(kJuliet, text));
  CHECK(world.store.waiting.size() == 1);  // the roster's; the messages wait for it
  world.release();
  Texts log;
  for (const auto& event : world.store.people.at("juliet").log) {
    log.push_back(std::get<core::Message>(event->body).bodies.front().text);
  }
  CHECK(log == Texts{"1", "2", "3", "4", "5", "6"});
}

TEST_CASE("several messages are under way to the store at a time") {
  Verona world;
  world.store.held = true;
  for (const char* text : {"1", "2", "3"}) world.tell(world.romeo, EngineWorld::message(kJuliet, text));
  CHECK(world.store.waiting.size() == 3);
  world.step();
  CHECK(world.texts(world.juliet) == Texts{"1"});
  world.step(Errc::no_space);
  world.step();
  CHECK(world.texts(world.juliet) == Texts{"1", "3"});
}

TEST_CASE("RFC 6121 §8.5.3.1: a message for a session of negative priority goes to that one alone, at once and once") {
  Verona world;
  const Client silent = world.login("juliet", "closet", -1);
  world.done<core::Sent>(world.romeo, EngineWorld::message(kJuliet, "to all"));
  world.done<core::Sent>(world.romeo, EngineWorld::message(kJuliet.with("closet"), "to the closet"));
  CHECK(world.texts(silent) == Texts{"to the closet"});
  CHECK(world.texts(world.juliet) == Texts{"to all"});
  world.tell(silent, EngineWorld::presence(core::Status::online, 0));
  CHECK(world.texts(silent) == Texts{"to the closet", "to all"});
}

TEST_CASE("what is not kept goes to whoever is there, without the store") {
  Verona world;
  world.store.held = true;
  const auto sent =
      world.done<core::Sent>(world.romeo, core::Send{EngineWorld::event_to(kJuliet, core::ChatState{}), {}});
  CHECK(sent.seq == 0);
  REQUIRE(world.told(world.juliet).deliveries.size() == 1);
  CHECK(world.told(world.juliet).deliveries[0].seq == 0);
  CHECK(world.refused(world.romeo, {core::Send{EngineWorld::event_to(kJuliet.with("gone"), core::Opaque{}), {}}}) ==
        Errc::not_found);
}

TEST_CASE("a full mailbox refuses what can be asked again, and nothing else") {
  Options options = EngineWorld::defaults();
  options.mailbox = 3;
  Verona world(options);
  world.store.held = true;
  world.tell(world.juliet, core::SetRosterItem{kRomeo, "R", {}});
  for (int i = 0; i < 3; ++i) world.tell(world.romeo, EngineWorld::message(kJuliet, "fits"));
  CHECK(world.refused(world.romeo, EngineWorld::message(kJuliet, "too many")) == Errc::too_fast);
  CHECK(world.refused(world.juliet, core::GetRoster{}) == Errc::too_fast);
  world.tell(world.juliet, core::Acknowledge{1});
  world.tell(world.juliet, core::CloseSession{});
  world.hang_up(world.juliet);
  world.release();
  CHECK(world.store.people.at("juliet").log.size() == 3);
  CHECK(world.sessions() == 1);
}

TEST_CASE("a full shard refuses what sessions ask, later and in a call of its own") {
  Options options = EngineWorld::defaults();
  options.queue = 2;
  Verona world(options);
  for (session::RequestId id = 1000; id < 1004; ++id) {
    world.node.submit(world.romeo.id, world.romeo.account, id, core::GetRoster{});
  }
  CHECK(world.reply(world.romeo, 1003) == nullptr);
  world.run();
  world.answer<core::RosterItems>(world.romeo, 1001);
  CHECK(world.answer<core::Refused>(world.romeo, 1002).code == Errc::too_fast);
  CHECK(world.answer<core::Refused>(world.romeo, 1003).code == Errc::too_fast);
}

TEST_CASE("across shards: the same, and the answer finds its way back") {
  Options options = EngineWorld::defaults();
  EngineWorld world(options, 2);
  std::string one = "a";
  std::string other = "b";
  while (world.node.owner_shard(EngineWorld::address(one)) == world.node.owner_shard(EngineWorld::address(other))) {
    other += "b";
  }
  world.store.add(one);
  world.store.add(other);
  world.befriend(one, other);
  const Client first = world.login(one, "x");
  const Client second = world.login(other, "y");
  CHECK(world.statuses(first, other) == Statuses{core::Status::online});
  world.told(second).deliveries.clear();
  const auto sent = world.done<core::Sent>(first, EngineWorld::message(EngineWorld::address(other), "hi"));
  CHECK(sent.seq == 1);
  CHECK(world.texts(second) == Texts{"hi"});
  world.tell(first, core::CloseSession{});
  CHECK(world.statuses(second, one) == Statuses{core::Status::offline});
  // A connection that is not on its account's shard.
  Client elsewhere = world.connect(other);
  elsewhere.id.shard = 1 - elsewhere.id.shard;
  world.done<core::SessionOpened>(elsewhere, core::OpenSession{core::Wire::xmpp, "z"});
  world.tell(elsewhere, EngineWorld::presence(core::Status::online));
  world.hang_up(elsewhere);
  world.pass(EngineWorld::defaults().presence_grace);
  CHECK(world.sessions() == 1);
}

TEST_CASE("what an administrator says to the site is in everybody's log before he is answered") {
  const Address site{{}, "example.net", {}};
  Options options = EngineWorld::defaults();
  options.announcement_accounts = 3;
  Verona world(options);
  CHECK(world.refused(world.juliet, EngineWorld::message(site, "I am nobody")) == Errc::forbidden);
  world.store.add("prince").row.admin = true;
  const Client prince = world.login("prince", "palace");
  const auto sent = world.done<core::Sent>(prince, EngineWorld::message(site, "Rebellious subjects"));
  CHECK(sent.seq == 1);
  for (const Client& each : {world.romeo, world.juliet, prince}) {
    CHECK(world.texts(each) == Texts{"Rebellious subjects"});
    const core::Delivery& delivery = world.told(each).deliveries.back();
    CHECK(delivery.seq == 1);
    CHECK_FALSE(delivery.own);
    CHECK(core::is_announcement(*delivery.event));
    CHECK(delivery.event->from == site);
    CHECK(delivery.event->id == sent.id);
  }
  core::Send typing;
  typing.event.to = site;
  typing.event.body = core::ChatState{};
  CHECK(world.refused(prince, typing) == Errc::unsupported);
  world.store.failing[Kind::list] = Errc::unavailable;
  CHECK(world.refused(prince, EngineWorld::message(site, "again")) == Errc::unavailable);
  world.store.failing.clear();
  world.store.add("tybalt");
  CHECK(world.refused(prince, EngineWorld::message(site, "enemies to peace")) == Errc::too_big);
}
