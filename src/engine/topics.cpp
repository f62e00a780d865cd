#include "engine/topics.h"

#include "engine/node.h"

namespace confab::engine {
namespace {

constexpr std::size_t kKeptQueue = 1024;  // commands, for the next turn

topics::Options options_of(Node& node, std::uint32_t index) {
  topics::Options options = node.options().topics;
  options.shard = index;
  unsigned char seed[8];
  node.random()(seed, sizeof seed);
  for (const unsigned char byte : seed) options.seed = options.seed << 8U | byte;
  return options;
}

}  // namespace

TopicShard::TopicShard(Node& node, std::uint32_t index, Loop& loop, session::Connections& connections)
    : node_(node), index_(index), loop_(loop), connections_(connections), space_(options_of(node, index), *this) {}

void TopicShard::submit(session::ConnectionId from, session::RequestId request, core::Command command) {
  queue_.push_back({from.number, request, std::move(command)});
  schedule();
}

void TopicShard::closed(session::ConnectionId connection) {
  queue_.push_back({connection.number, 0, std::nullopt});
  schedule();
}

void TopicShard::schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  loop_.post([this] { drain(); });
}

// What deliveries lead to is done in the same go, up to a bound that keeps the sockets served.
void TopicShard::drain() {
  for (std::size_t done = 0; !queue_.empty() && done < node_.options().turn_works; done += running_.size()) {
    running_.clear();
    running_.swap(queue_);
    for (Queued& next : running_) {
      if (next.command) {
        space_.submit(next.from, next.request, std::move(*next.command));
      } else {
        space_.closed(next.from);
      }
    }
  }
  running_.clear();
  if (running_.capacity() > kKeptQueue) running_ = {};
  scheduled_ = false;
  if (!queue_.empty()) schedule();
}

// ---- What the space needs. ----

void TopicShard::deliver(topics::Link to, const core::TopicDelivery& delivery) {
  connections_.deliver({index_, to}, delivery);
}

void TopicShard::reply(topics::Link to, topics::RequestId request, const core::Reply& reply) {
  connections_.reply({index_, to}, request, reply);
}

void TopicShard::end(topics::Link connection) {
  connections_.end({index_, connection}, session::CloseReason::replaced);
}

bool TopicShard::owns(const std::string& client) const {
  return node_.owner_shard(core::topic_home(client)) == index_;
}

void TopicShard::post(std::uint32_t shard, UniqueFunction<void(topics::Space&)> task) {
  TopicShard* to = &node_.topics(shard);
  if (starting_) return task(to->space_);
  to->loop_.post([to, task = std::move(task)]() mutable { task(to->space_); });
}

std::uint64_t TopicShard::next_stamp() {
  return node_.next_topic_stamp();
}

topics::Totals TopicShard::totals() const {
  topics::Totals sum;
  for (std::uint32_t i = 0; i < node_.shards(); ++i) {
    const topics::Counters& counters = node_.topics(i).space_.counters();
    sum.sessions += counters.sessions.get();
    sum.connected += counters.connected.get();
    sum.subscriptions += counters.subscriptions.get();
    sum.received += counters.received.get();
    sum.sent += counters.sent.get();
    sum.bytes_received += counters.bytes_received.get();
    sum.bytes_sent += counters.bytes_sent.get();
  }
  return sum;
}

void TopicShard::commit(std::vector<core::Change> changes, UniqueFunction<void(Result<>)> done) {
  node_.store().commit({std::move(changes)}, loop_, [done = std::move(done)](Result<Committed> committed) mutable {
    done(committed ? Result<>() : fail(committed.error()));
  });
}

void TopicShard::read_log(core::TopicSeq after, std::size_t rows, std::size_t bytes,
                          UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) {
  node_.store().read_topics(after, rows, bytes, loop_, std::move(done));
}

// ---- The node's part: rows for every shard, and the start. ----

void Node::on_topics(std::vector<core::TopicRow>&& rows) {
  const auto shared = std::make_shared<const std::vector<core::TopicRow>>(std::move(rows));
  for (const auto& each : topics_) {
    TopicShard* shard = each.get();
    shard->loop().post([shard, shared] { shard->space().on_rows(*shared); });
  }
}

core::TopicSeq Node::begin_topics(const core::StoredPlaces& places) {
  topic_stamp_ = places.stamp;
  for (const auto& shard : topics_) {
    shard->set_starting(true);
    shard->space().start_at(places.first);
  }
  return places.first;
}

void Node::restore_topic_session(const core::StoredTopicSession& session, const core::StoredPlaces& places) {
  topics_[owner_shard(core::topic_home(session.row.client))]->space().restore(session, places);
}

void Node::restore_retained(const core::StoredRetained& retained) {
  for (const auto& shard : topics_) shard->space().restore(retained);
}

void Node::replay_topics(const std::vector<core::TopicRow>& rows) {
  for (const auto& shard : topics_) shard->space().on_rows(rows);
}

Transaction Node::end_topics(const core::StoredPlaces& places) {
  Transaction transaction;
  for (const auto& shard : topics_) {
    shard->space().start_at(places.head);
    shard->space().collect_put_off(transaction.changes);
    shard->set_starting(false);
  }
  return transaction;
}

}  // namespace confab::engine
