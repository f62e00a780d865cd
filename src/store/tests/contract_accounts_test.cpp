// The contract of every store: accounts and what belongs to them.
#include "store/tests/contract.h"

using namespace confab;
using namespace confab::store::testing;

TEST_CASE("store: an account is created once, loaded, changed, and gone") {
  for_each_store([](Bench& b) {
    CHECK(b.load("alice").error().code == Errc::not_found);
    const Uid alice = b.create("alice");
    CHECK(alice == ((1ULL << 36) | 1));
    CHECK(b.create("bob") == alice + 1);
    CHECK(b.commit_all(new_account("alice")).error().code == Errc::conflict);

    const auto row = b.load("alice");
    REQUIRE(row.has_value());
    CHECK(row->uid == alice);
    CHECK(row->address == Address{"alice", "example.org", ""});
    CHECK(row->credentials == std::string("keys\0of alice", 13));
    CHECK(row->created.ms == 500);
    CHECK_FALSE(row->admin);
    CHECK(row->head == 0);
    CHECK(row->last == core::Presence{});

    REQUIRE(b.commit_all(core::SetCredentials{alice, "new"}, core::SetDisabled{alice, true}).has_value());
    CHECK(b.load("alice")->credentials == "new");
    CHECK(b.load("alice")->disabled);
    CHECK(b.commit_all(core::SetCredentials{99, "new"}).error().code == Errc::not_found);
    CHECK(b.commit_all(core::SetDisabled{99, true}).error().code == Errc::not_found);
  });
}

TEST_CASE("store: an invitation makes as many accounts as it says, before it expires") {
  for_each_store([](Bench& b) {
    const auto enrol = [&](const std::string& name, const std::string& hash, std::int64_t at) {
      return b.commit_all(
          core::CreateAccount{.address = {name, "example.org", ""}, .credentials = "x", .at = {at}, .invite = hash});
    };
    CHECK(enrol("alice", "h", 10).error().code == Errc::not_allowed);
    REQUIRE(b.commit_all(core::CreateInvite{.hash = "h", .at = {5}, .expires = {100}, .uses = 1}).has_value());
    CHECK(enrol("alice", "h", 100).error().code == Errc::not_allowed);
    REQUIRE(enrol("alice", "h", 99).has_value());
    CHECK(enrol("bob", "h", 99).error().code == Errc::not_allowed);
    REQUIRE(b.commit_all(core::CreateInvite{.hash = "h", .at = {5}, .expires = {100}, .uses = 2}).has_value());
    // A name that is taken uses nothing up.
    CHECK(enrol("alice", "h", 50).error().code == Errc::conflict);
    REQUIRE(enrol("bob", "h", 50).has_value());
    REQUIRE(enrol("carol", "h", 50).has_value());
    CHECK(enrol("dave", "h", 50).error().code == Errc::not_allowed);
    REQUIRE(b.commit_all(core::CreateInvite{.hash = "late", .at = {200}, .expires = {300}, .uses = 1}).has_value());
    CHECK(enrol("dave", "h", 50).error().code == Errc::not_allowed);
  });
}

TEST_CASE("store: a dropped account leaves nothing, and its number is not used again") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    core::RosterItem item;
    item.peer = {"bob", "example.org", ""};
    REQUIRE(b.commit_all(core::PutRosterItem{alice, item, 1}, core::PutBlocks{alice, {{"x", "y", ""}}},
                         core::PutDevice{alice, {"phone", 1, {5}}}, core::PutLastPresence{alice, {}},
                         append(message(1), {alice, bob}, "k"))
                .has_value());
    REQUIRE(b.commit_all(core::DropAccount{bob}).has_value());
    REQUIRE(b.commit_all(core::DropAccount{alice}).has_value());
    CHECK(b.commit_all(core::DropAccount{alice}).error().code == Errc::not_found);
    CHECK(b.load("alice").error().code == Errc::not_found);
    CHECK(b.profile(alice).error().code == Errc::not_found);
    CHECK(b.log(alice)->empty());
    CHECK(b.commit_all(append(message(2), {alice})).error().code == Errc::not_found);
    const Uid again = b.create("alice");
    CHECK(again > bob);
    CHECK(b.load("alice")->roster.empty());
    CHECK(b.load("alice")->devices.empty());
    CHECK(b.load("alice")->head == 0);
  });
}

TEST_CASE("store: an address that is retired is given again on purpose alone") {
  for_each_store([](Bench& b) {
    REQUIRE(b.commit_all(core::DropAccount{b.create("bob"), true}).has_value());
    REQUIRE(b.commit_all(core::DropAccount{b.create("alice"), false}).has_value());
    b.create("alice");
    CHECK(b.commit_all(new_account("bob")).error().code == Errc::conflict);
    CHECK(b.load("bob").error().code == Errc::not_found);
    b.reopen();
    REQUIRE(b.commit_all(core::CreateInvite{"token", {0}, {9000}, 1}).has_value());
    core::CreateAccount invited = new_account("bob");
    invited.invite = "token";
    CHECK(b.commit_all(invited).error().code == Errc::conflict);
    invited.address.local = "carol";
    CHECK(b.commit_all(invited).has_value());  // the invitation was not used up
    core::CreateAccount again = new_account("bob");
    again.reuse = true;
    REQUIRE(b.commit_all(again).has_value());
    CHECK(b.commit_all(again).error().code == Errc::conflict);
    // It is an address like any other from then on.
    REQUIRE(b.commit_all(core::DropAccount{b.load("bob")->uid, false}).has_value());
    b.create("bob");
  });
}

TEST_CASE("store: events of a dropped account stay in others' logs") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Uid bob = b.create("bob");
    REQUIRE(b.commit_all(append(message(1), {alice, bob})).has_value());
    REQUIRE(b.commit_all(core::DropAccount{alice}).has_value());
    REQUIRE(b.log(bob)->size() == 1);
    CHECK(*b.log(bob)->front().event == *message(1));
  });
}

TEST_CASE("store: roster items, tombstones and versions") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    core::RosterItem friend_item;
    friend_item.peer = {"bob", "example.org", ""};
    friend_item.name = "Bob";
    friend_item.groups = {"Friends", "Work"};
    friend_item.to = friend_item.pending_in = true;
    friend_item.request = {{"en", "hello"}};
    friend_item.version = 1;
    core::RosterItem gone;
    gone.peer = {"b-x", "example.org", ""};
    gone.listed = false;
    gone.deleted = true;
    gone.version = 2;
    core::RosterItem second = gone;
    second.peer = {"b", "example.org", ""};
    REQUIRE(b.commit_all(core::PutRosterItem{alice, friend_item, 1}, core::PutRosterItem{alice, gone, 2},
                         core::PutRosterItem{alice, second, 3})
                .has_value());
    CHECK(b.load("alice")->roster.version == 3);
    CHECK(b.load("alice")->roster.items() == std::vector{second, gone, friend_item});
    friend_item.approved = true;
    friend_item.groups.clear();
    gone.deleted = false;
    REQUIRE(b.commit_all(core::PutRosterItem{alice, friend_item, 4}, core::PutRosterItem{alice, gone, 5}).has_value());
    CHECK(b.load("alice")->roster.version == 5);
    CHECK(b.load("alice")->roster.items() == std::vector{second, friend_item});
    CHECK(b.commit_all(core::PutRosterItem{99, friend_item, 1}).error().code == Errc::not_found);
  });
}

TEST_CASE("store: block lists are replaced whole and come sorted") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    const Address one{"a-b", "x", "r"}, two{"a", "x", ""}, three{"", "spam", ""};
    REQUIRE(b.commit_all(core::PutBlocks{alice, {one, two, three, two}}).has_value());
    CHECK(b.load("alice")->blocks.peers == std::vector{three, two, one});
    REQUIRE(b.commit_all(core::PutBlocks{alice, {}}).has_value());
    CHECK(b.load("alice")->blocks.peers.empty());
    CHECK(b.commit_all(core::PutBlocks{99, {}}).error().code == Errc::not_found);
  });
}

TEST_CASE("store: devices, and delivered that never goes back") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    REQUIRE(
        b.commit_all(core::PutDevice{alice, {"phone", 7, {1}}}, core::PutDevice{alice, {"desk", 3, {2}}}).has_value());
    CHECK(b.load("alice")->devices == std::vector<core::Device>{{"desk", 3, {2}}, {"phone", 7, {1}}});
    CHECK(b.load("alice")->delivered == 7);
    REQUIRE(b.commit_all(core::PutDevice{alice, {"phone", 6, {3}}}).has_value());
    CHECK(b.load("alice")->devices[1] == core::Device{"phone", 6, {3}});
    const core::Device pad{.name = "pad",
                           .cursor = 1,
                           .last_seen = {9},
                           .archive = true,
                           .expiry = 3600,
                           .roster = 1ULL << 40U,
                           .memo = std::string("one\0two\xff", 8)};
    REQUIRE(b.commit_all(core::PutDevice{alice, pad}).has_value());
    b.reopen();
    CHECK(b.load("alice")->devices[1] == pad);
    REQUIRE(b.commit_all(core::DropDevice{alice, "pad"}).has_value());
    CHECK(b.load("alice")->delivered == 7);
    REQUIRE(b.commit_all(core::PutDelivered{alice, 9}).has_value());
    REQUIRE(b.commit_all(core::PutDelivered{alice, 2}).has_value());
    CHECK(b.load("alice")->delivered == 9);
    REQUIRE(b.commit_all(core::DropDevice{alice, "phone"}, core::DropDevice{alice, "unknown"}).has_value());
    CHECK(b.load("alice")->devices.size() == 1);
    CHECK(b.commit_all(core::PutDevice{99, {"phone", 6, {3}}}).error().code == Errc::not_found);
  });
}

TEST_CASE("store: profiles and last presence") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    b.create("bob");
    CHECK(b.profile(alice) == core::Profile{});
    const core::Profile profile{"Alice", "a@x", "1", {{core::Wire::xmpp, "vcard", std::string("<v/>\0", 5)}}};
    core::Presence last{core::Status::offline, 0, {{"", "gone fishing"}}, "radio", {77}, "111f"};
    REQUIRE(b.commit_all(core::PutProfile{alice, profile}, core::PutLastPresence{alice, last}).has_value());
    CHECK(b.profile(alice) == profile);
    CHECK(b.profile(99).error().code == Errc::not_found);
    last.listening.clear();  // not told by a presence
    last.avatar.clear();
    CHECK(b.load("alice")->last == last);
    const auto found =
        b.presences({{"alice", "example.org", "phone"}, {"nobody", "example.org", ""}, {"bob", "example.org", ""}});
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 2);
    CHECK((*found)[0] == engine::Store::LastPresence{{"alice", "example.org", ""}, last});
    CHECK((*found)[1].second == core::Presence{});
  });
}

TEST_CASE("store: accounts are listed in pages") {
  for_each_store([](Bench& b) {
    for (const char* name : {"bob", "a-b", "a", "carol"}) b.create(name);
    const auto first = b.list({}, 3);
    REQUIRE(first->size() == 3);
    CHECK((*first)[0].address.local == "a");
    CHECK((*first)[1].address.local == "a-b");
    CHECK((*first)[2].address.local == "bob");
    const auto rest = b.list((*first)[2].address, 3);
    REQUIRE(rest->size() == 1);
    CHECK((*rest)[0].address.local == "carol");
    CHECK((*rest)[0].created.ms == 500);
  });
}

TEST_CASE("store: what was committed is there after a restart") {
  for_each_store([](Bench& b) {
    const Uid alice = b.create("alice");
    REQUIRE(b.commit_all(append(message(1), {alice}, "k")).has_value());
    b.reopen();
    CHECK(b.load("alice")->head == 1);
    CHECK(*b.log(alice)->front().event == *message(1));
    CHECK(b.commit_all(append(message(2), {alice}, "k"))->appended[0].duplicate);
    CHECK(b.commit_all(append(message(3), {alice}))->appended[0].positions == std::vector<Upos>{2});
    CHECK(b.create("bob") == alice + 1);
  });
}
