// The contract of every store: what is kept of free topics.
#include "store/tests/contract.h"

using namespace confab;
using namespace confab::store::testing;

namespace {

core::TopicMessagePtr topic(const std::string& name, const std::string& payload, std::uint8_t qos = 1) {
  core::TopicMessage message;
  message.topic = name;
  message.payload = payload;
  message.qos = qos;
  message.at = {1000};
  message.user = {{"k", payload}};
  return std::make_shared<const core::TopicMessage>(std::move(message));
}

core::PutTopicSession session(const std::string& client) {
  core::TopicSessionRow row{client, "alice@example.org", 100, {}, {}, std::string("m\0o", 3)};
  row.will.emplace();
  row.will->message = *topic("will", "gone");
  row.will->delay = 7;
  return {row};
}

core::PutTopicSubscription subscription(const std::string& client, const std::string& filter, std::uint32_t id,
                                        core::TopicSeq since) {
  core::PutTopicSubscription change{client, {}, since};
  change.filter.filter = filter;
  change.filter.qos = 2;
  change.filter.no_local = true;
  change.filter.retain_handling = 1;
  change.filter.id = id;
  return change;
}

core::AppendTopic row(const std::string& name, const std::string& payload, std::uint16_t key = 0) {
  return {topic(name, payload), "sensor", key};
}

core::PutTopicMark mark(core::TopicSeq upto, std::uint32_t shard = 0, std::uint32_t shards = 1) {
  return {shard, shards, upto};
}

template <class... Changes>
Result<engine::Committed> commit(Bench& b, Changes... changes) {
  return b.commit_all(core::TopicChange(std::move(changes))...);
}

std::vector<core::StoredTopicSession> sessions(Bench& b, const std::string& after = {}, std::size_t limit = 100) {
  return *wait_for<std::vector<core::StoredTopicSession>>(
      b.loop, [&](auto done) { b.store->load_topic_sessions(after, limit, b.loop, std::move(done)); });
}

core::StoredPlaces places(Bench& b) {
  return *wait_for<core::StoredPlaces>(b.loop, [&](auto done) { b.store->load_topic_places(b.loop, std::move(done)); });
}

std::vector<core::TopicRow> rows(Bench& b, core::TopicSeq after = 0, std::size_t limit = 1000,
                                 std::size_t bytes = 1U << 30) {
  return *wait_for<std::vector<core::TopicRow>>(
      b.loop, [&](auto done) { b.store->read_topics(after, limit, bytes, b.loop, std::move(done)); });
}

std::vector<core::StoredRetained> retained(Bench& b, const std::string& after = {}, std::size_t limit = 100) {
  return *wait_for<std::vector<core::StoredRetained>>(
      b.loop, [&](auto done) { b.store->load_retained(after, limit, b.loop, std::move(done)); });
}

}  // namespace

TEST_CASE("store: a topic session comes back as it was, with its subscriptions, keys and place") {
  for_each_store([](Bench& b) {
    core::PutTopicSession closed = session("b");
    closed.row.will.reset();
    closed.row.closed = WallMs{5000};
    REQUIRE(commit(b, session("a"), closed, subscription("a", "x/#", 3, 9), subscription("a", "$share/g/y", 0, 0),
                   core::PutTopicKey{"a", 65535}, core::PutTopicKey{"a", 65535}, core::PutTopicPlace{"a", false, 4}));
    b.reopen();
    const auto found = sessions(b);
    REQUIRE(found.size() == 2);
    CHECK(found[0].row == session("a").row);
    CHECK(found[0].place == core::TopicSeq{4});
    CHECK(found[0].keys == std::vector<std::uint16_t>{65535});
    REQUIRE(found[0].subscriptions.size() == 2);
    for (const auto& each : found[0].subscriptions) {
      const bool first = each.filter.filter == "x/#";
      CHECK(each.filter == subscription("a", each.filter.filter, first ? 3 : 0, 0).filter);
      CHECK(each.since == (first ? 9U : 0U));
    }
    CHECK(found[1].row == closed.row);
    CHECK(found[1].subscriptions.empty());
    CHECK_FALSE(found[1].place);
    CHECK(sessions(b, "a").size() == 1);
    CHECK(sessions(b, {}, 1).size() == 1);
  });
}

TEST_CASE("store: a subscription is replaced but for where it began; what is dropped is gone, and nobody else's") {
  for_each_store([](Bench& b) {
    REQUIRE(commit(b, session("a"), session("b"), subscription("a", "x", 1, 5), subscription("b", "x", 1, 5)));
    REQUIRE(commit(b, subscription("a", "x", 2, 50)));
    CHECK(sessions(b)[0].subscriptions.front().filter.id == 2);
    CHECK(sessions(b)[0].subscriptions.front().since == 5);
    REQUIRE(commit(b, core::DropTopicSubscription{"a", "x"}));
    CHECK(sessions(b)[0].subscriptions.empty());
    CHECK(sessions(b)[1].subscriptions.size() == 1);
    REQUIRE(commit(b, core::PutTopicKey{"b", 1}, core::PutTopicPlace{"b", false, 1}, core::DropTopicSession{"b"},
                   subscription("b", "late", 0, 0), core::PutTopicKey{"b", 2}));
    CHECK(sessions(b).size() == 1);
    REQUIRE(commit(b, session("b")));
    CHECK(sessions(b)[1].subscriptions.empty());
    CHECK(sessions(b)[1].keys.empty());
    CHECK_FALSE(sessions(b)[1].place);
  });
}

TEST_CASE("store: rows of the topic log are numbered, told of in order before the answer, and read in pages") {
  for_each_store([](Bench& b) {
    REQUIRE(commit(b, session("sensor")));
    REQUIRE(commit(b, row("a", "1"), row("b", "2", 9)));
    CHECK(b.listener.topics().size() == 2);
    REQUIRE(commit(b, row("c", std::string(5000, 'x'))));
    const auto told = b.listener.topics();
    REQUIRE(told.size() == 3);
    for (std::size_t i = 0; i + 1 < told.size(); ++i) CHECK(told[i].seq < told[i + 1].seq);
    const auto all = rows(b);
    REQUIRE(all.size() == 3);
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(all[i].seq == told[i].seq);
      CHECK(*all[i].message == *told[i].message);
      CHECK(all[i].from == "sensor");
    }
    CHECK(rows(b, all[0].seq).size() == 2);
    CHECK(rows(b, 0, 2).size() == 2);
    CHECK(rows(b, all[1].seq, 10, 1).size() == 1);
    CHECK(rows(b, 0, 10, 4000).size() == 2);
    CHECK(sessions(b).front().keys == std::vector<std::uint16_t>{9});
    REQUIRE(commit(b, core::DropTopicKey{"sensor", 9}));
    CHECK(sessions(b).front().keys.empty());
    CHECK(places(b).head == all[2].seq);
  });
}

TEST_CASE("store: a transaction that fails leaves no row, and tells of none") {
  for_each_store([](Bench& b) {
    CHECK_FALSE(b.commit_all(core::TopicChange(row("a", "1")), core::SetDisabled{4711, true}));
    CHECK(rows(b).empty());
    CHECK(b.listener.topics().empty());
    REQUIRE(commit(b, row("a", "2")));
    CHECK(rows(b).size() == 1);
    CHECK(b.listener.topics().size() == 1);
  });
}

TEST_CASE("store: rows go once everybody is done with them, and their numbers are not given again") {
  for_each_store([](Bench& b) {
    REQUIRE(commit(b, session("a"), mark(0, 0, 2), mark(0, 1, 2)));
    for (int i = 0; i < 6; ++i) REQUIRE(commit(b, row("a", std::to_string(i))));
    const core::TopicSeq first = rows(b).front().seq;
    REQUIRE(commit(b, core::PutTopicPlace{"a", false, first + 3}, core::PutTopicPlace{"$share/g/a", true, first + 2},
                   mark(first + 5, 0, 2)));
    CHECK(rows(b).size() == 6);  // the other shard is not that far
    REQUIRE(commit(b, mark(first + 4, 1, 2)));
    CHECK(rows(b).size() == 3);
    CHECK(places(b).first == first + 2);
    CHECK(places(b).mark == first + 4);
    CHECK(places(b).groups == std::vector<std::pair<std::string, core::TopicSeq>>{{"$share/g/a", first + 2}});
    REQUIRE(
        commit(b, core::PutTopicPlace{"$share/g/a", true, {}}, core::PutTopicPlace{"a", false, {}}, mark(first + 5)));
    CHECK(rows(b).empty());
    b.reopen();
    CHECK(places(b).head == first + 5);
    REQUIRE(commit(b, row("a", "new")));
    CHECK(rows(b).front().seq > first + 5);
  });
}

TEST_CASE("store: what is retained is the last, by its stamp, and comes back in pages") {
  for_each_store([](Bench& b) {
    REQUIRE(commit(b, core::PutRetained{topic("a", "1"), 1}, core::PutRetained{topic("b", "2"), 3},
                   core::PutRetained{topic("c", "3"), 4}));
    REQUIRE(commit(b, core::PutRetained{topic("b", "old"), 2}, core::PutRetained{topic("c", ""), 6},
                   core::PutRetained{topic("c", "old"), 5}));
    b.reopen();
    const auto found = retained(b);
    REQUIRE(found.size() == 2);
    CHECK(*found[0].message == *topic("a", "1"));
    CHECK(found[1].message->payload == "2");
    CHECK(found[1].stamp == 3);
    CHECK(retained(b, "a").size() == 1);
    CHECK(retained(b, {}, 1).size() == 1);
    CHECK(places(b).stamp >= 3);
    REQUIRE(commit(b, core::PutRetained{topic("c", "new"), 7}));
    CHECK(retained(b).size() == 3);
  });
}
