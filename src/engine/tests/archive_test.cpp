// Copies for the account's other sessions, and devices that read the archive.
#include "engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

const Address kJuliet{"juliet", "example.net", {}};
const Address kRomeo{"romeo", "example.net", {}};

struct Verona : EngineWorld {
  explicit Verona(int rows = 0) : EngineWorld(small_pages()) {
    store.add("romeo");
    store.add("juliet");
    if (rows > 0) fill_log("romeo", "m", rows);
    juliet = login("juliet", "balcony");
  }
  static Options small_pages() {
    Options options = defaults();
    options.backlog_rows = 3;
    return options;
  }
  void copies(const Client& client, bool on = true) { done<core::Done>(client, core::SetCopies{on}); }
  void write(const Address& to, const std::string& text) { done<core::Sent>(juliet, message(to, text)); }
  static core::QueryArchive query() {
    core::QueryArchive command;
    command.query.limit = 50;
    return command;
  }
  std::vector<core::Delivery> copied(const Client& client) {
    std::vector<core::Delivery> all;
    for (const core::Delivery& delivery : told(client).deliveries) {
      if (delivery.copy) all.push_back(delivery);
    }
    return all;
  }
  Client juliet;
};

}  // namespace

TEST_CASE("copies: what one session sends the others get, from the log and in its order") {
  Verona world;
  const Client phone = world.login("romeo", "phone");
  const Client desk = world.login("romeo", "desk");
  const Client plain = world.login("romeo", "plain");
  world.copies(phone);
  world.copies(desk);
  world.done<core::Sent>(phone, EngineWorld::message(kJuliet, "from the phone"));
  REQUIRE(world.copied(desk).size() == 1);
  CHECK(world.copied(desk)[0].own);
  CHECK(world.copied(desk)[0].seq == 1);
  CHECK(world.copied(phone).empty());  // it knows
  CHECK(world.texts(plain).empty());   // it did not ask
  world.copies(desk, false);
  world.done<core::Sent>(phone, EngineWorld::message(kJuliet, "again"));
  CHECK(world.copied(desk).size() == 1);
}

TEST_CASE("copies: what only one session is sent the others get too, once") {
  Verona world;
  const Client phone = world.login("romeo", "phone");
  const Client desk = world.login("romeo", "desk");
  const Client away = world.login("romeo", "away", -1);
  world.copies(desk);
  world.copies(away);
  world.write(kRomeo.with("phone"), "to the phone");
  CHECK(world.texts(phone) == Texts{"to the phone"});
  CHECK(world.copied(phone).empty());
  REQUIRE(world.copied(desk).size() == 1);
  CHECK_FALSE(world.copied(desk)[0].own);
  CHECK(world.copied(away).size() == 1);  // whatever its priority
  world.write(kRomeo, "to all");
  CHECK(world.copied(desk).size() == 1);
  CHECK(world.texts(desk) == Texts{"to the phone", "to all"});
  CHECK(world.copied(away).size() == 2);
}

TEST_CASE("copies: of what is not kept, too, but for news") {
  Verona world;
  const Client phone = world.login("romeo", "phone");
  const Client desk = world.login("romeo", "desk");
  world.copies(desk);
  const auto typing = [](const Address& to) {
    return core::Send{EngineWorld::event_to(to, core::ChatState{}), {}, {}};
  };
  world.done<core::Sent>(phone, typing(kJuliet));
  world.done<core::Sent>(world.juliet, typing(kRomeo.with("phone")));
  REQUIRE(world.copied(desk).size() == 2);
  CHECK(world.copied(desk)[0].own);
  CHECK_FALSE(world.copied(desk)[1].own);
  core::Send news = EngineWorld::message(kJuliet, "news");
  std::get<core::Message>(news.event.body).kind = core::Message::Kind::headline;
  world.done<core::Sent>(phone, news);
  CHECK(world.copied(desk).size() == 2);
}

TEST_CASE("copies: a device that was away gets its account's own words from the log") {
  Verona world;
  const Client phone = world.login("romeo", "phone");
  const Client desk = world.login("romeo", "desk");
  world.tell(desk, core::CloseSession{true});
  world.done<core::Sent>(phone, EngineWorld::message(kJuliet, "meanwhile"));
  const Client back = world.bind("romeo", "desk");
  world.copies(back);
  world.tell(back, EngineWorld::presence(core::Status::online));
  REQUIRE(world.copied(back).size() == 1);
  CHECK(world.copied(back)[0].own);
  CHECK(world.copied(back)[0].delayed);
}

TEST_CASE("archive: a device that reads it gets nothing from before its session, now and later") {
  Verona world(7);
  const Client phone = world.bind("romeo", "phone");
  const auto page = world.done<core::ArchivePage>(phone, Verona::query());
  CHECK(page.events.size() == 7);
  CHECK(world.store.queries.back().kinds == core::archive_kinds());
  world.tell(phone, EngineWorld::presence(core::Status::online));
  CHECK(world.texts(phone).empty());
  world.write(kRomeo, "live");
  CHECK(world.texts(phone) == Texts{"live"});
  world.tell(phone, core::CloseSession{true});
  world.write(kRomeo, "missed");
  world.pass(seconds(2));
  REQUIRE(world.store.device("romeo", "phone") != nullptr);
  CHECK(world.store.device("romeo", "phone")->archive);
  const Client again = world.login("romeo", "phone");
  CHECK(world.texts(again).empty());
  // Another device, which does not, is none of its business.
  const Client desk = world.bind("romeo", "desk");
  world.tell(desk, EngineWorld::presence(core::Status::online));
  CHECK_FALSE(world.texts(desk).empty());
}

TEST_CASE("archive: what comes between the session's beginning and its presence is not lost") {
  Verona world(2);
  const Client phone = world.bind("romeo", "phone");
  world.done<core::ArchivePage>(phone, Verona::query());
  world.write(kRomeo, "between");
  world.tell(phone, EngineWorld::presence(core::Status::online));
  CHECK(world.texts(phone) == Texts{"between"});
}

TEST_CASE("archive: a backlog that is under way ends where the session began") {
  Verona world(8);
  const Client phone = world.bind("romeo", "phone");
  world.tell(phone, EngineWorld::presence(core::Status::online));
  CHECK(world.texts(phone) == Texts{"m1", "m2", "m3"});
  world.write(kRomeo, "live");
  world.done<core::ArchivePage>(phone, Verona::query());
  world.tell(phone, core::WantBacklog{});
  CHECK(world.texts(phone) == Texts{"m1", "m2", "m3", "live"});
}

TEST_CASE("archive: its ends, its limits, and nobody without a session") {
  Verona world(3);
  const Client phone = world.bind("romeo", "phone");
  CHECK(world.done<core::ArchiveEnds>(phone, core::GetArchiveEnds{}).last->cid.empty());
  core::QueryArchive many = Verona::query();
  many.query.limit = 1'000'000;
  world.done<core::ArchivePage>(phone, many);
  CHECK(world.store.queries.back().limit == world.node.options().archive_rows);
  many.query.ids.resize(world.node.options().archive_rows + 1);
  CHECK(world.refused(phone, many) == Errc::too_big);
  CHECK(world.refused(world.connect("romeo"), Verona::query()) == Errc::closed);
  world.store.failing[Kind::archive] = Errc::not_found;
  CHECK(world.refused(phone, Verona::query()) == Errc::not_found);
}

TEST_CASE("archive: preferences are kept, and the sender's hold for his own log") {
  Verona world;
  const Client romeo = world.login("romeo", "phone");
  core::SetArchivePreferences never{{core::ArchivePreferences::Default::never, {}, {}}};
  world.done<core::Done>(romeo, never);
  CHECK(world.done<core::ArchivePreferencesFound>(romeo, core::GetArchivePreferences{}).preferences ==
        never.preferences);
  world.store.held = true;
  world.ask(romeo, EngineWorld::message(kJuliet, "off the record"));
  const auto& append = std::get<core::Append>(world.store.waiting.front().changes.front());
  CHECK(append.logs[0].archived);        // juliet's
  CHECK_FALSE(append.logs[1].archived);  // romeo's
  world.release();
  core::SetArchivePreferences many = never;
  many.preferences.always.resize(1001);
  CHECK(world.refused(romeo, many) == Errc::too_big);
}
