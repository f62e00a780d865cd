// Topic spaces of some shards between fakes: connections that remember, a store in memory, virtual time.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "store/memory/memory_topics.h"
#include "testing/manual_loop.h"
#include "topics/space.h"

namespace confab::testing {

using topics::Link;
using topics::RequestId;
using topics::Space;

// One client's connection.
struct TopicClient {
  std::string name;
  Link link = 0;
  std::uint32_t shard = 0;
};

// All shards run on one loop. Lives on: one thread.
class SpaceWorld {
 public:
  explicit SpaceWorld(topics::Options options = {}, std::uint32_t shards = 1)
      : options_(std::move(options)), shards_(shards) {
    build();
    restore();
  }

  struct Told {
    std::vector<core::TopicDelivery> deliveries;
    std::map<RequestId, core::Reply> replies;
    bool ended = false;
  };
  // What a connection was told: a delivery, an answer, or that another one takes its session over.
  struct TakenOver {};
  struct Heard {
    Link to = 0;
    std::variant<TakenOver, core::TopicDelivery, std::pair<RequestId, core::Reply>> what;
  };
  store::MemoryTopics store;
  std::map<Link, Told> told;
  bool listening = false;  // to all that is told, in its order: by `heard`, then, and not by `told`
  std::deque<Heard> heard;
  std::optional<Errc> failing;                 // commits fail so
  bool held = false;                           // commits wait for release()
  std::deque<UniqueFunction<void()>> commits;  // that wait
  std::size_t pages = 0;                       // read of the log
  std::vector<core::TopicChange> changes;      // of all commits that were tried

  ManualLoop& loop() { return *loop_; }
  Space& space(std::uint32_t shard = 0) { return *spaces_[shard]; }
  std::uint32_t shard_of(const std::string& client) const {
    return static_cast<std::uint32_t>(hash_bytes(client) % shards_);
  }
  void run() { loop_->run(); }
  void pass(milliseconds span) { loop_->advance(span); }
  void release() {
    held = false;
    for (; !commits.empty(); commits.pop_front()) commits.front()();
    run();
  }
  // The server dies with everything that was not written, and starts again.
  void crash() {
    commits.clear();
    told.clear();
    const milliseconds age(loop_->now().mono.ms);
    build();
    loop_->advance(age);
    restore();
  }
  // It ends as it should, and starts again.
  void restart() {
    std::vector<core::Change> last;
    for (auto& space : spaces_) space->collect_put_off(last);
    for (const core::Change& change : last) store.apply(std::get<core::TopicChange>(change));
    crash();
  }

  // ---- What clients do. ----

  TopicClient connect(const std::string& name) { return {name, ++last_link_, shard_of(name)}; }
  RequestId ask(const TopicClient& client, core::Command command) {
    space(client.shard).submit(client.link, ++last_request_, std::move(command));
    run();
    return last_request_;
  }
  void tell(const TopicClient& client, core::Command command) {
    space(client.shard).submit(client.link, 0, std::move(command));
    run();
  }
  const core::Reply* reply(const TopicClient& client, RequestId request) {
    const auto at = told[client.link].replies.find(request);
    return at == told[client.link].replies.end() ? nullptr : &at->second;
  }
  template <class T>
  T done(const TopicClient& client, core::Command command) {
    const core::Reply* got = reply(client, ask(client, std::move(command)));
    REQUIRE(got != nullptr);
    REQUIRE(std::holds_alternative<T>(*got));
    return std::get<T>(*got);
  }
  Errc refused(const TopicClient& client, core::Command command) {
    return done<core::Refused>(client, std::move(command)).code;
  }

  // A session with room for what comes.
  TopicClient open(core::OpenTopicSession command, std::size_t room = 1000) {
    const TopicClient client = connect(command.client);
    opened = done<core::TopicSessionOpened>(client, std::move(command));
    if (room > 0) tell(client, core::WantTopics{room});
    return client;
  }
  TopicClient open(const std::string& name, std::size_t room = 1000) { return open(session(name), room); }
  TopicClient open_durable(const std::string& name, std::size_t room = 1000) {
    core::OpenTopicSession command = session(name);
    command.clean = false;
    command.expiry = core::kNeverExpires;
    return open(std::move(command), room);
  }
  core::TopicSessionOpened opened;  // what the last open() was told

  void close(const TopicClient& client, core::CloseTopicSession command = {}) {
    tell(client, std::move(command));
    hang_up(client);
  }
  void hang_up(const TopicClient& client) {
    space(client.shard).closed(client.link);
    run();
  }
  std::vector<Result<std::uint8_t>> subscribe(const TopicClient& client,
                                              const std::vector<core::TopicFilter>& filters) {
    return done<core::TopicsSubscribed>(client, core::SubscribeTopics{filters}).granted;
  }
  void subscribe(const TopicClient& client, const std::string& filter, std::uint8_t qos = 0) {
    core::TopicFilter one;
    one.filter = filter;
    one.qos = qos;
    REQUIRE(subscribe(client, {one}).front() == qos);
  }
  void publish(const TopicClient& client, const std::string& topic, const std::string& payload, std::uint8_t qos = 0,
               bool retain = false) {
    done<core::TopicPublished>(client, message(topic, payload, qos, retain));
  }
  // The payloads that it was handed since it was last asked.
  std::vector<std::string> payloads(const TopicClient& client) {
    std::vector<std::string> all;
    for (const core::TopicDelivery& delivery : take(client)) all.push_back(delivery.message->payload);
    return all;
  }
  std::vector<core::TopicDelivery> take(const TopicClient& client) {
    return std::exchange(told[client.link].deliveries, {});
  }
  void acknowledge(const TopicClient& client, const core::TopicDelivery& delivery) {
    tell(client, core::AcknowledgeTopic{delivery.seq});
  }

  static core::OpenTopicSession session(const std::string& name) {
    core::OpenTopicSession command;
    command.client = name;
    return command;
  }
  static core::PublishTopic message(const std::string& topic, const std::string& payload, std::uint8_t qos = 0,
                                    bool retain = false) {
    core::PublishTopic command;
    command.message.topic = topic;
    command.message.payload = payload;
    command.message.qos = qos;
    command.message.retain = retain;
    return command;
  }

 private:
  class Ground;

  void build();
  void restore();

  topics::Options options_;
  std::uint32_t shards_;
  std::unique_ptr<ManualLoop> loop_;
  std::vector<std::unique_ptr<Ground>> grounds_;
  std::vector<std::unique_ptr<Space>> spaces_;
  std::vector<std::unique_ptr<ManualLoop>> old_loops_;
  std::uint64_t stamp_ = 0;
  bool starting_ = false;
  Link last_link_ = 0;
  RequestId last_request_ = 0;
};

// What one shard's space sees of the world.
class SpaceWorld::Ground final : public topics::Ground {
 public:
  Ground(SpaceWorld& world, std::uint32_t shard) : world_(world), shard_(shard) {}

  void deliver(Link to, const core::TopicDelivery& delivery) override {
    if (world_.listening) return world_.heard.push_back({to, delivery});
    world_.told[to].deliveries.push_back(delivery);
  }
  void reply(Link to, RequestId request, const core::Reply& reply) override {
    if (world_.listening) return world_.heard.push_back({to, std::pair(request, reply)});
    const bool fresh = world_.told[to].replies.emplace(request, reply).second;
    CHECK(fresh);
  }
  void end(Link connection) override {
    if (world_.listening) return world_.heard.push_back({connection, TakenOver{}});
    world_.told[connection].ended = true;
  }
  bool owns(const std::string& client) const override { return world_.shard_of(client) == shard_; }
  void post(std::uint32_t shard, UniqueFunction<void(Space&)> task) override {
    Space* space = world_.spaces_[shard].get();
    if (world_.starting_) return task(*space);
    world_.loop_->post([space, task = std::move(task)]() mutable { task(*space); });
  }
  void after(milliseconds delay, Task task) override { world_.loop_->after(delay, std::move(task)); }
  Now now() const override { return world_.loop_->now(); }
  std::uint64_t next_stamp() override { return ++world_.stamp_; }
  topics::Totals totals() const override {
    topics::Totals sum;
    for (const auto& space : world_.spaces_) {
      sum.sessions += space->counters().sessions.get();
      sum.connected += space->counters().connected.get();
      sum.subscriptions += space->counters().subscriptions.get();
    }
    return sum;
  }
  void commit(std::vector<core::Change> wanted, UniqueFunction<void(Result<>)> done) override {
    auto work = [this, wanted = std::move(wanted), done = std::move(done)]() mutable {
      for (const core::Change& change : wanted) world_.changes.push_back(std::get<core::TopicChange>(change));
      if (world_.failing) {
        return world_.loop_->post([done = std::move(done), code = *world_.failing]() mutable { done(fail(code)); });
      }
      for (const core::Change& change : wanted) world_.store.apply(std::get<core::TopicChange>(change));
      auto rows = std::make_shared<const std::vector<core::TopicRow>>(world_.store.take_rows());
      for (auto& space : world_.spaces_) {
        if (!rows->empty()) world_.loop_->post([rows, to = space.get()] { to->on_rows(*rows); });
      }
      world_.loop_->post([done = std::move(done)]() mutable { done({}); });
    };
    if (world_.held) {
      world_.commits.emplace_back(std::move(work));
    } else {
      work();
    }
  }
  void read_log(core::TopicSeq after, std::size_t rows, std::size_t bytes,
                UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) override {
    ++world_.pages;
    world_.loop_->post(
        [done = std::move(done), page = world_.store.read(after, rows, bytes)]() mutable { done(std::move(page)); });
  }

 private:
  SpaceWorld& world_;
  std::uint32_t shard_;
};

inline void SpaceWorld::build() {
  if (loop_) old_loops_.push_back(std::move(loop_));  // what still waits there is never run
  loop_ = std::make_unique<ManualLoop>();
  spaces_.clear();
  grounds_.clear();
  for (std::uint32_t shard = 0; shard < shards_; ++shard) {
    grounds_.push_back(std::make_unique<Ground>(*this, shard));
    topics::Options options = options_;
    options.shard = shard;
    options.shards = shards_;
    spaces_.push_back(std::make_unique<Space>(options, *grounds_.back()));
  }
}

inline void SpaceWorld::restore() {
  starting_ = true;
  const core::StoredPlaces places = store.load_places();
  stamp_ = places.stamp;
  for (auto& space : spaces_) space->start_at(places.first);
  for (const auto& session : store.load_sessions({}, 1'000'000)) {
    spaces_[shard_of(session.row.client)]->restore(session, places);
  }
  for (const auto& retained : store.load_retained({}, 1'000'000)) {
    for (auto& space : spaces_) space->restore(retained);
  }
  const auto rows = store.read(places.first, 1'000'000, 1U << 30);
  for (auto& space : spaces_) space->on_rows(rows);
  std::vector<core::Change> last;
  for (auto& space : spaces_) {
    space->start_at(places.head);
    space->collect_put_off(last);
  }
  for (const core::Change& change : last) store.apply(std::get<core::TopicChange>(change));
  starting_ = false;
}

using Payloads = std::vector<std::string>;

}  // namespace confab::testing
