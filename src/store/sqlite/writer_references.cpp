// Events that speak of earlier ones: finding those, and what becomes of a message that is taken back.
#include "core/event_codec.h"
#include "core/references.h"
#include "store/columns.h"
#include "store/sqlite/writer.h"
#include "store/sqlite/writer_statements.h"

namespace confab::store {
namespace {

// By its server's id somebody else's message would be found too; and what was taken back says nothing new.
bool may_change(const core::Event& change, const core::EventPtr& original) {
  if (original == nullptr || !original->from.same_bare(change.from)) return false;
  return std::holds_alternative<core::Recall>(change.body) || !std::holds_alternative<core::Withdrawn>(original->body);
}

}  // namespace

// 0: no name. One author's names do not meet another's.
std::uint64_t Writer::hash_name(Uid author, std::string_view name) const {
  if (author == 0 || name.empty()) return 0;
  const std::uint64_t hash = hash_(name_key(author, name));
  return hash == 0 ? 1 : hash;
}

Result<> Writer::find_references(const core::Append& append, Prepared& prepared) {
  const Result<std::uint64_t> conversation = find_conversation(append.conversation);
  if (!conversation) return fail(conversation.error());
  std::vector<core::EventPtr> originals;
  for (const core::Reference& reference : append.about) {
    Result<Found> found = find_reference(*conversation, reference);
    if (!found) return fail(std::move(found.error()));
    if (append.must_find && !may_change(*append.event, found->event)) {
      return fail(Errc::no_message, "no such message of its author");
    }
    originals.push_back(found->event);
    if (found->n != 0) prepared.originals.push_back(found->n);
  }
  if (prepared.originals.empty()) return {};
  core::Event event = *append.event;
  core::resolve(event, originals);
  prepared.event = std::make_shared<const core::Event>(std::move(event));
  return {};
}

Result<Writer::Found> Writer::find_reference(std::uint64_t conversation, const core::Reference& reference) {
  if (conversation == 0 || reference.name.empty()) return Found{};
  for (const Uid author : {reference.author, reference.or_author}) {
    if (author == 0) continue;
    for (const bool exact : {true, false}) {
      Statement& find = exact ? sql_->find_name : sql_->find_alias;
      Result<Found> found = find_named(find, conversation, author, reference.name, exact);
      if (!found) return found;
      if (found->n != 0) return first_of_edits(std::move(*found));
    }
  }
  Result<Found> found = find_by_server_id(conversation, reference.name);
  if (!found || found->n == 0) return found;
  return first_of_edits(std::move(*found));
}

// The newest that has the name: nothing keeps an author from using one again. `exact`: the name is the event's cid, so
// that another one with the same hash is told from it.
Result<Writer::Found> Writer::find_named(Statement& find, std::uint64_t conversation, Uid author, std::string_view name,
                                         bool exact) {
  find.bind(conversation, hash_name(author, name));
  Statement::Step step = find.step();
  Found found;
  for (; step == Statement::Step::row && found.n == 0; step = found.n == 0 ? find.step() : step) {
    Result<core::Event> event = core::decode_event(find.bytes(1));
    if (event && (!exact || event->cid == name)) {
      found = {find.number(0), std::make_shared<const core::Event>(std::move(*event))};
    }
  }
  find.reset();
  if (step == Statement::Step::failed) return fail(db_.error("name"));
  return found;
}

Result<Writer::Found> Writer::find_by_server_id(std::uint64_t conversation, std::string_view name) {
  const std::optional<MsgId> id = parse_msg_id(name);
  if (!id) return Found{};
  Statement& find = sql_->find_id.bind(Statement::blob(confab::as_text(*id)), conversation);
  const Statement::Step step = find.step();
  Found found;
  if (step == Statement::Step::row) {
    Result<core::Event> event = core::decode_event(find.bytes(1));
    if (event) found = {find.number(0), std::make_shared<const core::Event>(std::move(*event))};
  }
  find.reset();
  if (step == Statement::Step::failed) return fail(db_.error("message"));
  return found;
}

// Who names a correction means the message that it corrects (XEP-0308 §4).
Result<Writer::Found> Writer::first_of_edits(Found found) {
  if (!std::holds_alternative<core::Edit>(found.event->body) || found.event->about.empty()) return found;
  Statement& find = sql_->find_by_id.bind(Statement::blob(confab::as_text(found.event->about.front())));
  const Statement::Step step = find.step();
  const std::uint64_t n = step == Statement::Step::row ? find.number(0) : 0;
  find.reset();
  if (step == Statement::Step::failed) return fail(db_.error("message"));
  if (n == 0) return found;  // gone, as old messages do: its correction stands for it
  Statement& read = sql_->read_event.bind(n);
  if (read.step() != Statement::Step::row) return fail(db_.error("message"));
  Result<core::Event> event = core::decode_event(read.bytes(0));
  read.reset();
  if (!event) return found;
  return Found{n, std::make_shared<const core::Event>(std::move(*event))};
}

Result<> Writer::put_references(const Prepared& prepared, std::uint64_t n) {
  for (const std::uint64_t original : prepared.originals) {
    sql_->put_about.bind(original, n);
    if (auto done = run(sql_->put_about); !done) return done;
    if (!std::holds_alternative<core::Recall>(prepared.event->body)) continue;
    if (auto done = withdraw(original, *prepared.event); !done) return done;
  }
  return {};
}

// Of a marker, and of a receipt that says the same.
Result<> Writer::put_read_marker(const core::Append& append, const core::Event& event) {
  const std::optional<core::ReadMarker> marker = core::read_marker_in(event);
  if (!marker || append.source == 0) return {};
  const std::string peer = to_string(marker->conversation);
  const std::string annex = std::holds_alternative<core::ReadMarker>(event.body) ? encode_annex(event.annex) : "";
  const std::string_view upto = marker->upto.empty() ? std::string_view() : confab::as_text(marker->upto);
  sql_->put_read_marker.bind(append.source, peer, Statement::blob(upto), Statement::blob(annex), event.at.ms);
  return run(sql_->put_read_marker);
}

// The message and all its corrections: none of the words stays.
Result<> Writer::withdraw(std::uint64_t n, const core::Event& recall) {
  core::Event edit;
  edit.body = core::Edit{};
  std::vector<std::uint64_t> all{n};
  Statement& find = sql_->find_edits.bind(n, std::uint32_t{core::kind_number(edit)});
  Statement::Step step = find.step();
  for (; step == Statement::Step::row; step = find.step()) all.push_back(find.number(0));
  find.reset();
  if (step == Statement::Step::failed) return fail(db_.error("corrections"));
  for (const std::uint64_t each : all) {
    if (auto done = withdraw_one(each, recall); !done) return done;
  }
  return {};
}

Result<> Writer::withdraw_one(std::uint64_t n, const core::Event& recall) {
  Statement& read = sql_->read_event.bind(n);
  if (read.step() != Statement::Step::row) return fail(db_.error("message"));
  const Result<core::Event> event = core::decode_event(read.bytes(0));
  read.reset();
  if (!event) return fail(Errc::unavailable, "damaged message " + std::to_string(n));
  const bool says =
      std::holds_alternative<core::Message>(event->body) || std::holds_alternative<core::Edit>(event->body);
  if (!says) return {};
  if (auto forgotten = search_.forget(n); !forgotten) return forgotten;
  const core::Event left = core::withdraw(*event, recall);
  const std::string body = core::encode_event(left);
  sql_->rewrite_event.bind(n, Statement::blob(body), std::uint32_t{core::kind_number(left)});
  return run(sql_->rewrite_event);
}

}  // namespace confab::store
