// The contract of every store: messages of the archive with what was said of them.
#include "core/history.h"
#include "core/references.h"
#include "store/tests/contract.h"

using namespace confab;
using namespace confab::store::testing;

namespace {

const Address kAlice{"alice", "example.org", ""};
const Address kBob{"bob", "example.org", ""};

core::Message text(const std::string& words) {
  core::Message body;
  body.bodies.push_back({"", words});
  return body;
}

struct Talk {
  explicit Talk(Bench& b) : bench(b), alice(b.create("alice")), bob(b.create("bob")) {}

  // Event `n`, of the cid "cN", as core::receive_for_log makes it.
  void say(std::uint64_t n, const Address& from, core::Body body) const {
    auto event = std::make_shared<core::Event>();
    event->id = message_id(n);
    event->at = {static_cast<std::int64_t>(n)};
    event->from = from.with("phone");
    event->to = from == kAlice ? kBob : kAlice;
    event->cid = "c" + std::to_string(n);
    event->body = std::move(body);
    core::Append append = store::testing::append(event, {from == kAlice ? bob : alice, from == kAlice ? alice : bob});
    append.source = from == kAlice ? alice : bob;
    append.must_find =
        std::holds_alternative<core::Edit>(event->body) || std::holds_alternative<core::Recall>(event->body);
    for (std::string& name : core::names_in(event->body)) append.about.push_back({std::move(name), alice, bob});
    REQUIRE(bench.commit_all(std::move(append)).has_value());
  }
  core::HistoryRows read(core::ArchiveQuery query, std::size_t bytes = 1'000'000, Uid uid = 0) const {
    query.kinds = core::message_kinds();
    auto rows = wait_for<core::HistoryRows>(bench.loop, [&](auto done) {
      bench.store->read_history(uid == 0 ? alice : uid, query, bytes, bench.loop, std::move(done));
    });
    REQUIRE_MESSAGE(rows.has_value(), rows.error().text);
    return std::move(*rows);
  }
  static std::vector<std::uint64_t> numbers(const core::HistoryRows& rows) {
    std::vector<std::uint64_t> found;
    for (const core::ArchivedEvent& each : rows.page.events) found.push_back(each.event->id.bytes[15]);
    return found;
  }

  Bench& bench;
  Uid alice, bob;
};
using Numbers = std::vector<std::uint64_t>;

core::ArchiveQuery newest(std::size_t limit) {
  core::ArchiveQuery query;
  query.limit = limit;
  query.backward = true;
  return query;
}

}  // namespace

TEST_CASE("history: messages alone, with what is needed to say how they are now") {
  for_each_store([](Bench& b) {
    const Talk talk(b);
    talk.say(1, kAlice, text("helo"));
    talk.say(2, kBob, text("hi"));
    talk.say(3, kAlice, core::Edit{"c1", text("hullo")});
    talk.say(4, kBob, core::Receipt{core::Receipt::Kind::delivered, {"c1"}});
    talk.say(5, kBob, core::Receipt{core::Receipt::Kind::read, {"c1"}});
    talk.say(6, kBob, core::Reaction{"c1", {"+"}});
    talk.say(7, kBob, core::Reaction{"c1", {"-"}});
    talk.say(8, kAlice, core::Reaction{"c1", {"x"}});
    talk.say(9, kAlice, core::Edit{"c1", text("hello")});
    for (const Uid uid : {talk.alice, talk.bob}) {
      const core::HistoryRows rows = talk.read(newest(10), 1'000'000, uid);
      CHECK(Talk::numbers(rows) == Numbers{1, 2});
      CHECK(rows.page.complete);
      const core::HistoryFound found = core::fold(rows);
      CHECK(std::get<core::Message>(found.rows[0].event->body) == text("hello"));
      CHECK(found.rows[0].edited.ms == 9);
      CHECK(found.rows[0].reactions.size() == 2);
      CHECK(found.rows[0].reactions[0].set == std::vector<std::string>{"-"});
      REQUIRE(found.rows[0].receipts.size() == 2);
      CHECK(found.rows[0].receipts[1].at.ms == 5);
      CHECK(found.rows[1].reactions.empty());
      CHECK(found.rows[1].edited.ms == 0);
    }
  });
}

TEST_CASE("history: what was taken back stays as a row, and its corrections are none") {
  for_each_store([](Bench& b) {
    const Talk talk(b);
    talk.say(1, kAlice, text("a secret"));
    talk.say(2, kAlice, core::Edit{"c1", text("a bigger one")});
    talk.say(3, kAlice, core::Recall{"c1"});
    const core::HistoryFound found = core::fold(talk.read(newest(10)));
    REQUIRE(found.rows.size() == 1);
    CHECK(std::holds_alternative<core::Withdrawn>(found.rows[0].event->body));
    CHECK(found.rows[0].edited.ms == 0);
  });
}

TEST_CASE("history: pages either way, and some by their ids") {
  for_each_store([](Bench& b) {
    const Talk talk(b);
    for (std::uint64_t n = 1; n <= 9; n += 2) {
      talk.say(n, kAlice, text("x"));
      talk.say(n + 1, kBob, core::Reaction{"c" + std::to_string(n), {"+"}});
    }
    core::ArchiveQuery query = newest(2);
    core::HistoryRows rows = talk.read(query);
    CHECK(Talk::numbers(rows) == Numbers{7, 9});
    CHECK_FALSE(rows.page.complete);
    CHECK(rows.events.size() == 2);
    query.before = message_id(7);
    CHECK(Talk::numbers(talk.read(query)) == Numbers{3, 5});
    query = {};
    query.limit = 2;
    query.after = message_id(3);
    CHECK(Talk::numbers(talk.read(query)) == Numbers{5, 7});
    query = {};
    query.limit = 10;
    query.ids = {message_id(5), message_id(77), message_id(1)};
    query.skip_missing = true;
    CHECK(Talk::numbers(talk.read(query)) == Numbers{1, 5});
    CHECK(talk.read(query).events.size() == 2);
    query.skip_missing = false;
    query.kinds = core::message_kinds();
    const auto strict = wait_for<core::HistoryRows>(
        b.loop, [&](auto done) { b.store->read_history(talk.alice, query, 1000, b.loop, std::move(done)); });
    CHECK(strict.error().code == Errc::not_found);
  });
}

TEST_CASE("history: a page is as large as it may be with everything that was said") {
  Bench b("sqlite");
  const Talk talk(b);
  for (std::uint64_t n = 1; n <= 7; n += 2) {
    talk.say(n, kAlice, text("x"));
    talk.say(n + 1, kBob, core::Reaction{"c" + std::to_string(n), {std::string(200, '+')}});
  }
  core::HistoryRows rows = talk.read(newest(10), 900);
  CHECK(Talk::numbers(rows) == Numbers{5, 7});
  CHECK(rows.events.size() == 2);
  CHECK_FALSE(rows.page.complete);
  rows = talk.read(newest(10), 1);
  CHECK(Talk::numbers(rows) == Numbers{7});
  CHECK(rows.events.size() == 1);
}
