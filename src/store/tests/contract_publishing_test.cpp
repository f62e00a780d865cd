// The contract of every store: what accounts publish.
#include "store/tests/contract.h"

using namespace confab;
using namespace confab::store::testing;

namespace {

constexpr std::uint32_t kKeep = 3;
constexpr std::uint64_t kLimit = 1000;

core::PutNode node(Uid uid, const std::string& name, core::NodeConfig config = {}, std::uint32_t keep = kKeep) {
  return {uid, {name, std::move(config)}, keep};
}

core::PutItem item(Uid uid, const std::string& node, const std::string& id, const std::string& payload = "<x/>",
                   std::int64_t at = 5) {
  return {.uid = uid, .node = node, .item = {id, payload, {at}}, .keep = kKeep, .limit = kLimit};
}

core::PutListening listening(Uid uid, const std::string& text, std::int64_t at = 5) {
  core::Event event;
  event.at = {at};
  event.from = {"alice", "example.org", ""};
  event.body = core::Listening{text};
  event.annex = {{core::Wire::xmpp, "tune", "<tune/>"}};
  return {uid, std::make_shared<const core::Event>(event)};
}

std::vector<std::string> ids(const Result<core::ItemPage>& page) {
  std::vector<std::string> found;
  REQUIRE_MESSAGE(page.has_value(), page.error().text);
  for (const core::Item& item : page->items) found.push_back(item.id);
  return found;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("store: a node is made, configured, loaded with its account, and dropped with its items") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    CHECK(b.load("alice")->nodes.empty());
    CHECK(b.items(alice, "n").error().code == Errc::not_found);
    core::NodeConfig config{.access = core::Access::roster, .groups = {"Friends"}, .title = "N"};
    REQUIRE(b.commit_all(node(alice, "n"), node(alice, "m")).has_value());
    REQUIRE(b.commit_all(node(alice, "n", config)).has_value());
    CHECK(b.load("alice")->nodes.all() == std::vector<core::Node>{{"n", config}, {"m", {}}});
    CHECK(ids(b.items(alice, "n")).empty());
    REQUIRE(b.commit_all(item(alice, "n", "1")).has_value());
    b.reopen();
    CHECK(b.load("alice")->nodes.find("n")->config == config);
    CHECK(ids(b.items(alice, "n")) == Ids{"1"});
    REQUIRE(b.commit_all(core::DropNode{alice, "n"}).has_value());
    CHECK(b.load("alice")->nodes.size() == 1);
    CHECK(b.items(alice, "n").error().code == Errc::not_found);
    REQUIRE(b.commit_all(node(alice, "n")).has_value());
    CHECK(ids(b.items(alice, "n")).empty());
    CHECK(b.commit_all(core::DropNode{alice, "nowhere"}).error().code == Errc::not_found);
    CHECK(b.commit_all(node(99, "n")).error().code == Errc::not_found);
    CHECK(b.commit_all(item(alice, "nowhere", "1")).error().code == Errc::not_found);
  });
}

TEST_CASE("store: the newest items of a node stay, and an item of the same id is replaced and newest") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    REQUIRE(b.commit_all(node(alice, "n")).has_value());
    for (const char* id : {"1", "2", "3"}) REQUIRE(b.commit_all(item(alice, "n", id)).has_value());
    REQUIRE(b.commit_all(item(alice, "n", "1", "<new/>", 9)).has_value());
    CHECK(ids(b.items(alice, "n")) == Ids{"2", "3", "1"});
    const auto found = b.items(alice, "n", {.ids = {"1"}});
    CHECK(found->items == std::vector<core::Item>{{"1", "<new/>", {9}}});
    CHECK(found->count == 3);
    REQUIRE(b.commit_all(item(alice, "n", "4")).has_value());
    CHECK(ids(b.items(alice, "n")) == Ids{"3", "1", "4"});
    REQUIRE(b.commit_all(node(alice, "n", {}, 2)).has_value());
    CHECK(ids(b.items(alice, "n")) == Ids{"1", "4"});
    CHECK(b.items(alice, "n")->count == 2);
    REQUIRE(b.commit_all(core::DropItem{alice, "n", "1"}).has_value());
    CHECK(ids(b.items(alice, "n")) == Ids{"4"});
    CHECK(b.commit_all(core::DropItem{alice, "n", "1"}).error().code == Errc::not_found);
    CHECK(b.commit_all(core::DropItem{alice, "nowhere", "1"}).error().code == Errc::not_found);
    REQUIRE(b.commit_all(node(alice, "n", {}, 0)).has_value());
    CHECK(ids(b.items(alice, "n")).empty());
    CHECK(b.items(alice, "n")->count == 0);
  });
}

TEST_CASE("store: an account's payloads have a bound, whatever is replaced or goes to make room") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    REQUIRE(b.commit_all(node(alice, "n"), node(alice, "m"), node(bob, "n")).has_value());
    REQUIRE(b.commit_all(item(alice, "n", "1", std::string(400, 'a')), item(alice, "m", "1", std::string(400, 'b')),
                         item(bob, "n", "1", std::string(400, 'c')))
                .has_value());
    const auto refused = b.commit_all(item(alice, "n", "2", std::string(201, 'd')));
    CHECK(refused.error().code == Errc::too_big);
    CHECK(refused.error().text == "pep_bytes");
    CHECK(ids(b.items(alice, "n")) == Ids{"1"});
    REQUIRE(b.commit_all(item(alice, "n", "2", std::string(200, 'd'))).has_value());
    REQUIRE(b.commit_all(item(alice, "n", "1", std::string(400, 'e'))).has_value());
    core::PutItem alone = item(alice, "n", "3", std::string(600, 'f'));
    alone.keep = 1;
    REQUIRE(b.commit_all(alone).has_value());
    CHECK(ids(b.items(alice, "n")) == Ids{"3"});
    CHECK(b.commit_all(item(alice, "m", "2", "x")).error().code == Errc::too_big);
    REQUIRE(b.commit_all(core::DropItem{alice, "n", "3"}).has_value());
    REQUIRE(b.commit_all(item(alice, "m", "2", std::string(600, 'g'))).has_value());
    REQUIRE(b.commit_all(core::DropNode{alice, "m"}).has_value());
    REQUIRE(b.commit_all(item(alice, "n", "4", std::string(1000, 'h'))).has_value());
  });
}

TEST_CASE("store: what refuses one publication undoes those beside it") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    CHECK(b.commit_all(node(alice, "n"), item(alice, "n", "1"), item(alice, "n", "2", std::string(1001, 'x')))
              .error()
              .code == Errc::too_big);
    CHECK(b.load("alice")->nodes.empty());
    CHECK(b.items(alice, "n").error().code == Errc::not_found);
  });
}

TEST_CASE("store: items come in pages, the newest first to be counted and the oldest first to be told") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    REQUIRE(b.commit_all(node(alice, "n", {}, 9)).has_value());
    for (const char* id : {"1", "2", "3", "4", "5"}) {
      core::PutItem put = item(alice, "n", id, "<12345/>");
      put.keep = 9;
      REQUIRE(b.commit_all(put).has_value());
    }
    CHECK(ids(b.items(alice, "n", {.max = 2})) == Ids{"4", "5"});
    CHECK(b.items(alice, "n", {.max = 2})->whole);
    CHECK(ids(b.items(alice, "n", {.max = 2, .before = "4"})) == Ids{"2", "3"});
    CHECK(ids(b.items(alice, "n", {.max = 2, .after = "1"})) == Ids{"2", "3"});
    CHECK(ids(b.items(alice, "n", {.after = "5"})).empty());
    CHECK(ids(b.items(alice, "n", {.before = "5", .after = "3"})) == Ids{"4"});
    CHECK(ids(b.items(alice, "n", {.before = "1", .after = "3"})).empty());
    CHECK(ids(b.items(alice, "n", {.max = 0})).empty());
    CHECK(b.items(alice, "n", {.before = "9"}).error().code == Errc::not_found);
    CHECK(b.items(alice, "n", {.after = "9"}).error().code == Errc::not_found);
    CHECK(ids(b.items(alice, "n", {.ids = {"4", "9", "2"}})) == Ids{"4", "2"});
    // By their bytes: at least one, and no more than fit.
    CHECK(ids(b.items(alice, "n", {}, 20)) == Ids{"4", "5"});
    CHECK_FALSE(b.items(alice, "n", {}, 20)->whole);
    CHECK(ids(b.items(alice, "n", {.after = "1"}, 1)) == Ids{"2"});
    CHECK(ids(b.items(alice, "n", {.ids = {"1", "2", "3"}}, 16)) == Ids{"1", "2"});
    CHECK_FALSE(b.items(alice, "n", {.ids = {"1", "2", "3"}}, 16)->whole);
    CHECK(b.items(99, "n").error().code == Errc::not_found);
  });
}

TEST_CASE("store: what an account listens to, and its avatar, are no part of its last presence") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    REQUIRE(b.commit_all(listening(alice, "Yes"), core::PutAvatar{alice, "111f"}).has_value());
    CHECK(b.load("alice")->last == core::Presence{.listening = "Yes", .avatar = "111f"});
    REQUIRE(b.commit_all(core::PutLastPresence{alice, {.status = core::Status::away}}).has_value());
    CHECK(b.load("alice")->last == core::Presence{.status = core::Status::away, .listening = "Yes", .avatar = "111f"});
    CHECK((*b.presences({{"alice", "example.org", ""}}))[0].second.listening == "Yes");
    REQUIRE(b.commit_all(listening(alice, ""), core::PutAvatar{alice, std::string(core::kNoAvatar)}).has_value());
    CHECK(b.load("alice")->last ==
          core::Presence{.status = core::Status::away, .avatar = std::string(core::kNoAvatar)});
    CHECK(b.commit_all(listening(99, "")).error().code == Errc::not_found);
    CHECK(b.commit_all(core::PutAvatar{99, ""}).error().code == Errc::not_found);
  });
}

TEST_CASE("store: a dropped account takes what it published along") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    REQUIRE(b.commit_all(node(alice, "n"), item(alice, "n", "1"), node(bob, "n"), item(bob, "n", "2")).has_value());
    REQUIRE(b.commit_all(listening(alice, "Yes")).has_value());
    REQUIRE(b.commit_all(core::DropAccount{alice}).has_value());
    CHECK(b.items(alice, "n").error().code == Errc::not_found);
    CHECK(ids(b.items(bob, "n")) == Ids{"2"});
    const Uid again = b.create("alice");
    CHECK(b.load("alice")->nodes.empty());
    CHECK(b.load("alice")->last == core::Presence{});
    CHECK(b.items(again, "n").error().code == Errc::not_found);
  });
}

TEST_CASE("store: what people published last, with what they know of who asks") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    const Uid carol = b.create("carol");
    const Address asker{"alice", "example.org", "phone"};
    core::RosterItem entry;
    entry.peer = asker.bare();
    entry.from = true;
    entry.groups = {"Friends"};
    const core::NodeConfig quiet{.payloads = false, .headline = false};
    REQUIRE(b.commit_all(node(alice, "n"), item(alice, "n", "own"), node(bob, "n"), item(bob, "n", "old"),
                         item(bob, "n", "new", "<new/>", 9), core::PutRosterItem{bob, entry, 1}, listening(bob, "Yes"))
                .has_value());
    REQUIRE(b.commit_all(node(carol, "m", quiet), item(carol, "m", "i"), node(carol, "n"),
                         core::PutBlocks{carol, {{"", "example.org", ""}}})
                .has_value());
    engine::LastQuery query{.asker = asker,
                            .people = {asker.bare(),
                                       {"nobody", "example.org", ""},
                                       {"bob", "example.org", ""},
                                       {"carol", "example.org", ""}},
                            .nodes = {"m", "n"},
                            .listening = true,
                            .bytes = 10'000};
    const auto page = b.last_said(query);
    REQUIRE(page.has_value());
    CHECK(page->people == 4);
    CHECK(page->skip == 0);
    REQUIRE(page->said.size() == 4);
    CHECK(std::get<core::Published>(page->said[0].event->body).item == "own");
    CHECK_FALSE(page->said[0].entry.has_value());
    CHECK(*page->said[1].event == *listening(bob, "Yes").event);
    const engine::LastSaid& bobs = page->said[2];
    CHECK(bobs.event->from == Address{"bob", "example.org", ""});
    CHECK(bobs.event->at.ms == 9);
    CHECK(std::get<core::Published>(bobs.event->body) ==
          core::Published{.node = "n", .item = "new", .payload = "<new/>"});
    REQUIRE(bobs.entry.has_value());
    CHECK(bobs.entry->from);
    CHECK(bobs.entry->groups == std::vector<std::string>{"Friends"});
    CHECK_FALSE(bobs.blocked);
    const engine::LastSaid& carols = page->said[3];
    CHECK(carols.blocked);
    CHECK(carols.config == quiet);
    CHECK(std::get<core::Published>(carols.event->body) ==
          core::Published{.node = "m", .item = "i", .headline = false});
    query.listening = false;
    CHECK(b.last_said(query)->said.size() == 3);
  });
}

TEST_CASE("store: what people published last comes in pages that go on where the one before ended") {
  for_each_store([](Bench& b) {
    const std::string payload(100, 'p');
    std::vector<Address> people;
    for (const char* name : {"alice", "bob", "carol"}) {
      const Uid uid = b.create(name);
      people.push_back({name, "example.org", ""});
      REQUIRE(b.commit_all(node(uid, "m"), node(uid, "n"), item(uid, "m", name, payload), item(uid, "n", name, payload),
                           listening(uid, name))
                  .has_value());
    }
    engine::LastQuery query{
        .asker = {"dave", "example.org", ""}, .people = people, .nodes = {"m", "n"}, .listening = true, .bytes = 250};
    std::size_t told = 0;
    std::size_t pages = 0;
    while (!query.people.empty()) {
      const auto page = b.last_said(query);
      REQUIRE(page.has_value());
      REQUIRE(!page->said.empty());
      told += page->said.size();
      ++pages;
      query.people.erase(query.people.begin(), query.people.begin() + static_cast<std::ptrdiff_t>(page->people));
      query.skip = page->skip;
    }
    CHECK(told == 9);
    CHECK(pages > 3);
  });
}
