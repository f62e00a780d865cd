// The contract of every store: a log asked as an archive, and events that speak of earlier ones.
#include <random>

#include "core/references.h"
#include "store/tests/contract.h"

using namespace confab;
using namespace confab::store::testing;

namespace {

using core::ArchiveQuery;

const Address kAlice{"alice", "example.org", ""};
const Address kBob{"bob", "example.org", ""};
const Address kCarol{"carol", "example.org", ""};

// One person's words to another, with a cid of their own.
core::EventPtr said(std::uint64_t n, const Address& from, const Address& to, core::Body body, std::int64_t at = 1000) {
  core::Event event;
  event.id = message_id(n);
  event.at = {at};
  event.from = from.with("phone");
  event.to = to;
  event.cid = "c" + std::to_string(n);
  event.body = std::move(body);
  return std::make_shared<const core::Event>(std::move(event));
}
core::Message text(const std::string& words) {
  core::Message body;
  body.bodies.push_back({"", words});
  return body;
}

struct People {
  explicit People(Bench& b) : bench(b), alice(b.create("alice")), bob(b.create("bob")), carol(b.create("carol")) {}

  Bench& bench;
  Uid alice, bob, carol;

  Uid uid(const Address& of) const { return of.same_bare(kAlice) ? alice : of.same_bare(kBob) ? bob : carol; }
  static ConvId talk(const Address& a, const Address& b) {
    return conversation(static_cast<unsigned char>(a.local[0] + b.local[0]));
  }
  // As core::receive_for_log makes it.
  core::Append change(core::EventPtr event) const {
    core::Append append;
    append.conversation = talk(event->from, event->to);
    append.logs = {{uid(event->to), 1}, {uid(event->from), 2}};
    append.source = uid(event->from);
    append.must_find =
        std::holds_alternative<core::Edit>(event->body) || std::holds_alternative<core::Recall>(event->body);
    const bool receipt = std::holds_alternative<core::Receipt>(event->body);
    for (const std::string& name : core::names_in(event->body)) {
      append.about.push_back(
          {name, receipt ? uid(event->to) : append.source, append.must_find || receipt ? 0 : uid(event->to)});
    }
    append.event = std::move(event);
    return append;
  }
  Result<engine::Committed> say(core::EventPtr event) { return bench.commit_all(change(std::move(event))); }
};

std::vector<std::uint64_t> numbers(const Result<core::ArchivePage>& page) {
  REQUIRE_MESSAGE(page.has_value(), page.error().text);
  std::vector<std::uint64_t> found;
  for (const core::ArchivedEvent& each : page->events) {
    std::uint64_t n = 0;
    for (std::size_t i = 8; i < 16; ++i) n = n << 8 | each.event->id.bytes[i];
    found.push_back(n);
  }
  return found;
}
using Numbers = std::vector<std::uint64_t>;

ArchiveQuery with(const Address& mine, const Address& peer) {
  ArchiveQuery query;
  query.with = peer;
  query.conversation = People::talk(mine, peer);
  return query;
}

}  // namespace

TEST_CASE("archive: pages from either end, by place and by conversation") {
  for_each_store([](Bench& b) {
    People p(b);
    for (std::uint64_t n = 1; n <= 9; ++n) {
      REQUIRE(p.say(said(n, kAlice, n % 3 == 0 ? kCarol : kBob, text("hi"), static_cast<std::int64_t>(n * 10))));
    }
    ArchiveQuery query;
    query.limit = 4;
    auto page = b.archive(p.alice, query);
    CHECK(numbers(page) == Numbers{1, 2, 3, 4});
    CHECK_FALSE(page->complete);
    CHECK(page->events[3].seq == 4);
    query.after = message_id(4);
    CHECK(numbers(b.archive(p.alice, query)) == Numbers{5, 6, 7, 8});
    query.after = message_id(5);
    page = b.archive(p.alice, query);
    CHECK(numbers(page) == Numbers{6, 7, 8, 9});
    CHECK(page->complete);
    query.after = {};
    query.backward = true;
    CHECK(numbers(b.archive(p.alice, query)) == Numbers{6, 7, 8, 9});
    query.before = message_id(6);
    CHECK(numbers(b.archive(p.alice, query)) == Numbers{2, 3, 4, 5});
    query.before = message_id(5);
    CHECK(b.archive(p.alice, query)->complete);
    CHECK(numbers(b.archive(p.alice, with(kAlice, kCarol))) == Numbers{3, 6, 9});
    CHECK(numbers(b.archive(p.carol, {})) == Numbers{3, 6, 9});
    CHECK(numbers(b.archive(p.alice, with(kAlice, kAlice))) == Numbers{});
    ArchiveQuery exact = with(kAlice, kBob.with("desk"));
    CHECK(numbers(b.archive(p.alice, exact)) == Numbers{});
    exact.with = kAlice.with("phone");
    CHECK(numbers(b.archive(p.alice, exact)) == Numbers{1, 2, 4, 5, 7, 8});
  });
}

TEST_CASE("archive: ids of others' rows, of nobody's, and of an empty archive are not found") {
  for_each_store([](Bench& b) {
    People p(b);
    CHECK(b.archive_ends(p.alice)->first == nullptr);
    REQUIRE(p.say(said(1, kAlice, kBob, text("ours"))));
    for (MsgId ArchiveQuery::* place :
         {&ArchiveQuery::after, &ArchiveQuery::before, &ArchiveQuery::after_too, &ArchiveQuery::before_too}) {
      ArchiveQuery query;
      query.*place = message_id(1);
      CHECK(b.archive(p.bob, query).has_value());
      const auto foreign = b.archive(p.carol, query);
      REQUIRE_FALSE(foreign.has_value());
      CHECK(foreign.error().code == Errc::not_found);
      query.*place = message_id(77);
      CHECK(b.archive(p.bob, query).error().code == Errc::not_found);
    }
    ArchiveQuery ids;
    ids.ids = {message_id(1)};
    CHECK(numbers(b.archive(p.bob, ids)) == Numbers{1});
    ids.ids.push_back(message_id(2));
    CHECK(b.archive(p.bob, ids).error().code == Errc::not_found);
    CHECK(b.archive_ends(p.bob)->last->id == message_id(1));
  });
}

TEST_CASE("archive: what came late is at its place in the log and at its time in the questions") {
  for_each_store([](Bench& b) {
    People p(b);
    const std::int64_t times[] = {100, 200, 300, 150, 400, 120, 500};
    for (std::uint64_t n = 1; n <= 7; ++n) REQUIRE(p.say(said(n, kAlice, kBob, text("hi"), times[n - 1])));
    ArchiveQuery query;
    query.start = {120};
    query.end = {300};
    CHECK(numbers(b.archive(p.bob, query)) == Numbers{2, 3, 4, 6});
    query.limit = 2;
    CHECK(numbers(b.archive(p.bob, query)) == Numbers{2, 3});
    query.after = message_id(3);
    CHECK(numbers(b.archive(p.bob, query)) == Numbers{4, 6});
    query.after = {};
    query.backward = true;
    CHECK(numbers(b.archive(p.bob, query)) == Numbers{4, 6});
    query.before = message_id(4);
    CHECK(numbers(b.archive(p.bob, query)) == Numbers{2, 3});
    ArchiveQuery count;
    count.count = true;
    count.start = {120};
    count.end = {300};
    const auto counted = b.archive(p.bob, count);
    REQUIRE(counted.has_value());
    CHECK(counted->count == 4);
    CHECK(counted->events.empty());
  });
}

TEST_CASE("archive: a page ends where its bytes do, and has one event at least") {
  for_each_store([](Bench& b) {
    People p(b);
    for (std::uint64_t n = 1; n <= 3; ++n) REQUIRE(p.say(said(n, kAlice, kBob, text(std::string(1000, 'x')))));
    auto page = b.archive(p.bob, {}, 2500);
    CHECK(numbers(page) == Numbers{1, 2});
    CHECK_FALSE(page->complete);
    page = b.archive(p.bob, {}, 1);
    CHECK(numbers(page) == Numbers{1});
  });
}

TEST_CASE("archive: what is not archived is in the log and nowhere else") {
  for_each_store([](Bench& b) {
    People p(b);
    core::Append secret = p.change(said(1, kAlice, kBob, text("between us")));
    secret.logs[0].archived = false;
    REQUIRE(b.commit_all(secret));
    CHECK(b.log(p.bob)->size() == 1);
    CHECK(numbers(b.archive(p.bob, {})) == Numbers{});
    CHECK(numbers(b.archive(p.alice, {})) == Numbers{1});
    ArchiveQuery query;
    query.after = message_id(1);
    CHECK(b.archive(p.bob, query).error().code == Errc::not_found);
    const core::ArchivePreferences never{core::ArchivePreferences::Default::never, {kBob}, {kCarol.with("x")}};
    REQUIRE(b.commit_all(core::PutArchivePreferences{p.alice, never}));
    b.reopen();
    REQUIRE(b.load("alice")->archive != nullptr);
    CHECK(*b.load("alice")->archive == never);
    REQUIRE(b.commit_all(core::PutArchivePreferences{p.alice, {}}));
    CHECK(b.load("alice")->archive == nullptr);
    REQUIRE(b.commit_all(core::PutDevice{p.alice, {"phone", 1, {5}, true}}));
    CHECK(b.load("alice")->devices[0].archive);
  });
}

TEST_CASE("references: an edit finds its author's own message by cid, alias or id, and nobody else's") {
  for_each_store([](Bench& b) {
    People p(b);
    core::Append first = p.change(said(1, kAlice, kBob, text("helo")));
    first.alias = "stanza-1";
    REQUIRE(b.commit_all(first));
    REQUIRE(p.say(said(2, kBob, kAlice, text("what?"))));
    std::uint64_t n = 10;
    for (const std::string& name : {std::string("c1"), std::string("stanza-1"), to_string(message_id(1))}) {
      CAPTURE(name);
      REQUIRE(p.say(said(n, kAlice, kBob, core::Edit{name, text("hello")})));
      const auto log = b.log(p.bob, n - 8);
      REQUIRE(log->size() == 1);
      CHECK((*log)[0].event->about == std::vector<MsgId>{message_id(1)});
      ++n;
    }
    // Told by the server's id it carries the author's name on.
    CHECK(std::get<core::Edit>(b.log(p.bob)->back().event->body).about == "c1");
    // The correction of a correction corrects the message.
    REQUIRE(p.say(said(20, kAlice, kBob, core::Edit{"c10", text("hello!")})));
    CHECK(b.log(p.bob)->back().event->about == std::vector<MsgId>{message_id(1)});
    for (const std::string& name : {std::string("c2"), to_string(message_id(2)), std::string("c99"), std::string()}) {
      CAPTURE(name);
      core::Append forged = p.change(said(30, kAlice, kBob, core::Edit{name, text("mine now")}));
      if (name.empty()) forged.about.push_back({"", p.alice, 0});
      CHECK(b.commit_all(forged).error().code == Errc::no_message);
    }
    // In another conversation there is no such message.
    CHECK(p.say(said(31, kAlice, kCarol, core::Edit{"c1", text("hello")})).error().code == Errc::no_message);
    CHECK(b.log(p.bob)->size() == 6);
  });
}

TEST_CASE("references: reactions and receipts find either's or the other's message, and are kept without") {
  for_each_store([](Bench& b) {
    People p(b);
    REQUIRE(p.say(said(1, kAlice, kBob, text("one"))));
    REQUIRE(p.say(said(2, kBob, kAlice, text("two"))));
    const auto about = [&](core::EventPtr event) {
      REQUIRE(p.say(event));
      return b.log(p.bob)->back().event->about;
    };
    CHECK(about(said(3, kBob, kAlice, core::Reaction{"c1", {"x"}})) == std::vector<MsgId>{message_id(1)});
    CHECK(about(said(4, kBob, kAlice, core::Reaction{"c2", {"x"}})) == std::vector<MsgId>{message_id(2)});
    CHECK(about(said(5, kBob, kAlice, core::Receipt{core::Receipt::Kind::read, {"c1", "c9"}})) ==
          std::vector<MsgId>{message_id(1)});
    CHECK(about(said(6, kBob, kAlice, core::Reaction{"unknown", {}})).empty());
    core::Message answer = text("because");
    answer.re = "c2";
    CHECK(about(said(7, kAlice, kBob, answer)) == std::vector<MsgId>{message_id(2)});
  });
}

TEST_CASE("references: a recall leaves nothing of the message and its corrections in any log") {
  for_each_store([](Bench& b) {
    People p(b);
    REQUIRE(p.say(said(1, kAlice, kBob, text("secret"), 1000)));
    REQUIRE(p.say(said(2, kAlice, kBob, core::Edit{"c1", text("very secret")}, 1001)));
    CHECK(p.say(said(3, kBob, kAlice, core::Recall{"c1"}, 1002)).error().code == Errc::no_message);
    REQUIRE(p.say(said(4, kAlice, kBob, core::Recall{"c1"}, 1003)));
    b.reopen();
    for (const Uid uid : {p.alice, p.bob}) {
      const auto log = b.log(uid);
      REQUIRE(log->size() == 3);
      for (const std::size_t i : {0U, 1U}) {
        const core::Event& left = *(*log)[i].event;
        const auto* withdrawn = std::get_if<core::Withdrawn>(&left.body);
        REQUIRE(withdrawn != nullptr);
        CHECK(withdrawn->by == message_id(4));
        CHECK(withdrawn->name == "c4");
        CHECK(withdrawn->at.ms == 1003);
        CHECK(withdrawn->about == (i == 0 ? "" : "c1"));
        CHECK(left.id == message_id(i + 1));
        CHECK(left.at.ms == static_cast<std::int64_t>(1000 + i));
      }
      CHECK(std::get<core::Recall>((*log)[2].event->body).about == "c1");
      CHECK(numbers(b.archive(uid, {})) == Numbers{1, 2, 4});
    }
    // What was taken back cannot be said again; to take it back again changes nothing.
    CHECK(p.say(said(5, kAlice, kBob, core::Edit{"c1", text("again")}, 1004)).error().code == Errc::no_message);
    REQUIRE(p.say(said(6, kAlice, kBob, core::Recall{"c1"}, 1005)));
    CHECK(std::get<core::Withdrawn>(b.log(p.bob)->front().event->body).by == message_id(4));
  });
}

TEST_CASE("read markers: markers and read receipts move them, forward alone, on whatever device") {
  for_each_store([](Bench& b) {
    People p(b);
    REQUIRE(p.say(said(1, kAlice, kBob, text("one"), 1)));
    REQUIRE(p.say(said(2, kAlice, kBob, text("two"), 2)));
    const auto marked = [&](std::uint64_t n, const Address& peer, const MsgId& upto, core::Annex annex = {}) {
      core::Event event = *said(n, kBob, kBob, core::ReadMarker{peer, upto}, static_cast<std::int64_t>(n));
      event.annex = std::move(annex);
      core::Append append;
      append.event = std::make_shared<const core::Event>(std::move(event));
      append.conversation = People::talk(kBob, peer);
      append.logs = {{p.bob, 1}};
      append.source = p.bob;
      REQUIRE(b.commit_all(append));
    };
    CHECK(b.read_markers(p.bob)->markers.empty());
    REQUIRE(p.say(said(3, kBob, kAlice, core::Receipt{core::Receipt::Kind::delivered, {"c2"}}, 3)));
    CHECK(b.read_markers(p.bob)->markers.empty());
    REQUIRE(p.say(said(4, kBob, kAlice, core::Receipt{core::Receipt::Kind::read, {"c1"}}, 4)));
    REQUIRE(b.read_markers(p.bob)->markers.size() == 1);
    CHECK(b.read_markers(p.bob)->markers[0].marker == core::ReadMarker{kAlice, message_id(1)});
    marked(5, kAlice, message_id(2));
    marked(6, kAlice, message_id(1));
    CHECK(b.read_markers(p.bob)->markers[0].marker.upto == message_id(2));
    const core::Annex foreign{{core::Wire::xmpp, "displayed", "<x/>"}};
    marked(7, {"room", "else.example", ""}, {}, foreign);
    b.reopen();
    const auto found = b.read_markers(p.bob);
    REQUIRE(found->markers.size() == 2);
    CHECK(found->markers[0].annex == foreign);
    CHECK(found->markers[0].marker.upto.empty());
    CHECK(b.read_markers(p.bob, 1)->markers.size() == 1);
    CHECK(b.read_markers(p.alice)->markers.empty());
    REQUIRE(b.commit_all(core::DropAccount{p.bob}));
    CHECK(b.read_markers(p.bob)->markers.empty());
  });
}

TEST_CASE("archive: any question has the same answer from every store") {
  std::mt19937 random(11);
  const auto below = [&random](std::uint64_t end) { return random() % end; };
  Bench memory("memory"), sqlite("sqlite");
  People in_memory(memory), in_sqlite(sqlite);
  const Address people[] = {kAlice, kBob, kCarol};
  std::int64_t now = 10'000;
  for (std::uint64_t n = 1; n <= 300; ++n) {
    const Address& from = people[below(3)];
    const Address& to = people[below(3)];
    if (from.same_bare(to)) continue;
    now += static_cast<std::int64_t>(below(20));
    const std::int64_t at = below(10) == 0 ? now - static_cast<std::int64_t>(below(2000)) : now;
    const std::string about = "c" + std::to_string(1 + below(n));
    core::Body body = text(std::string(below(50), 'x'));
    const std::uint64_t dice = below(12);
    if (dice == 0) body = core::Edit{about, text("edited")};
    if (dice == 1) body = core::Recall{about};
    if (dice == 2) body = core::Reaction{about, {"+"}};
    if (dice == 3) body = core::Receipt{core::Receipt::Kind::read, {about}};
    core::Append change = in_memory.change(said(n, from, to, std::move(body), at));
    change.logs[0].archived = below(8) != 0;
    CHECK(memory.commit_all(change).has_value() == sqlite.commit_all(change).has_value());
  }
  const Uid uids[] = {in_memory.alice, in_memory.bob, in_memory.carol};
  for (int round = 0; round < 1500; ++round) {
    const std::size_t who = below(3);
    ArchiveQuery query;
    if (below(3) == 0) query = with(people[who], people[below(3)]);
    if (!query.with.empty() && below(4) == 0) query.with.resource = "phone";
    if (below(3) == 0) query.start = {10'000 + static_cast<std::int64_t>(below(3000))};
    if (below(3) == 0) query.end = {10'000 + static_cast<std::int64_t>(below(3000))};
    if (below(4) == 0) query.after = message_id(1 + below(300));
    if (below(4) == 0) query.before = message_id(1 + below(300));
    if (below(8) == 0) query.after_too = message_id(1 + below(300));
    if (below(8) == 0) query.ids = {message_id(1 + below(300)), message_id(1 + below(300))};
    query.backward = below(2) == 0;
    query.count = below(2) == 0;
    query.limit = 1 + below(40);
    if (below(3) == 0) query.kinds = core::message_kinds();
    const std::size_t bytes = below(3) == 0 ? 500 + below(2000) : 1U << 30;
    const auto expected = memory.archive(uids[who], query, bytes);
    const auto found = sqlite.archive(uids[who], query, bytes);
    CAPTURE(round);
    REQUIRE(expected.has_value() == found.has_value());
    if (!expected) continue;
    CHECK(numbers(expected) == numbers(found));
    CHECK(expected->complete == found->complete);
    CHECK(expected->count == found->count);
  }
}
