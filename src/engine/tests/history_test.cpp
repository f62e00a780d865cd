// What clients that speak JSON ask of their account: history, log, sessions.
#include "engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

struct Verona : EngineWorld {
  Verona() {
    store.add("romeo");
    store.add("juliet");
  }
  static core::GetHistory newest(std::size_t limit) {
    core::GetHistory command;
    command.query.limit = limit;
    command.query.backward = true;
    return command;
  }
};

}  // namespace

TEST_CASE("history: messages alone, as many as the site allows, and the device's backlog goes on") {
  Verona world;
  world.fill_log("romeo", "m", 3);
  const Client phone = world.bind("romeo", "phone");
  core::GetHistory command = Verona::newest(100'000);
  command.query.with = Verona::address("juliet");
  const auto found = world.done<core::HistoryFound>(phone, command);
  CHECK(found.rows.size() == 3);
  REQUIRE(world.store.queries.size() == 1);
  CHECK(world.store.queries[0].kinds == core::message_kinds());
  CHECK(world.store.queries[0].limit == Verona::defaults().archive_rows);
  CHECK(world.store.queries[0].conversation.has_value());
  world.tell(phone, Verona::presence(core::Status::online));
  CHECK(world.texts(phone) == Texts{"m1", "m2", "m3"});
}

TEST_CASE("history: refused without a session, over the limit, and when the store is away") {
  Verona world;
  CHECK(world.refused(world.connect("romeo"), Verona::newest(1)) == Errc::closed);
  const Client phone = world.bind("romeo", "phone");
  core::GetHistory many = Verona::newest(1);
  many.query.ids.resize(251);
  CHECK(world.refused(phone, many) == Errc::too_big);
  world.store.failing[Kind::archive] = Errc::unavailable;
  CHECK(world.refused(phone, Verona::newest(1)) == Errc::unavailable);
}

TEST_CASE("log: rows behind a place, whether more follow, and whether some are gone") {
  Verona world;
  world.fill_log("romeo", "m", 5);
  const Client phone = world.bind("romeo", "phone");
  auto log = world.done<core::LogFound>(phone, core::ReadLog{0, 2});
  CHECK(log.rows.size() == 2);
  CHECK(log.rows[1].seq == 2);
  CHECK(log.head == 5);
  CHECK_FALSE(log.complete);
  CHECK_FALSE(log.gap);
  log = world.done<core::LogFound>(phone, core::ReadLog{4, 2});
  CHECK(log.rows.size() == 1);
  CHECK(log.complete);
  log = world.done<core::LogFound>(phone, core::ReadLog{5, 2});
  CHECK(log.rows.empty());
  CHECK(log.complete);
  CHECK_FALSE(log.gap);
  // More than there ever was: nothing, and nothing is missing.
  log = world.done<core::LogFound>(phone, core::ReadLog{99, 2});
  CHECK(log.complete);
  CHECK_FALSE(log.gap);
  world.store.people.at("romeo").log[1] = nullptr;
  world.store.people.at("romeo").log[2] = nullptr;
  log = world.done<core::LogFound>(phone, core::ReadLog{1, 2});
  CHECK(log.gap);
  CHECK(log.rows[0].seq == 4);
}

TEST_CASE("sessions: those that are there, and devices that are not") {
  Verona world;
  const Client phone = world.connect("romeo");
  world.done<core::SessionOpened>(
      phone, core::OpenSession{.wire = core::Wire::mqtt, .resource = "phone", .address = "192.0.2.7"});
  const Client desk = world.bind("romeo", "desk");
  const Client guest = world.bind("romeo", "");
  world.bind("romeo", "old");
  const Client old = world.bind("romeo", "older");
  world.hang_up(old);
  const auto found = world.done<core::SessionsFound>(phone, core::GetSessions{});
  REQUIRE(found.sessions.size() == 5);
  CHECK(found.sessions[0].resource == "phone");
  CHECK(found.sessions[0].wire == core::Wire::mqtt);
  CHECK(found.sessions[0].address == "192.0.2.7");
  CHECK(found.sessions[0].current);
  CHECK(found.sessions[0].device);
  CHECK_FALSE(found.sessions[1].current);
  CHECK_FALSE(found.sessions[2].device);
  CHECK(found.sessions[4].resource == "older");
  CHECK(found.sessions[4].wire == core::Wire::none);
  CHECK(found.sessions[4].device);
  CHECK(world.refused(world.connect("romeo"), core::GetSessions{}) == Errc::closed);
}

TEST_CASE("sessions: one ends another, or itself, and forgets a device") {
  Verona world;
  const Client phone = world.bind("romeo", "phone");
  const Client desk = world.bind("romeo", "desk");
  world.done<core::Done>(phone, core::EndSession{"desk"});
  CHECK(world.told(desk).ends == std::vector{session::CloseReason::replaced});
  CHECK(world.sessions() == 1);
  CHECK(world.store.device("romeo", "desk") != nullptr);
  CHECK(world.refused(phone, core::EndSession{"desk"}) == Errc::not_found);
  world.done<core::Done>(phone, core::EndSession{"desk", true});
  CHECK(world.store.device("romeo", "desk") == nullptr);
  world.done<core::Done>(phone, core::EndSession{"phone", true});
  CHECK(world.told(phone).ends == std::vector{session::CloseReason::replaced});
  CHECK(world.store.device("romeo", "phone") == nullptr);
  CHECK(world.sessions() == 0);
  CHECK(world.refused(phone, core::EndSession{"phone"}) == Errc::closed);
}
