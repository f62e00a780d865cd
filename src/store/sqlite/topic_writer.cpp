#include "store/sqlite/topic_writer.h"

#include <algorithm>
#include <utility>

#include "core/topic_codec.h"

namespace confab::store {
namespace {

constexpr std::int64_t kHadConnection = -1;
constexpr std::int64_t kRemovedKept = 60'000;  // milliseconds; core/topic_change.h
constexpr std::int64_t kRowsAtMark = 10'000;

std::int64_t expires(const core::TopicMessage& message) {
  return message.expiry ? message.at.ms + 1000 * std::int64_t{*message.expiry} : 0;
}

}  // namespace

struct TopicWriter::Statements {
  Statement put_session, drop_session, drop_subscriptions, drop_keys;
  Statement put_subscription, drop_subscription, put_key, drop_key;
  Statement append, put_retained, put_place, drop_place, put_mark, drop_marks, drop_done;
  Statement drop_expired, drop_expired_retained;
};

TopicWriter::TopicWriter(Database& db) : db_(db), sql_(std::make_unique<Statements>()) {}
TopicWriter::~TopicWriter() = default;

Result<> TopicWriter::prepare() {
  const std::pair<Statement*, const char*> all[] = {
      {&sql_->put_session,
       "INSERT OR REPLACE INTO topic_session(client, account, expiry, will, closed_ms, memo) VALUES(?, ?, ?, ?, ?, ?)"},
      {&sql_->drop_session, "DELETE FROM topic_session WHERE client = ?"},
      {&sql_->drop_subscriptions, "DELETE FROM topic_subscription WHERE client = ?"},
      {&sql_->drop_keys, "DELETE FROM topic_key WHERE client = ?"},
      {&sql_->put_subscription,
       "INSERT INTO topic_subscription(client, filter, options, id, since) SELECT ?1, ?2, ?3, ?4, ?5"
       " WHERE EXISTS(SELECT 1 FROM topic_session WHERE client = ?1)"
       " ON CONFLICT(client, filter) DO UPDATE SET options = excluded.options, id = excluded.id"},
      {&sql_->drop_subscription, "DELETE FROM topic_subscription WHERE client = ? AND filter = ?"},
      {&sql_->put_key,
       "INSERT OR IGNORE INTO topic_key(client, key) SELECT ?1, ?2"
       " WHERE EXISTS(SELECT 1 FROM topic_session WHERE client = ?1)"},
      {&sql_->drop_key, "DELETE FROM topic_key WHERE client = ? AND key = ?"},
      {&sql_->append, "INSERT INTO topic_log(seq, sender, expires_ms, message) VALUES(?, ?, ?, ?)"},
      {&sql_->put_retained,
       "INSERT INTO topic_retained(topic, stamp, expires_ms, message) VALUES(?, ?, ?, ?) ON CONFLICT(topic) DO UPDATE"
       " SET stamp = excluded.stamp, expires_ms = excluded.expires_ms, message = excluded.message"
       " WHERE excluded.stamp > stamp"},
      {&sql_->put_place, "INSERT OR REPLACE INTO topic_place(shared, name, upto) VALUES(?, ?, ?)"},
      {&sql_->drop_place, "DELETE FROM topic_place WHERE shared = ? AND name = ?"},
      {&sql_->put_mark, "INSERT OR REPLACE INTO topic_mark(shard, upto) VALUES(?, ?)"},
      {&sql_->drop_marks, "DELETE FROM topic_mark WHERE shard >= ?"},
      {&sql_->drop_done,
       "DELETE FROM topic_log WHERE seq IN (SELECT seq FROM topic_log WHERE seq <= min("
       "(SELECT ifnull(min(upto), 0) FROM topic_mark), (SELECT ifnull(min(upto), 9223372036854775807) FROM "
       "topic_place))"
       " ORDER BY seq LIMIT ?)"},
      {&sql_->drop_expired,
       "DELETE FROM topic_log WHERE seq IN (SELECT seq FROM topic_log WHERE expires_ms > 0 AND expires_ms <= ? LIMIT "
       "?)"},
      {&sql_->drop_expired_retained,
       "DELETE FROM topic_retained WHERE topic IN"
       " (SELECT topic FROM topic_retained WHERE expires_ms > 0 AND expires_ms <= ? LIMIT ?)"},
  };
  for (const auto& [statement, text] : all) {
    if (auto ready = statement->prepare(db_, text); !ready) return ready;
  }
  const auto last = db_.number("SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'topic_log'), 0)");
  if (!last) return fail(last.error());
  last_ = static_cast<core::TopicSeq>(*last);
  return {};
}

Result<> TopicWriter::run(Statement& statement) {
  if (!statement.run()) return fail(db_.error("write"));
  return {};
}

Result<> TopicWriter::apply(const core::TopicChange& change) {
  return std::visit([this](const auto& one) { return apply(one); }, change);
}

Result<> TopicWriter::apply(const core::PutTopicSession& change) {
  const core::TopicSessionRow& row = change.row;
  const std::string will = row.will ? core::encode_topic_will(*row.will) : std::string();
  const std::int64_t closed = row.closed ? row.closed->ms : kHadConnection;
  sql_->put_session.bind(row.client, row.account, row.expiry, Statement::blob(will), closed, Statement::blob(row.memo));
  return run(sql_->put_session);
}

Result<> TopicWriter::apply(const core::DropTopicSession& change) {
  for (Statement* drop : {&sql_->drop_session, &sql_->drop_subscriptions, &sql_->drop_keys}) {
    drop->bind(change.client);
    if (auto done = run(*drop); !done) return done;
  }
  return apply(core::PutTopicPlace{change.client, false, std::nullopt});
}

Result<> TopicWriter::apply(const core::PutTopicSubscription& change) {
  sql_->put_subscription.bind(change.client, change.filter.filter, core::encode_topic_options(change.filter),
                              change.filter.id, change.since);
  return run(sql_->put_subscription);
}

Result<> TopicWriter::apply(const core::DropTopicSubscription& change) {
  sql_->drop_subscription.bind(change.client, change.filter);
  return run(sql_->drop_subscription);
}

Result<> TopicWriter::apply(const core::AppendTopic& change) {
  const std::string message = core::encode_topic_message(*change.message);
  const core::TopicSeq seq = ++last_;
  sql_->append.bind(seq, change.from, expires(*change.message), Statement::blob(message));
  if (auto done = run(sql_->append); !done) return done;
  rows_.push_back({seq, change.message, change.from});
  return change.key != 0 ? apply(core::PutTopicKey{change.from, change.key}) : Result<>();
}

Result<> TopicWriter::apply(const core::PutTopicKey& change) {
  sql_->put_key.bind(change.client, std::uint32_t{change.key});
  return run(sql_->put_key);
}

Result<> TopicWriter::apply(const core::DropTopicKey& change) {
  sql_->drop_key.bind(change.client, std::uint32_t{change.key});
  return run(sql_->drop_key);
}

Result<> TopicWriter::apply(const core::PutRetained& change) {
  const core::TopicMessage& message = *change.message;
  const bool removed = message.payload.empty();
  const std::string bytes = removed ? std::string() : core::encode_topic_message(message);
  const std::int64_t until = removed ? message.at.ms + kRemovedKept : expires(message);
  sql_->put_retained.bind(message.topic, change.stamp, until, Statement::blob(bytes));
  return run(sql_->put_retained);
}

Result<> TopicWriter::apply(const core::PutTopicPlace& change) {
  Statement& statement = change.upto ? sql_->put_place : sql_->drop_place;
  if (change.upto) {
    statement.bind(change.group, change.name, *change.upto);
  } else {
    statement.bind(change.group, change.name);
  }
  return run(statement);
}

Result<> TopicWriter::apply(const core::PutTopicMark& change) {
  sql_->put_mark.bind(change.shard, change.upto);
  if (auto done = run(sql_->put_mark); !done) return done;
  sql_->drop_marks.bind(change.shards);
  if (auto done = run(sql_->drop_marks); !done) return done;
  sql_->drop_done.bind(kRowsAtMark);
  return run(sql_->drop_done);
}

Result<int> TopicWriter::expire(WallMs now, std::int64_t limit) {
  sql_->drop_done.bind(limit);
  if (auto done = run(sql_->drop_done); !done) return fail(done.error());
  int gone = changes();
  for (Statement* drop : {&sql_->drop_expired, &sql_->drop_expired_retained}) {
    drop->bind(now.ms, limit);
    if (auto done = run(*drop); !done) return fail(done.error());
    gone += changes();
  }
  return gone;
}

}  // namespace confab::store
