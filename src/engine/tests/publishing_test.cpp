#include "engine_world.h"

using namespace confab;
using namespace confab::engine;

namespace {

const Address kRomeo{"romeo", "example.net", {}};
const Address kJuliet{"juliet", "example.net", {}};
const std::string kNode = "http://jabber.org/protocol/geoloc";

core::Publish publication(const std::string& payload, core::NodeOptions options = {}) {
  core::Publish publish;
  publish.publications.push_back({kNode, "i", payload, std::move(options)});
  return publish;
}

// Romeo and juliet are friends; the nurse sees nobody's presence.
struct Garden : EngineWorld {
  explicit Garden(Options options = defaults(), std::uint32_t shards = 1) : EngineWorld(std::move(options), shards) {
    for (const char* name : {"romeo", "juliet", "nurse"}) store.add(name);
    befriend("romeo", "juliet");
  }
  // What the connection was handed of what accounts publish, as "item:payload".
  Texts published(const Client& client) {
    Texts all;
    for (const core::Delivery& delivery : told(client).deliveries) {
      const auto* event = std::get_if<core::Published>(&delivery.event->body);
      if (event != nullptr) all.push_back(event->item + ":" + event->payload);
      const auto* listening = std::get_if<core::Listening>(&delivery.event->body);
      if (listening != nullptr) all.push_back("listening:" + listening->text);
    }
    return all;
  }
  static LastSaid said(const Address& from, const std::string& item, core::NodeConfig config = {}) {
    core::Event event;
    event.from = from;
    event.at = {7};
    event.body = core::Published{.node = kNode, .item = item, .payload = "<x/>"};
    core::RosterItem entry;
    entry.peer = kRomeo;
    entry.from = true;
    return {std::make_shared<const core::Event>(event), std::move(config), entry, false};
  }
  static core::ShowLast show(Address of = {}) { return {{kNode}, true, std::move(of)}; }
};

}  // namespace

TEST_CASE("what is published is told to friends and to the own sessions, and not before it is durable") {
  Garden world;
  const Client romeo = world.login("romeo", "orchard");
  const Client juliet = world.login("juliet", "balcony");
  const Client nurse = world.login("nurse", "chamber");
  world.store.held = true;
  const auto request = world.ask(juliet, publication("<geoloc/>"));
  CHECK(world.reply(juliet, request) == nullptr);
  CHECK(world.published(romeo).empty());
  world.release();
  CHECK(world.answer<core::ItemsPublished>(juliet, request).items == Texts{"i"});
  CHECK(world.published(romeo) == Texts{"i:<geoloc/>"});
  CHECK(world.published(juliet) == Texts{"i:<geoloc/>"});
  CHECK(world.published(nurse).empty());
  CHECK(world.store.people.at("juliet").row.nodes.find(kNode).has_value());
}

TEST_CASE("what the store does not take is told to nobody") {
  Garden world;
  const Client romeo = world.login("romeo", "orchard");
  const Client juliet = world.login("juliet", "balcony");
  world.store.failing[Kind::commit] = Errc::no_space;
  CHECK(world.refused(juliet, publication("<geoloc/>")) == Errc::no_space);
  CHECK(world.published(romeo).empty());
  world.store.failing.clear();
  CHECK_FALSE(world.store.people.at("juliet").row.nodes.find(kNode).has_value());
  world.done<core::ItemsPublished>(juliet, publication("<geoloc/>"));
}

TEST_CASE("items are asked of their owner, who says what the asker may see; also on another shard") {
  for (const std::uint32_t shards : {1U, 3U}) {
    Garden world(EngineWorld::defaults(), shards);
    const Client juliet = world.login("juliet", "balcony");
    const Client romeo = world.login("romeo", "orchard");
    const Client nurse = world.login("nurse", "chamber");
    world.done<core::ItemsPublished>(juliet, publication("<geoloc/>"));
    const core::GetItems question{kJuliet, kNode, {}};
    const auto found = world.done<core::ItemsFound>(romeo, question);
    REQUIRE(found.page.items.size() == 1);
    CHECK(found.page.items[0].payload == "<geoloc/>");
    CHECK(found.config.access == core::Access::presence);
    CHECK(world.done<core::ItemsFound>(juliet, core::GetItems{{}, kNode, {}}).page.count == 1);
    CHECK(world.done<core::ItemsFound>(juliet, question).page.count == 1);
    CHECK(world.done<core::NodesFound>(romeo, core::GetNodes{kJuliet}).nodes.size() == 1);
    // For who is no friend there is nothing, whether there is anything or anybody or not.
    for (const Address& of : {kJuliet, Address{"nobody", "example.net", {}}}) {
      CHECK(world.refused(nurse, core::GetItems{of, kNode, {}}) == Errc::not_found);
      CHECK(world.refused(nurse, core::GetItems{of, "nothing", {}}) == Errc::not_found);
      CHECK(world.refused(nurse, core::GetNodes{of}) == Errc::not_found);
      CHECK(world.refused(nurse, core::GetListening{of}) == Errc::not_found);
    }
    CHECK(world.refused(romeo, core::GetItems{{"x", "example.com", {}}, kNode, {}}) == Errc::unsupported);
  }
}

TEST_CASE("nobody asks for another, and nobody without a session") {
  Garden world;
  const Client juliet = world.login("juliet", "balcony");
  core::NodeOptions secret;
  secret.access = core::Access::whitelist;
  world.done<core::ItemsPublished>(juliet, publication("<geoloc/>", secret));
  const Client romeo = world.login("romeo", "orchard");
  CHECK(world.refused(romeo, core::GetItems{kJuliet, kNode, {}}) == Errc::not_allowed);
  // A connection that is juliet's by name, and has no session.
  const Client stranger = world.connect("juliet");
  CHECK(world.refused(stranger, core::GetItems{kJuliet, kNode, {}}) == Errc::closed);
  CHECK(world.refused(stranger, core::GetItems{{}, kNode, {}}) == Errc::closed);
}

TEST_CASE("what somebody listens to is asked for, and survives") {
  Garden world;
  const Client juliet = world.login("juliet", "balcony");
  const Client romeo = world.login("romeo", "orchard");
  world.done<core::Done>(juliet, core::SetListening{"the lark", {}});
  CHECK(world.published(romeo) == Texts{"listening:the lark"});
  CHECK(world.store.people.at("juliet").row.last.listening == "the lark");
  CHECK(world.done<core::ListeningFound>(romeo, core::GetListening{kJuliet}).event == nullptr);
  core::Event event;
  event.body = core::Listening{"the lark"};
  world.store.pages.push_back({{{std::make_shared<const core::Event>(event), {}, {}, false}}, 1, 0});
  const auto found = world.done<core::ListeningFound>(romeo, core::GetListening{kJuliet});
  CHECK(std::get<core::Listening>(found.event->body).text == "the lark");
  world.tell(juliet, EngineWorld::presence(core::Status::away));
  CHECK(world.store.people.at("juliet").row.last.listening == "the lark");
}

TEST_CASE("a changed avatar is told in every session's presence, once it is durable") {
  Garden world;
  const Client romeo = world.login("romeo", "orchard");
  const Client balcony = world.login("juliet", "balcony");
  const Client chamber = world.login("juliet", "chamber");
  world.told(romeo).deliveries.clear();
  core::Publish publish = publication("<metadata/>");
  publish.avatar = "111f";
  world.done<core::ItemsPublished>(balcony, publish);
  std::vector<std::string> seen;
  for (const core::Delivery& delivery : world.told(romeo).deliveries) {
    const auto* presence = std::get_if<core::Presence>(&delivery.event->body);
    if (presence != nullptr)
      seen.push_back(delivery.event->from.resource + ":" + std::string(std::string_view(presence->avatar)));
  }
  CHECK(seen == Texts{"balcony:111f", "chamber:111f"});
  CHECK(world.store.people.at("juliet").row.last.avatar == "111f");
  // A session that comes later says it as well.
  world.tell(chamber, EngineWorld::presence(core::Status::away));
  CHECK(std::get<core::Presence>(world.told(romeo).deliveries.back().event->body).avatar == "111f");
  CHECK(world.done<core::ProfileFound>(romeo, core::GetProfile{kJuliet}).avatar == "111f");
}

TEST_CASE("who has come is shown what friends published last, as far as they and he want it") {
  Garden world;
  world.befriend("romeo", "nurse");
  const Client romeo = world.login("romeo", "orchard");
  const Address nurse{"nurse", "example.net", {}};
  core::NodeConfig never{.send_last = core::SendLast::never};
  core::NodeConfig once{.send_last = core::SendLast::on_subscription};
  core::NodeConfig quiet{.notify = false};
  core::NodeConfig closed{.access = core::Access::whitelist};
  LastSaid blocked = Garden::said(nurse, "blocked");
  blocked.blocked = true;
  LastSaid unseen = Garden::said(nurse, "unseen");
  unseen.entry.reset();
  world.store.pages.push_back(
      {{Garden::said(kJuliet, "1"), Garden::said(kJuliet, "never", never), Garden::said(nurse, "once", once),
        Garden::said(nurse, "quiet", quiet), Garden::said(nurse, "closed", closed), Garden::said(kRomeo, "own", closed),
        blocked, unseen, Garden::said({"tybalt", "example.net", {}}, "stranger")},
       3,
       0});
  world.tell(romeo, Garden::show());
  CHECK(world.published(romeo) == Texts{"1:<x/>", "own:<x/>"});
  for (const core::Delivery& delivery : world.told(romeo).deliveries) {
    CHECK(delivery.delayed);
    CHECK_FALSE(delivery.paged);
  }
  REQUIRE(world.store.asked.size() == 1);
  const LastQuery& query = world.store.asked[0];
  CHECK(query.asker == kRomeo.with("orchard"));
  CHECK(query.people == std::vector<Address>{kJuliet, nurse, kRomeo});
  CHECK(query.nodes == Texts{kNode});
  CHECK(query.listening);
  CHECK(query.bytes == EngineWorld::defaults().backlog_bytes);
  // Of one whom he has just begun to see.
  world.told(romeo).deliveries.clear();
  world.store.pages.push_back({{Garden::said(nurse, "once", once), Garden::said(nurse, "never", never)}, 1, 0});
  world.tell(romeo, Garden::show(nurse));
  CHECK(world.published(romeo) == Texts{"once:<x/>"});
  CHECK(world.store.asked[1].people == std::vector<Address>{nurse});
  world.tell(romeo, Garden::show({"tybalt", "example.net", {}}));
  CHECK(world.store.asked.size() == 2);
}

TEST_CASE("what is shown comes page by page, the next when the session wants it") {
  Garden world;
  world.befriend("romeo", "nurse");
  const Client romeo = world.login("romeo", "orchard");
  world.store.pages.push_back({{Garden::said(kJuliet, "1")}, 0, 1});
  world.store.pages.push_back({{}, 1, 0});  // nothing to show: the next follows by itself
  world.store.pages.push_back({{Garden::said(kJuliet, "2")}, 1, 0});
  world.store.pages.push_back({{Garden::said(kRomeo, "3")}, 1, 0});
  world.tell(romeo, Garden::show());
  CHECK(world.published(romeo) == Texts{"1:<x/>"});
  CHECK(world.told(romeo).deliveries.back().paged);
  world.tell(romeo, core::WantBacklog{});
  CHECK(world.published(romeo) == Texts{"1:<x/>", "2:<x/>"});
  REQUIRE(world.store.asked.size() == 3);
  CHECK(world.store.asked[1].people.size() == 3);
  CHECK(world.store.asked[1].skip == 1);
  CHECK(world.store.asked[2].people.size() == 2);
  world.tell(romeo, core::WantBacklog{});
  CHECK(world.published(romeo) == Texts{"1:<x/>", "2:<x/>", "3:<x/>"});
  CHECK_FALSE(world.told(romeo).deliveries.back().paged);
  world.tell(romeo, core::WantBacklog{});
  CHECK(world.store.asked.size() == 4);
}

TEST_CASE("what was told meanwhile is not told again as it was before") {
  Garden world;
  const Client romeo = world.login("romeo", "orchard");
  const Client juliet = world.login("juliet", "balcony");
  world.store.held = true;
  world.store.pages.push_back({{Garden::said(kJuliet, "old"), Garden::said(kRomeo, "own")}, 2, 0});
  world.tell(romeo, Garden::show());
  core::NodeOptions transient;
  transient.persist = false;
  world.ask(juliet, publication("<new/>", transient));
  // The commit first, then what was asked for before it.
  std::swap(world.store.waiting.front(), world.store.waiting.back());
  world.release();
  CHECK(world.published(romeo) == Texts{"i:<new/>", "own:<x/>"});
}

TEST_CASE("a session that has gone is shown nothing more, and one may not ask without end") {
  Garden world;
  const Client romeo = world.login("romeo", "orchard");
  world.store.held = true;
  for (int i = 0; i < 50; ++i) world.tell(romeo, Garden::show());
  CHECK(world.store.asked.size() == 1);
  world.store.pages.push_back({{Garden::said(kJuliet, "1")}, 2, 0});
  world.tell(romeo, EngineWorld::presence(core::Status::offline));
  world.store.held = false;
  while (!world.store.waiting.empty()) world.step();
  CHECK(world.published(romeo).empty());
  world.tell(romeo, Garden::show());  // not available
  CHECK(world.store.asked.size() == 1);
  world.tell(romeo, EngineWorld::presence(core::Status::online));
  for (int i = 0; i < 50; ++i) world.tell(romeo, Garden::show());
  CHECK(world.store.asked.size() == 51);
  world.store.held = true;
  for (int i = 0; i < 50; ++i) world.tell(romeo, Garden::show());
  world.store.held = false;
  while (!world.store.waiting.empty()) world.step();
  CHECK(world.store.asked.size() == 51 + 20);
}

TEST_CASE("what cannot be read is left out") {
  Garden world;
  const Client romeo = world.login("romeo", "orchard");
  world.store.failing[Kind::last] = Errc::unavailable;
  world.tell(romeo, Garden::show());
  CHECK(world.published(romeo).empty());
  CHECK(world.refused(romeo, core::GetListening{}) == Errc::unavailable);
  world.store.failing.clear();
  world.store.pages.push_back({{Garden::said(kJuliet, "1")}, 2, 0});
  world.tell(romeo, Garden::show());
  CHECK(world.published(romeo) == Texts{"1:<x/>"});
}
