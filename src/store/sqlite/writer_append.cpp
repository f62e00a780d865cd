#include <algorithm>

#include "core/event_codec.h"
#include "store/columns.h"
#include "store/sqlite/writer.h"
#include "store/sqlite/writer_statements.h"

namespace confab::store {
namespace {

std::string_view as_text(const ConvId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

}  // namespace

Result<> Writer::apply_appends(const std::vector<core::Change>& changes, Applied out) {
  std::vector<Prepared> all;
  all.reserve(changes.size());
  for (const core::Change& change : changes) {
    Result<Prepared> prepared = prepare(std::get<core::Append>(change));
    if (!prepared) return fail(std::move(prepared.error()));
    all.push_back(std::move(*prepared));
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (auto done = store(std::get<core::Append>(changes[i]), all[i], out); !done) return done;
  }
  return {};
}

Result<> Writer::apply(const core::Append& change, Applied out) {
  const Result<Prepared> prepared = prepare(change);
  if (!prepared) return fail(prepared.error());
  return store(change, *prepared, out);
}

Result<Writer::Prepared> Writer::prepare(const core::Append& append) {
  if (append.event == nullptr || append.event->id.empty()) return fail(Errc::bad_payload, "an event without an id");
  for (const core::LogTarget& log : append.logs) {
    if (auto head = head_of(log.uid); !head) return fail(std::move(head.error()));
  }
  Prepared prepared;
  prepared.event = append.event;
  if (!append.about.empty()) {
    if (auto found = find_references(append, prepared); !found) return fail(std::move(found.error()));
  }
  prepared.body = core::encode_event(*prepared.event);
  if (prepared.body.size() > core::kMaxEncodedEvent) return fail(Errc::too_big, "an event over 8 MiB");
  return prepared;
}

Result<> Writer::store(const core::Append& append, const Prepared& prepared, Applied out) {
  const core::Event& event = *prepared.event;
  const std::uint64_t n = next_n_;
  latest_at_ = std::max(latest_at_, event.at.ms);
  if (!append.key.empty()) {
    const Result<std::uint64_t> first = claim_key(append, n);
    if (!first) return fail(first.error());
    if (*first != 0) return store_repeat(*first, append, out);
  }
  const Result<std::uint64_t> conversation = conversation_number(append.conversation);
  if (!conversation) return fail(conversation.error());
  const std::string from = to_string(event.from.bare());
  const std::uint32_t kind = core::kind_number(event);
  const bool is_named =
      std::holds_alternative<core::Message>(event.body) || std::holds_alternative<core::Edit>(event.body);
  const std::uint64_t name = is_named ? hash_name(append.source, event.cid) : 0;
  const std::uint64_t alias = is_named ? hash_name(append.source, append.alias) : 0;
  sql_->put_message.bind(n, Statement::blob(confab::as_text(event.id)), *conversation, event.at.ms, kind, from,
                         Statement::blob(prepared.body), std::uint64_t{append.logs.size()}, name, alias);
  if (auto done = run(sql_->put_message); !done) return done;
  if (changes() == 0) return store_known_id(append, out);
  ++next_n_;
  engine::Appended& appended = out.committed.appended.emplace_back();
  appended = {event.id, event.at, false, {}};
  appended.positions.reserve(append.logs.size());
  for (const core::LogTarget& log : append.logs) {
    if (auto done = put_row({n, kind, *conversation}, log, prepared, out); !done) return done;
  }
  if (auto read = put_read_marker(append, event); !read) return read;
  return put_references(prepared, n);
}

Result<> Writer::put_row(const Row& row, const core::LogTarget& log, const Prepared& prepared, Applied out) {
  const Result<Head*> found = head_of(log.uid);
  if (!found) return fail(found.error());
  Head& head = **found;
  const std::int64_t at = prepared.event->at.ms;
  const bool late = at < head.top_ms;
  ++head.upos;
  head.top_ms = std::max(head.top_ms, at);
  head.bytes += prepared.body.size();
  const std::uint32_t kind = row.kind + (log.archived ? 0 : kHiddenKind);
  sql_->put_row.bind(log.uid, head.upos, kind, row.conversation, row.n, head.top_ms, head.bytes, late);
  if (auto done = run(sql_->put_row); !done) return done;
  out.committed.appended.back().positions.push_back(head.upos);
  out.rows.push_back({log.uid, log.owner, head.upos, prepared.event});
  return {};
}

Result<std::uint64_t> Writer::claim_key(const core::Append& append, std::uint64_t n) {
  const std::uint64_t hash = hash_(append.key);
  const auto key = Statement::blob(append.key);
  sql_->put_key.bind(append.source, hash, key, n, append.key_expires.ms);
  if (auto done = run(sql_->put_key); !done) return fail(std::move(done.error()));
  if (changes() == 1) return 0;
  if (append.key_fresh) {
    sql_->renew_key.bind(append.source, hash, key, n, append.key_expires.ms);
    if (auto done = run(sql_->renew_key); !done) return fail(std::move(done.error()));
    return 0;
  }
  Statement& find = sql_->find_key.bind(append.source, hash, key);
  const Statement::Step step = find.step();
  if (step == Statement::Step::failed) return fail(db_.error("duplicate key"));
  if (step == Statement::Step::row && find.signed_number(1) > append.event->at.ms) {
    const std::uint64_t first = find.number(0);
    find.reset();
    return first;
  }
  find.reset();
  sql_->renew_key.bind(append.source, hash, key, n, append.key_expires.ms);
  if (auto done = run(sql_->renew_key); !done) return fail(std::move(done.error()));
  return 0;
}

// The event itself is here already, under another key or none: the key now stands for that one.
Result<> Writer::store_known_id(const core::Append& append, Applied out) {
  Statement& find = sql_->find_by_id.bind(Statement::blob(confab::as_text(append.event->id)));
  if (find.step() != Statement::Step::row) return fail(db_.error("message"));
  const std::uint64_t first = find.number(0);
  find.reset();
  if (!append.key.empty()) {
    const std::uint64_t hash = hash_(append.key);
    sql_->renew_key.bind(append.source, hash, Statement::blob(append.key), first, append.key_expires.ms);
    if (auto done = run(sql_->renew_key); !done) return done;
  }
  return store_repeat(first, append, out);
}

Result<> Writer::store_repeat(std::uint64_t first, const core::Append& append, Applied out) {
  Statement& find = sql_->find_message.bind(first);
  if (find.step() != Statement::Step::row) return fail(db_.error("message"));
  engine::Appended repeat;
  const std::string_view id = find.bytes(0);
  std::copy_n(id.begin(), std::min(id.size(), repeat.id.bytes.size()), repeat.id.bytes.begin());
  repeat.at.ms = find.signed_number(1);
  find.reset();
  repeat.duplicate = true;
  repeat.positions.assign(append.logs.size(), 0);
  out.committed.appended.push_back(std::move(repeat));
  return {};
}

Result<std::uint64_t> Writer::find_conversation(const ConvId& id) {
  const auto known = conversations_.find(id);
  if (known != conversations_.end()) return known->second;
  Statement& find = sql_->find_conversation.bind(Statement::blob(as_text(id)));
  const Statement::Step step = find.step();
  if (step == Statement::Step::failed) return fail(db_.error("conversation"));
  const std::uint64_t number = step == Statement::Step::row ? find.number(0) : 0;
  find.reset();
  if (number != 0) conversations_.emplace(id, number);
  return number;
}

Result<std::uint64_t> Writer::conversation_number(const ConvId& id) {
  Result<std::uint64_t> known = find_conversation(id);
  if (!known || *known != 0) return known;
  sql_->put_conversation.bind(Statement::blob(as_text(id)));
  if (auto done = run(sql_->put_conversation); !done) return fail(std::move(done.error()));
  const auto number = static_cast<std::uint64_t>(sqlite3_last_insert_rowid(db_.raw()));
  conversations_.emplace(id, number);
  return number;
}

Result<Writer::Head*> Writer::head_of(Uid uid) {
  const auto known = heads_.find(uid);
  if (known != heads_.end()) return &known->second;
  Statement& read = sql_->read_head.bind(uid);
  const Statement::Step step = read.step();
  if (step == Statement::Step::failed) return fail(db_.error("head"));
  const Head head = step == Statement::Step::row ? Head{read.number(0), read.signed_number(1), read.number(2)} : Head{};
  read.reset();
  if (step == Statement::Step::done) return fail(Errc::not_found, "no such account");
  return &heads_.emplace(uid, head).first->second;
}

}  // namespace confab::store
