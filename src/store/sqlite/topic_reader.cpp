#include "store/sqlite/topic_reader.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "core/topic_codec.h"
#include "store/sqlite/rows.h"

namespace confab::store {
namespace {

Error damaged_topic(std::string_view what, const std::string& which, const Error& why) {
  std::string text = "damaged " + std::string(what) + " " + which + ": " + why.text;
  log::error("store", "damaged", {{"row", text}});
  return {Errc::unavailable, std::move(text)};
}

Result<core::TopicMessagePtr> message_at(const Statement& at, int column) {
  Result<core::TopicMessage> message = core::decode_topic_message(at.bytes(column));
  if (!message) return fail(message.error());
  return std::make_shared<const core::TopicMessage>(std::move(*message));
}

Result<core::TopicSessionRow> session_at(const Statement& at) {
  core::TopicSessionRow row;
  row.client = at.text(0);
  row.account = at.text(1);
  row.expiry = static_cast<std::uint32_t>(at.number(2));
  if (!at.bytes(3).empty()) {
    Result<core::TopicWill> will = core::decode_topic_will(at.bytes(3));
    if (!will) return fail(damaged_topic("topic session", row.client, will.error()));
    row.will = std::move(*will);
  }
  if (at.signed_number(4) >= 0) row.closed = WallMs{at.signed_number(4)};
  row.memo = at.text(5);
  return row;
}

}  // namespace

struct TopicReader::Statements {
  Statement begin, commit;
  Statement sessions, subscriptions, keys, place, retained, places, groups, log;
};

TopicReader::TopicReader(const Database& db) : db_(db), sql_(std::make_unique<Statements>()) {}
TopicReader::~TopicReader() = default;

Result<> TopicReader::prepare() {
  const std::pair<Statement*, const char*> all[] = {
      {&sql_->begin, "BEGIN"},
      {&sql_->commit, "COMMIT"},
      {&sql_->sessions,
       "SELECT client, account, expiry, will, closed_ms, memo FROM topic_session WHERE client > ? ORDER BY client"
       " LIMIT ?"},
      {&sql_->subscriptions,
       "SELECT filter, options, id, since FROM topic_subscription WHERE client = ? ORDER BY filter"},
      {&sql_->keys, "SELECT key FROM topic_key WHERE client = ? ORDER BY key"},
      {&sql_->place, "SELECT upto FROM topic_place WHERE shared = 0 AND name = ?"},
      {&sql_->retained,
       "SELECT topic, stamp, message FROM topic_retained WHERE topic > ? AND length(message) > 0 ORDER BY topic"
       " LIMIT ?"},
      {&sql_->places,
       "SELECT (SELECT ifnull(min(upto), 0) FROM topic_mark),"
       " (SELECT ifnull(min(upto), 9223372036854775807) FROM topic_place),"
       " (SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'topic_log'), 0)),"
       " (SELECT ifnull(max(stamp), 0) FROM topic_retained)"},
      {&sql_->groups, "SELECT name, upto FROM topic_place WHERE shared = 1 ORDER BY name"},
      {&sql_->log, "SELECT seq, sender, message FROM topic_log WHERE seq > ? ORDER BY seq LIMIT ?"},
  };
  for (const auto& [statement, text] : all) {
    if (auto ready = statement->prepare(db_, text); !ready) return ready;
  }
  return {};
}

Result<std::vector<core::StoredTopicSession>> TopicReader::load_sessions(const std::string& after, std::size_t limit) {
  std::vector<core::StoredTopicSession> found;
  if (!sql_->begin.bind().run()) return fail(db_.error("begin"));
  sql_->sessions.bind(after, std::uint64_t{limit});
  Result<> done = for_rows(db_, sql_->sessions, [&](const Statement& at) -> Result<> {
    Result<core::TopicSessionRow> row = session_at(at);
    if (!row) return fail(row.error());
    found.push_back({std::move(*row), {}, {}, {}});
    return {};
  });
  for (std::size_t i = 0; i < found.size() && done; ++i) done = load_rest(found[i]);
  sql_->commit.bind().run();
  if (!done) return fail(std::move(done.error()));
  return found;
}

Result<> TopicReader::load_rest(core::StoredTopicSession& session) {
  sql_->subscriptions.bind(session.row.client);
  Result<> done = for_rows(db_, sql_->subscriptions, [&](const Statement& at) -> Result<> {
    core::StoredSubscription subscription;
    subscription.filter.filter = at.text(0);
    core::decode_topic_options(static_cast<std::uint32_t>(at.number(1)), subscription.filter);
    subscription.filter.id = static_cast<std::uint32_t>(at.number(2));
    subscription.since = at.number(3);
    session.subscriptions.push_back(std::move(subscription));
    return {};
  });
  if (!done) return done;
  sql_->keys.bind(session.row.client);
  done = for_rows(db_, sql_->keys, [&](const Statement& at) -> Result<> {
    session.keys.push_back(static_cast<std::uint16_t>(at.number(0)));
    return {};
  });
  if (!done) return done;
  sql_->place.bind(session.row.client);
  return for_rows(db_, sql_->place, [&](const Statement& at) -> Result<> {
    session.place = at.number(0);
    return {};
  });
}

Result<std::vector<core::StoredRetained>> TopicReader::load_retained(const std::string& after, std::size_t limit) {
  std::vector<core::StoredRetained> found;
  sql_->retained.bind(after, std::uint64_t{limit});
  const Result<> done = for_rows(db_, sql_->retained, [&](const Statement& at) -> Result<> {
    Result<core::TopicMessagePtr> message = message_at(at, 2);
    if (!message) return fail(damaged_topic("retained message of", at.text(0), message.error()));
    found.push_back({std::move(*message), at.number(1)});
    return {};
  });
  if (!done) return fail(done.error());
  return found;
}

Result<core::StoredPlaces> TopicReader::load_places() {
  core::StoredPlaces found;
  if (!sql_->begin.bind().run()) return fail(db_.error("begin"));
  sql_->places.bind();
  Result<> done = for_rows(db_, sql_->places, [&](const Statement& at) -> Result<> {
    found.mark = at.number(0);
    found.first = std::min(found.mark, at.number(1));
    found.head = at.number(2);
    found.stamp = at.number(3);
    return {};
  });
  sql_->groups.bind();
  if (done) {
    done = for_rows(db_, sql_->groups, [&](const Statement& at) -> Result<> {
      found.groups.emplace_back(at.text(0), at.number(1));
      return {};
    });
  }
  sql_->commit.bind().run();
  if (!done) return fail(std::move(done.error()));
  return found;
}

Result<std::vector<core::TopicRow>> TopicReader::read(core::TopicSeq after, std::size_t rows, std::size_t bytes) {
  std::vector<core::TopicRow> found;
  std::size_t taken = 0;
  sql_->log.bind(after, std::uint64_t{rows});
  Statement::Step step = sql_->log.step();
  for (; step == Statement::Step::row; step = sql_->log.step()) {
    taken += sql_->log.bytes(2).size();
    if (!found.empty() && taken > bytes) break;
    Result<core::TopicMessagePtr> message = message_at(sql_->log, 2);
    if (!message) {
      const Error why = damaged_topic("row of the topic log", std::to_string(sql_->log.number(0)), message.error());
      sql_->log.reset();
      return fail(why);
    }
    found.push_back({sql_->log.number(0), std::move(*message), sql_->log.text(1)});
  }
  sql_->log.reset();
  if (step == Statement::Step::failed) return fail(db_.error("read"));
  return found;
}

}  // namespace confab::store
