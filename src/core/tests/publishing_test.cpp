// XEP-0060 and XEP-0163 as decisions: who is told of what is published, and who sees it.
#include "capulet.h"

using namespace confab;
using namespace confab::core;

TEST_CASE("publishing: XEP-0163 §3, the node is made, friends and the own sessions are told once it is durable") {
  Capulet world;
  const Plan plan = world.done(publication(kGeoloc, "", "<geoloc/>"));
  REQUIRE(plan.changes.size() == 2);
  CHECK(std::get<PutNode>(plan.changes[0]).node == Node{kGeoloc, {}});
  const auto& put = std::get<PutItem>(plan.changes[1]);
  CHECK(put.keep == 1);
  CHECK(put.limit == world.policy.pep_bytes);
  CHECK(put.item.payload == "<geoloc/>");
  CHECK_FALSE(put.item.id.empty());
  CHECK(std::get<ItemsPublished>(*plan.reply).items == Names{put.item.id});
  CHECK(told_to(plan) == Names{"nurse", "romeo"});
  REQUIRE(plan.notifies.size() == 2);
  const Event& event = *plan.notifies[0].event;
  CHECK(event.from == kJuliet);
  const auto& published = std::get<Published>(event.body);
  CHECK(published.what == Published::What::item);
  CHECK(published.node == kGeoloc);
  CHECK(published.item == put.item.id);
  CHECK(published.payload == "<geoloc/>");
  CHECK_FALSE(is_kept(event));
  // Again: the node is there.
  CHECK(world.done(publication(kGeoloc, "current", "<geoloc/>")).changes.size() == 1);
}

TEST_CASE("publishing: XEP-0163 §4.3.3, who is blocked is not told, nor a session that is not available") {
  Capulet world;
  world.account.row.blocks.peers = {kRomeo};
  world.account.sessions[1].available = false;
  const Plan plan = world.done(publication(kGeoloc, "", "<geoloc/>"));
  CHECK(told_to(plan) == Names{"nurse"});
  REQUIRE(plan.notifies.size() == 1);
  CHECK(plan.notifies[0].session == 1);
}

TEST_CASE("publishing: each access model tells those who see the node") {
  Capulet world;
  CHECK(told_to(world.done(publication("open", "", "<x/>", with_access(Access::open)))) == Names{"nurse", "romeo"});
  NodeOptions friends = with_access(Access::roster);
  friends.groups = {"Friends", "Courtiers"};
  CHECK(told_to(world.done(publication("roster", "", "<x/>", friends))) == Names{"romeo"});
  const Plan secret = world.done(publication("whitelist", "", "<x/>", with_access(Access::whitelist)));
  CHECK(told_to(secret).empty());
  CHECK(secret.notifies.size() == 2);
}

TEST_CASE("publishing: XEP-0060 §7.1.5, options make the node, and must be met afterwards") {
  Capulet world;
  NodeOptions options = with_access(Access::whitelist);
  options.max_items = kMaxItems;
  options.send_last = SendLast::never;
  world.done(publication("storage:bookmarks", "current", "<storage/>", options));
  const NodeConfig config = world.account.row.nodes.find("storage:bookmarks")->config;
  CHECK(config.access == Access::whitelist);
  CHECK(config.max_items == kMaxItems);
  CHECK(change_of<PutItem>(world.done(publication("storage:bookmarks", "x", "<storage/>", options)))->keep == 1000);
  const Refused refused = world.refused(publication("storage:bookmarks", "x", "<x/>", with_access(Access::presence)));
  CHECK(refused.code == Errc::conflict);
  CHECK(refused.text == why::kPrecondition);
  Publish easy = publication("storage:bookmarks", "x", "<x/>", with_access(Access::presence));
  easy.publications[0].insists = false;
  world.done(easy);
  CHECK(world.account.row.nodes.find("storage:bookmarks")->config == config);
}

TEST_CASE("publishing: payloads and names have their limits") {
  Capulet world;
  world.policy.pep_item_bytes = 10;
  world.policy.pep_nodes = 2;
  world.policy.pep_items_per_node = 5;
  CHECK(world.refused(publication("n", "i", "<12345678/>")).text == "pep_item_bytes");
  CHECK(world.refused(publication("", "i", "<x/>")).code == Errc::bad_payload);
  CHECK(world.refused(publication(std::string(1024, 'n'), "i", "<x/>")).code == Errc::too_big);
  CHECK(world.refused(publication("n", std::string(1024, 'i'), "<x/>")).code == Errc::too_big);
  NodeOptions six;
  six.max_items = 6;
  CHECK(world.refused(publication("n", "i", "<x/>", six)).text == "pep_items_per_node");
  NodeOptions eleven;
  eleven.max_bytes = 11;
  CHECK(world.refused(publication("n", "i", "<x/>", eleven)).text == "pep_item_bytes");
  NodeOptions groups;
  groups.groups = Names(101, "g");
  CHECK(world.refused(publication("n", "i", "<x/>", groups)).text == "roster_groups_allowed");
  world.done(publication("1", "", "<x/>"));
  world.done(publication("2", "", "<x/>"));
  CHECK(world.refused(publication("3", "", "<x/>")).text == "pep_nodes");
  CHECK(world.refused(ConfigureNode{"3", {}, true}).text == "pep_nodes");
  NodeOptions four;
  four.max_bytes = 4;
  world.done(ConfigureNode{"2", four});
  CHECK(world.refused(publication("2", "", "<xy/>")).text == "pep_item_bytes");
}

TEST_CASE("publishing: a node that keeps nothing tells, and one that tells nothing keeps") {
  Capulet world;
  NodeOptions transient;
  transient.persist = false;
  CHECK(change_of<PutItem>(world.done(publication("transient", "", "<x/>", transient))) == nullptr);
  const Plan again = world.done(publication("transient", "", "<x/>"));
  CHECK(again.changes.empty());
  CHECK(again.notifies.size() == 2);
  NodeOptions bare;
  bare.payloads = false;
  bare.headline = false;
  const Plan without = world.done(publication("bare", "i", "<x/>", bare));
  CHECK(std::get<Published>(without.notifies[0].event->body).payload.empty());
  CHECK_FALSE(std::get<Published>(without.notifies[0].event->body).headline);
  CHECK(change_of<PutItem>(without)->item.payload == "<x/>");
  NodeOptions quiet;
  quiet.notify = false;
  const Plan silent = world.done(publication("quiet", "i", "<x/>", quiet));
  CHECK(silent.notifies.empty());
  CHECK(silent.forwards.empty());
  CHECK(change_of<PutItem>(silent) != nullptr);
}

TEST_CASE("publishing: several items and a profile are one transaction, or nothing") {
  Capulet world;
  Publish both = publication("data", "i", "<data/>");
  both.publications.push_back({"data", "j", "<data/>", {}});
  both.publications.push_back({"", "j", "<data/>", {}});
  both.profile = Profile{.name = "Juliet"};
  CHECK(world.run(both).changes.empty());
  both.publications.pop_back();
  const Plan plan = world.done(both);
  REQUIRE(plan.changes.size() == 4);
  CHECK(std::get<PutProfile>(plan.changes[3]).profile.name == "Juliet");
  CHECK(std::get<ItemsPublished>(*plan.reply).items == Names{"i", "j"});
}

TEST_CASE("publishing: XEP-0060 §7.2, a retraction is told where the node or the client says so") {
  Capulet world;
  Publish retract;
  retract.retractions.push_back({kGeoloc, "i", false});
  CHECK(world.refused(retract).code == Errc::not_found);
  NodeOptions quiet;
  quiet.notify_retract = false;
  world.done(publication(kGeoloc, "i", "<geoloc/>", quiet));
  const Plan silent = world.done(retract);
  CHECK(change_of<DropItem>(silent)->item == "i");
  CHECK(silent.notifies.empty());
  retract.retractions[0].notify = true;
  const Plan plan = world.done(retract);
  CHECK(told_to(plan) == Names{"nurse", "romeo"});
  CHECK(std::get<Published>(plan.notifies[0].event->body) ==
        Published{.what = Published::What::retracted, .node = kGeoloc, .item = "i"});
}

TEST_CASE("publishing: XEP-0060 §8.1 and §8.2, nodes are made and configured") {
  Capulet world;
  CHECK(std::get<NodeMade>(*world.done(ConfigureNode{"princely_musings", {}, true}).reply).node == "princely_musings");
  CHECK(world.refused(ConfigureNode{"princely_musings", {}, true}).code == Errc::conflict);
  CHECK(world.refused(ConfigureNode{"nowhere", {}}).code == Errc::not_found);
  const std::string instant = std::get<NodeMade>(*world.done(ConfigureNode{"", {}, true}).reply).node;
  CHECK(world.account.row.nodes.find(instant).has_value());
  NodeOptions options = with_access(Access::open);
  options.notify_config = true;
  const Plan plan = world.done(ConfigureNode{"princely_musings", options});
  CHECK(change_of<PutNode>(plan)->keep == 1);
  CHECK(std::get<Published>(plan.notifies[0].event->body).what == Published::What::configured);
  CHECK(world.account.row.nodes.find("princely_musings")->config.access == Access::open);
  NodeOptions forget;
  forget.persist = false;
  CHECK(change_of<PutNode>(world.done(ConfigureNode{"princely_musings", forget}))->keep == 0);
}

TEST_CASE("publishing: XEP-0060 §8.4 and §8.5, a node is purged, and deleted") {
  Capulet world;
  CHECK(world.refused(ClearNode{"blog"}).code == Errc::not_found);
  world.done(publication("blog", "i", "<entry/>"));
  const Plan purge = world.done(ClearNode{"blog"});
  CHECK(change_of<PutNode>(purge)->keep == 0);
  CHECK(std::get<Published>(purge.notifies[0].event->body).what == Published::What::purged);
  CHECK(world.account.row.nodes.size() == 1);
  const Plan gone = world.done(ClearNode{"blog", true});
  CHECK(change_of<DropNode>(gone)->node == "blog");
  CHECK(std::get<Published>(gone.notifies[0].event->body).what == Published::What::deleted);
  CHECK(told_to(gone) == Names{"nurse", "romeo"});
  CHECK(world.account.row.nodes.empty());
}

TEST_CASE("publishing: who asks sees what the access model lets him, and strangers learn nothing") {
  Capulet world;
  NodeOptions friends = with_access(Access::roster);
  friends.groups = {"Friends"};
  NodeOptions hidden = with_access(Access::open);
  hidden.listed = false;
  world.done(publication("presence", "", "<x/>"));
  world.done(publication("open", "", "<x/>", with_access(Access::open)));
  world.done(publication("friends", "", "<x/>", friends));
  world.done(publication("secret", "", "<x/>", with_access(Access::whitelist)));
  world.done(publication("hidden", "", "<x/>", hidden));
  const auto code = [&](const std::string& node, const Address& asker) {
    const auto seen = look_at(world.account, node, asker);
    return seen ? std::nullopt : std::optional(seen.error().code);
  };
  for (const char* node : {"presence", "open", "friends", "secret", "hidden"}) {
    CHECK_FALSE(code(node, kJuliet.with("balcony")).has_value());
  }
  CHECK_FALSE(code("presence", kNurse).has_value());
  CHECK_FALSE(code("friends", kRomeo).has_value());
  CHECK(look_at(world.account, "friends", kNurse).error().text == why::kGroup);
  CHECK(look_at(world.account, "secret", kNurse).error().text == why::kClosed);
  CHECK(code("nothing", kNurse) == Errc::not_found);
  CHECK(code("hidden", kNurse) == Errc::not_found);
  CHECK_FALSE(code("open", kBenvolio).has_value());
  for (const char* node : {"presence", "friends", "secret", "hidden", "nothing"}) {
    CHECK(code(node, kBenvolio) == Errc::not_found);
  }
  world.account.row.blocks.peers = {kNurse};
  CHECK(code("open", kNurse) == Errc::not_found);
  const auto names = [&](const Address& asker) {
    Names seen;
    const auto found = look_around(world.account, asker);
    for (const Node& node : found->nodes) seen.push_back(node.name);
    return seen;
  };
  CHECK(names(kJuliet) == Names{"presence", "open", "friends", "secret"});
  CHECK(names(kRomeo) == Names{"presence", "open", "friends"});
  CHECK(look_around(world.account, kNurse).error().code == Errc::not_found);
  CHECK(look_around(world.account, kBenvolio).error().code == Errc::not_found);
}

TEST_CASE("publishing: what somebody published counts from those whose presence one sees") {
  Capulet world;
  Event event;
  event.body = Published{.node = kGeoloc};
  const auto told = [&](const Address& from) {
    event.from = from;
    return receive(world.account, std::make_shared<const Event>(event), {}, world.context()).notifies.size();
  };
  CHECK(told(kRomeo) == 2);
  CHECK(told(kBenvolio) == 0);
  world.account.sessions[0].lingering = true;
  CHECK(told(kRomeo) == 1);
  world.account.row.blocks.peers = {kRomeo};
  CHECK(told(kRomeo) == 0);
}

TEST_CASE("publishing: nobody gets past these rules by a message") {
  Capulet world;
  Event forged;
  forged.to = kRomeo;
  forged.body = Published{.node = kGeoloc};
  CHECK(world.refused(Send{forged, {}}).code == Errc::unsupported);
  forged.body = Listening{"x"};
  CHECK(world.refused(Send{forged, {}}).code == Errc::unsupported);
}
