#include "engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

const Address kRomeo{"romeo", "example.net", {}};
const Address kJuliet{"juliet", "example.net", {}};

Client nobody(EngineWorld& world) {
  Client client = world.connect("romeo");
  client.account = {};
  return client;
}

core::Register registration(const std::string& password = "secret") {
  return {.name = "romeo", .password = password, .email = {}, .invite = {}};
}

Errc code_of(const std::optional<core::Reply>& reply) {
  REQUIRE(reply.has_value());
  return std::get<core::Refused>(*reply).code;
}

}  // namespace

TEST_CASE("registration: open") {
  EngineWorld world;
  const Client client = nobody(world);
  world.done<core::Done>(client, registration());
  CHECK(world.store.people.at("romeo").row.credentials == FakePasswords::record_of("secret"));
  CHECK(world.refused(client, registration("other")) == Errc::conflict);
  world.done<core::Done>(client, core::VerifyPassword{"romeo", "secret"});
}

TEST_CASE("registration: closed, but to the site itself; and nobody learns which names are taken") {
  Options options = EngineWorld::defaults();
  options.registration = Registration::closed;
  EngineWorld world(options);
  const Client client = nobody(world);
  CHECK(world.refused(client, registration()) == Errc::not_allowed);
  CHECK(std::holds_alternative<core::Done>(world.administer("romeo", registration()).value()));
  CHECK(world.refused(client, registration()) == Errc::not_allowed);
  CHECK(code_of(world.administer("romeo", registration())) == Errc::conflict);
}

TEST_CASE("two who want the same name at once: one gets it") {
  EngineWorld world;
  world.store.held = true;
  const Client one = nobody(world);
  const Client other = nobody(world);
  const auto first = world.ask(one, registration("one"));
  const auto second = world.ask(other, registration("other"));
  world.release();
  world.answer<core::Done>(one, first);
  CHECK(world.answer<core::Refused>(other, second).code == Errc::conflict);
  CHECK(world.store.people.at("romeo").row.credentials == FakePasswords::record_of("one"));
}

TEST_CASE("registration that fails leaves nothing behind") {
  EngineWorld world;
  const Client client = nobody(world);
  world.passwords.crowded = true;
  CHECK(world.refused(client, registration()) == Errc::too_fast);
  world.passwords.crowded = false;
  world.store.failing[Kind::commit] = Errc::no_space;
  CHECK(world.refused(client, registration()) == Errc::no_space);
  world.store.failing.clear();
  CHECK(world.node.shard(0).accounts() == 0);
  world.done<core::Done>(client, registration());
}

TEST_CASE("an unknown and a disabled name look alike, and cost the same") {
  EngineWorld world;
  world.store.add("romeo", FakePasswords::record_of("secret")).row.disabled = true;
  const Client client = nobody(world);
  for (const char* name : {"romeo", "nobody"}) {
    const auto found = world.done<core::CredentialsFound>(client, core::FindCredentials{name});
    CHECK(found.uid == 0);
    CHECK(found.credentials == "decoy of " + std::string(name));
    CHECK(world.refused(client, core::VerifyPassword{name, "secret"}) == Errc::not_authorized);
  }
  CHECK(world.passwords.verified == std::vector<Uid>{0, 0});
  CHECK(world.refused(world.connect("romeo"), core::OpenSession{core::Wire::xmpp, "x"}) == Errc::forbidden);
}

TEST_CASE("an account that cannot be loaded is a refusal with its reason, and is tried anew the next time") {
  EngineWorld world;
  world.store.add("romeo", FakePasswords::record_of("secret"));
  const Client client = nobody(world);
  world.store.failing[Kind::load] = Errc::unavailable;
  CHECK(world.refused(client, core::FindCredentials{"romeo"}) == Errc::unavailable);
  bool refreshed = false;
  world.store.held = true;
  world.tell(client, core::FindCredentials{"romeo"});
  world.node.refresh(kRomeo, *world.loops[0], [&] { refreshed = true; });
  world.release();
  CHECK(refreshed);
  CHECK(world.node.shard(0).accounts() == 0);
  world.store.failing.clear();
  world.done<core::Done>(client, core::VerifyPassword{"romeo", "secret"});
}

TEST_CASE("a new password counts once it is stored; what comes meanwhile waits") {
  EngineWorld world;
  world.store.add("romeo", FakePasswords::record_of("old"));
  const Client romeo = world.login("romeo", "orchard");
  const Client client = nobody(world);
  world.store.held = true;
  const auto change = world.ask(romeo, core::ChangePassword{"new"});
  const auto item = world.ask(romeo, core::SetRosterItem{kJuliet, "J", {}});
  const auto verify = world.ask(client, core::VerifyPassword{"romeo", "old"});
  CHECK(world.store.waiting.size() == 1);
  CHECK(world.reply(romeo, change) == nullptr);
  world.step();
  world.answer<core::Done>(romeo, change);
  world.release();
  world.answer<core::Done>(romeo, item);
  CHECK(world.answer<core::Refused>(client, verify).code == Errc::not_authorized);
  world.done<core::Done>(client, core::VerifyPassword{"romeo", "new"});
  world.store.failing[Kind::commit] = Errc::no_space;
  CHECK(world.refused(romeo, core::ChangePassword{"newer"}) == Errc::no_space);
  world.store.failing.clear();
  world.done<core::Done>(client, core::VerifyPassword{"romeo", "new"});
  world.passwords.crowded = true;
  CHECK(world.refused(romeo, core::ChangePassword{"newest"}) == Errc::too_fast);
  world.done<core::RosterItems>(romeo, core::GetRoster{});
}

TEST_CASE("while a password is derived no other change is under way, and the account cannot go") {
  EngineWorld world;
  world.store.add("romeo", FakePasswords::record_of("old"));
  const Client romeo = world.login("romeo", "orchard");
  world.passwords.held = true;
  const auto change = world.ask(romeo, core::ChangePassword{"new"});
  const auto item = world.ask(romeo, core::SetRosterItem{kJuliet, "J", {}});
  const auto removal = world.ask(romeo, core::RemoveAccount{});
  CHECK(world.reply(romeo, item) == nullptr);
  CHECK(world.store.people.at("romeo").row.roster.empty());
  world.passwords.release();
  world.run();
  for (const auto request : {change, item, removal}) world.answer<core::Done>(romeo, request);
  CHECK(world.node.shard(0).accounts() == 0);
}

TEST_CASE("while an account is removed, or read again, what comes for it waits") {
  EngineWorld world;
  world.store.add("romeo");
  world.store.add("juliet");
  const Client juliet = world.login("juliet", "balcony");
  const Client romeo = world.login("romeo", "orchard");
  world.store.held = true;
  world.node.refresh(kRomeo, *world.loops[0], [] {});
  world.run();
  world.tell(juliet, EngineWorld::message(kRomeo, "waits"));
  CHECK(world.store.waiting.size() == 1);
  world.step();
  CHECK(world.store.waiting.size() == 1);
  world.step();
  CHECK(world.texts(romeo) == Texts{"waits"});
  world.tell(romeo, core::RemoveAccount{});
  world.tell(juliet, EngineWorld::message(kRomeo, "too late"));
  REQUIRE(world.store.waiting.size() == 1);
  CHECK(std::holds_alternative<DropAccount>(world.store.waiting.front().changes.at(0)));
  world.release();
  CHECK(world.store.people.at("juliet").log.size() == 1);
}

TEST_CASE("an address is retired at the site's word alone") {
  EngineWorld world;
  world.store.add("romeo");
  world.store.add("juliet");
  const Client romeo = world.login("romeo", "orchard");
  world.store.held = true;
  world.tell(romeo, core::RemoveAccount{true});
  CHECK_FALSE(std::get<DropAccount>(world.store.waiting.front().changes.back()).retire);
  world.step();
  std::optional<core::Reply> done;
  world.node.administer(EngineWorld::address("juliet"), core::RemoveAccount{true}, *world.loops[0],
                        [&](core::Reply reply) { done = std::move(reply); });
  world.release();
  CHECK(std::holds_alternative<core::Done>(done.value()));
  CHECK(world.store.retired == std::vector<std::string>{"juliet"});
}

TEST_CASE("disabling is the site's, and ends the sessions once it is durable") {
  EngineWorld world;
  world.store.add("romeo", FakePasswords::record_of("secret"));
  const Client romeo = world.login("romeo", "orchard");
  CHECK(world.refused(romeo, core::Disable{}) == Errc::forbidden);
  world.store.failing[Kind::commit] = Errc::no_space;
  CHECK(code_of(world.administer("romeo", core::Disable{})) == Errc::no_space);
  CHECK(world.told(romeo).ends.empty());
  world.store.failing.clear();
  CHECK(std::holds_alternative<core::Done>(world.administer("romeo", core::Disable{}).value()));
  CHECK(world.told(romeo).ends == std::vector{session::CloseReason::removed});
  CHECK(world.sessions() == 0);
  CHECK(world.refused(romeo, core::OpenSession{core::Wire::xmpp, "orchard"}) == Errc::forbidden);
  CHECK(std::holds_alternative<core::Done>(world.administer("romeo", core::Disable{false}).value()));
  world.login("romeo", "orchard");
  CHECK(code_of(world.administer("nobody", core::Disable{})) == Errc::not_found);
}

TEST_CASE("an account that is removed says goodbye to its friends, and its name can be had again") {
  EngineWorld world;
  world.store.add("romeo");
  world.store.add("juliet");
  world.befriend("romeo", "juliet");
  const Client juliet = world.login("juliet", "balcony");
  const Client romeo = world.login("romeo", "orchard");
  const Uid uid = world.store.people.at("romeo").row.uid;
  world.done<core::Done>(romeo, core::RemoveAccount{});
  CHECK(world.told(romeo).ends == std::vector{session::CloseReason::removed});
  CHECK(world.statuses(juliet, "romeo") == Statuses{core::Status::online, core::Status::offline});
  const auto roster = world.done<core::RosterItems>(juliet, core::GetRoster{});
  REQUIRE(roster.items.size() == 1);
  CHECK_FALSE(roster.items[0].to);
  CHECK_FALSE(roster.items[0].from);
  CHECK(world.node.shard(0).find(kRomeo) == nullptr);
  CHECK(world.sessions() == 1);
  // A late row of the old account finds nobody.
  world.node.on_appended({{uid, owner_hash(kRomeo), 1, std::make_shared<core::Event>()}});
  world.run();
  world.done<core::Done>(nobody(world), registration());
  CHECK(world.store.people.at("romeo").row.roster.empty());
  world.pass(EngineWorld::defaults().cursor_write);
  CHECK(world.store.people.at("romeo").row.last.since.ms == 0);
}

TEST_CASE("what waits while an account is removed finds nobody") {
  EngineWorld world;
  world.store.add("romeo");
  world.store.add("juliet");
  const Client juliet = world.login("juliet", "balcony");
  const Client romeo = world.login("romeo", "orchard");
  world.store.held = true;
  world.tell(romeo, core::RemoveAccount{});
  const auto message = world.ask(juliet, EngineWorld::message(kRomeo, "too late"));
  world.hang_up(romeo);
  world.release();
  CHECK(world.answer<core::Refused>(juliet, message).code == Errc::not_found);
  CHECK(world.node.shard(0).accounts() == 1);
  world.store.add("romeo");
  const Client again = world.login("romeo", "orchard");
  world.store.failing[Kind::commit] = Errc::unavailable;
  CHECK(world.refused(again, core::RemoveAccount{}) == Errc::unavailable);
  world.store.failing.clear();
  world.done<core::RosterItems>(again, core::GetRoster{});
}

TEST_CASE("refresh: credentials, disabled, gone, another account of the same name") {
  EngineWorld world;
  world.store.add("romeo", FakePasswords::record_of("old"));
  const Client client = nobody(world);
  const auto refresh = [&] {
    bool done = false;
    world.node.refresh(kRomeo, *world.loops[0], [&] { done = true; });
    world.run();
    CHECK(done);
  };
  refresh();  // nobody knows of it yet
  Client romeo = world.login("romeo", "orchard");
  world.store.people.at("romeo").row.credentials = FakePasswords::record_of("new");
  refresh();
  world.done<core::Done>(client, core::VerifyPassword{"romeo", "new"});
  CHECK(world.told(romeo).ends.empty());
  CHECK(world.passwords.forgotten.size() == 1);
  world.store.failing[Kind::load] = Errc::unavailable;
  refresh();
  CHECK(world.sessions() == 1);
  world.store.failing.clear();
  world.store.people.at("romeo").row.disabled = true;
  refresh();
  CHECK(world.told(romeo).ends == std::vector{session::CloseReason::removed});
  world.store.people.at("romeo").row.disabled = false;
  refresh();
  romeo = world.login("romeo", "orchard");
  world.store.people.erase("romeo");
  world.store.add("romeo");
  refresh();
  CHECK(world.told(romeo).ends == std::vector{session::CloseReason::removed});
  romeo = world.login("romeo", "orchard");
  world.store.people.erase("romeo");
  refresh();
  CHECK(world.told(romeo).ends.size() == 1);
  CHECK(world.node.shard(0).accounts() == 0);
}

TEST_CASE("accounts without sessions are forgotten after a while, not before their cursors are written") {
  EngineWorld world;
  const Options options = EngineWorld::defaults();
  world.store.add("romeo");
  world.store.add("juliet");
  world.fill_log("romeo", "m", 1);
  const Client juliet = world.login("juliet", "balcony");
  const Client romeo = world.login("romeo", "orchard");
  world.tell(romeo, core::Acknowledge{1});
  world.tell(romeo, core::CloseSession{});
  world.store.held = true;
  world.pass(options.account_idle * 2);
  CHECK(world.node.shard(0).accounts() == 2);
  world.release();
  CHECK(world.store.device("romeo", "orchard")->cursor == 1);
  world.pass(options.account_idle * 2);
  CHECK(world.node.shard(0).accounts() == 1);
  // Loaded anew, where it was.
  world.done<core::Sent>(juliet, EngineWorld::message(kRomeo, "two"));
  CHECK(world.texts(world.login("romeo", "orchard")).empty());
  CHECK(world.store.people.at("romeo").log.size() == 2);
}

TEST_CASE("a crowded shard forgets idle accounts at once") {
  Options options = EngineWorld::defaults();
  options.accounts_loaded = 2;
  EngineWorld world(options);
  for (const char* name : {"a", "b", "c"}) {
    world.store.add(name);
    world.administer(name, core::GetProfile{});
  }
  CHECK(world.node.shard(0).accounts() == 3);
  world.pass(milliseconds(10'000));
  CHECK(world.node.shard(0).accounts() == 0);
}

TEST_CASE("profiles: one's own, another's, nobody's, another domain's") {
  EngineWorld world;
  world.store.add("romeo").profile.name = "Romeo Montague";
  world.store.add("juliet").profile.name = "Juliet Capulet";
  const Client romeo = world.login("romeo", "orchard");
  CHECK(world.done<core::ProfileFound>(romeo, core::GetProfile{}).profile.name == "Romeo Montague");
  CHECK(world.done<core::ProfileFound>(romeo, core::GetProfile{kRomeo}).profile.name == "Romeo Montague");
  CHECK(world.done<core::ProfileFound>(romeo, core::GetProfile{kJuliet}).profile.name == "Juliet Capulet");
  CHECK(world.refused(romeo, core::GetProfile{{"nobody", "example.net", {}}}) == Errc::not_found);
  CHECK(world.refused(romeo, core::GetProfile{{"anna", "example.com", {}}}) == Errc::unsupported);
  core::SetProfile set;
  set.profile.name = "Montague";
  world.done<core::Done>(romeo, set);
  CHECK(world.done<core::ProfileFound>(romeo, core::GetProfile{}).profile.name == "Montague");
}
