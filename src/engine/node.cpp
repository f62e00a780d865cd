#include "engine/node.h"

#include <atomic>

#include "base/bytes.h"

namespace confab::engine {

std::uint64_t owner_hash(const Address& account) {
  return hash_bytes(account.local);
}

Node::Node(Options options, RandomBytes random) : options_(std::move(options)), random_(std::move(random)) {}

void Node::attach(Store& store, Passwords& passwords) {
  store_ = &store;
  passwords_ = &passwords;
}

void Node::add_shard(Loop& loop, session::Connections& connections) {
  const auto index = static_cast<std::uint32_t>(shards_.size());
  shards_.push_back(std::make_unique<AccountShard>(*this, index, loop, connections));
  topics_.push_back(std::make_unique<TopicShard>(*this, index, loop, connections));
  for (const auto& each : topics_) each->space().set_shards(index + 1);
}

std::uint32_t Node::owner_shard(const Address& account) const {
  return static_cast<std::uint32_t>(owner_hash(account) % shards_.size());
}

void Node::submit(session::ConnectionId from, const Address& account, session::RequestId request,
                  core::Command command) {
  if (core::is_topic_home(account)) return topics_[from.shard]->submit(from, request, std::move(command));
  // Before login the command itself says whose account it is about.
  Address about = account;
  if (about.empty()) {
    if (const auto* find = std::get_if<core::FindCredentials>(&command)) about = {find->name, options_.domain, {}};
    if (const auto* verify = std::get_if<core::VerifyPassword>(&command)) about = {verify->name, options_.domain, {}};
    if (const auto* reg = std::get_if<core::Register>(&command)) about = {reg->name, options_.domain, {}};
  }
  Origin origin{.connection = from, .request = request, .done = nullptr};
  if (about.empty()) {
    shards_[from.shard]->refuse_later(std::move(origin), {Errc::not_authorized, {}});
    return;
  }
  const std::uint32_t owner = owner_shard(about);
  Work work = Request{std::move(command), std::move(origin)};
  if (owner == from.shard) {
    shards_[owner]->enqueue(std::move(about), std::move(work));
    return;
  }
  AccountShard* shard = shards_[owner].get();
  shard->loop().post([shard, to = std::move(about), work = std::move(work)]() mutable {
    shard->enqueue(std::move(to), std::move(work));
  });
}

void Node::closed(session::ConnectionId connection, const Address& account) {
  if (account.empty()) return;
  if (core::is_topic_home(account)) return topics_[connection.shard]->closed(connection);
  AccountShard* shard = shards_[owner_shard(account)].get();
  // The way of everything that the connection submitted, so that it comes after that.
  shard->loop().post([shard, connection, account] { shard->enqueue(account, Gone{connection}); });
}

void Node::on_appended(std::vector<LogRow>&& rows) {
  if (shards_.size() == 1) {
    AccountShard* shard = shards_.front().get();
    shard->loop().post([shard, batch = std::move(rows)] { shard->on_rows(batch); });
    return;
  }
  std::vector<std::vector<LogRow>> batches(shards_.size());
  for (LogRow& row : rows) batches[row.owner % shards_.size()].push_back(std::move(row));
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (batches[i].empty()) continue;
    AccountShard* shard = shards_[i].get();
    shard->loop().post([shard, batch = std::move(batches[i])] { shard->on_rows(batch); });
  }
}

void Node::administer(Address account, core::Command command, Loop& loop, UniqueFunction<void(core::Reply)> done) {
  auto answer = std::make_shared<UniqueFunction<void(core::Reply)>>(
      [&loop, done = std::make_shared<UniqueFunction<void(core::Reply)>>(std::move(done))](core::Reply reply) {
        loop.post([done, reply = std::move(reply)]() mutable { (*done)(std::move(reply)); });
      });
  AccountShard* shard = shards_[owner_shard(account)].get();
  Work work = Request{std::move(command), Origin{.connection = {}, .request = 0, .done = std::move(answer)}};
  shard->loop().post([shard, to = std::move(account), work = std::move(work)]() mutable {
    shard->enqueue(std::move(to), std::move(work));
  });
}

void Node::change_policy(const Options& options) {
  for (const auto& each : shards_) {
    AccountShard* shard = each.get();
    shard->loop().post([shard, options] { shard->change_policy(options); });
  }
}

void Node::refresh(Address account, Loop& loop, Task done) {
  AccountShard* shard = shards_[owner_shard(account)].get();
  shard->loop().post([shard, account = std::move(account), &loop, done = std::move(done)]() mutable {
    auto told = [&loop, done = std::make_shared<Task>(std::move(done))] { loop.post([done] { (*done)(); }); };
    shard->enqueue(std::move(account), Refresh{std::move(told)});
  });
}

void Node::list_sessions(Loop& loop, UniqueFunction<void(std::vector<SessionLine>)> done) {
  struct Gathered {
    std::vector<std::vector<SessionLine>> lines;
    std::atomic<std::size_t> missing;
    UniqueFunction<void(std::vector<SessionLine>)> done;
  };
  auto gathered = std::make_shared<Gathered>();
  gathered->lines.resize(shards_.size());
  gathered->missing = shards_.size();
  gathered->done = std::move(done);
  for (const auto& each : shards_) {
    AccountShard* shard = each.get();
    shard->loop().post([shard, gathered, &loop] {
      shard->for_each_actor([&](const Actor& actor) {
        for (const core::SessionState& session : actor.account().sessions) {
          WallMs since;
          for (const Link& link : actor.links()) {
            if (link.id == session.id) since = link.since;
          }
          gathered->lines[shard->index()].push_back(
              {actor.address().with(session.resource), session.wire, session.available, since});
        }
      });
      if (--gathered->missing > 0) return;
      loop.post([gathered] {
        std::vector<SessionLine> all;
        for (auto& lines : gathered->lines) all.insert(all.end(), lines.begin(), lines.end());
        gathered->done(std::move(all));
      });
    });
  }
}

void Node::collect_put_off(Transaction& transaction) {
  for (const auto& shard : shards_) {
    shard->for_each_actor([&](Actor& actor) { actor.collect_put_off(transaction); });
  }
  for (const auto& shard : topics_) shard->space().collect_put_off(transaction.changes);
}

void Node::flush(Loop& loop, Task done) {
  auto missing = std::make_shared<std::atomic<std::size_t>>(2 * shards_.size());
  auto last = std::make_shared<Task>(std::move(done));
  for (const auto& each : shards_) {
    AccountShard* shard = each.get();
    shard->loop().post([shard, missing, last, &loop] {
      shard->flush_dirty([missing, last, &loop] {
        if (--*missing == 0) loop.post([last] { (*last)(); });
      });
    });
  }
  for (const auto& each : topics_) {
    TopicShard* shard = each.get();
    shard->loop().post([shard, missing, last, &loop] {
      shard->space().write([missing, last, &loop] {
        if (--*missing == 0) loop.post([last] { (*last)(); });
      });
    });
  }
}

}  // namespace confab::engine
