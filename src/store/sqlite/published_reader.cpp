#include "store/sqlite/published_reader.h"

#include <algorithm>

#include "store/columns.h"
#include "store/sqlite/rows.h"

namespace confab::store {
namespace {

constexpr std::int64_t kNoBound = std::int64_t{1} << 62;

// Whether one more payload belongs in an answer of about `bytes`.
bool has_room(std::size_t taken, std::size_t next, std::size_t bytes) {
  return taken == 0 || taken + next <= bytes;
}

core::Item item_at(const Statement& at) {
  return {at.text(0), at.text(2), {at.signed_number(1)}};
}

}  // namespace

struct PublishedReader::Statements {
  Statement begin, commit;
  Statement nodes, node, place, named, newest, oldest;
  Statement person, entry, blocked, last, listening;
};

// Whose things are being told, and what he knows of who asks.
struct PublishedReader::Person {
  Uid uid = 0;  // 0: no such account
  Address address;
  std::optional<core::RosterItem> entry;
  bool blocked = false;
};

// The items of a node between two of them.
struct PublishedReader::Span {
  std::uint64_t node = 0;
  std::int64_t after = 0;
  std::int64_t before = kNoBound;
  bool oldest_first = false;
  std::uint32_t max = 0;
};

PublishedReader::PublishedReader(const Database& db) : db_(db), sql_(std::make_unique<Statements>()) {}
PublishedReader::~PublishedReader() = default;

Result<> PublishedReader::prepare() {
  const std::pair<Statement*, const char*> all[] = {
      {&sql_->begin, "BEGIN"},
      {&sql_->commit, "COMMIT"},
      {&sql_->nodes, "SELECT name, config FROM pep_node WHERE uid = ? ORDER BY n"},
      {&sql_->node, "SELECT n, items FROM pep_node WHERE uid = ? AND name = ?"},
      {&sql_->place, "SELECT seq FROM pep_item WHERE node = ? AND id = ?"},
      {&sql_->named, "SELECT id, at_ms, payload FROM pep_item WHERE node = ? AND id = ?"},
      {&sql_->newest,
       "SELECT id, at_ms, payload FROM pep_item WHERE node = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?"},
      {&sql_->oldest,
       "SELECT id, at_ms, payload FROM pep_item WHERE node = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?"},
      {&sql_->person, "SELECT uid FROM account WHERE local = ? AND domain = ?"},
      {&sql_->entry, "SELECT flags, groups FROM roster WHERE uid = ? AND peer = ?"},
      {&sql_->blocked, "SELECT peer FROM block_list WHERE uid = ? AND peer IN (?, ?, ?)"},
      {&sql_->last,
       "SELECT id, at_ms, payload, config FROM pep_node JOIN pep_item ON node = n WHERE uid = ? AND name = ?"
       " ORDER BY seq DESC LIMIT 1"},
      {&sql_->listening, "SELECT listening FROM presence_last WHERE uid = ? AND listening IS NOT NULL"},
  };
  for (const auto& [statement, text] : all) {
    if (auto ready = statement->prepare(db_, text); !ready) return ready;
  }
  return {};
}

Result<core::Nodes> PublishedReader::load_nodes(Uid uid) {
  std::vector<core::Node> nodes;
  sql_->nodes.bind(uid);
  const Result<> done = for_rows(db_, sql_->nodes, [&](const Statement& at) -> Result<> {
    Result<core::NodeConfig> config = core::decode_config(at.bytes(1));
    if (!config) return fail(damaged("node", uid, config.error()));
    nodes.push_back({at.text(0), std::move(*config)});
    return {};
  });
  if (!done) return fail(done.error());
  return core::Nodes(nodes);
}

Result<core::ItemPage> PublishedReader::load_items(Uid uid, const std::string& node, const core::ItemQuery& query,
                                                   std::size_t bytes) {
  core::ItemPage page;
  if (!sql_->begin.bind().run()) return fail(db_.error("begin"));
  Span span;
  span.max = query.max;
  sql_->node.bind(uid, node);
  Result<> done = for_rows(db_, sql_->node, [&](const Statement& at) -> Result<> {
    span.node = at.number(0);
    page.count = at.number(1);
    return {};
  });
  if (done && span.node == 0) done = fail(Errc::not_found, "node");
  if (done && !query.ids.empty()) {
    done = read_named(span.node, query, bytes, page);
  } else if (done) {
    done = find_span(span.node, query, span);
    if (done) done = read_span(span, bytes, page);
  }
  sql_->commit.bind().run();
  if (!done) return fail(std::move(done.error()));
  return page;
}

Result<> PublishedReader::find_span(std::uint64_t node, const core::ItemQuery& query, Span& span) {
  span.oldest_first = !query.after.empty();
  const std::pair<const std::string*, std::int64_t*> bounds[] = {{&query.after, &span.after},
                                                                 {&query.before, &span.before}};
  for (const auto& [id, place] : bounds) {
    if (id->empty()) continue;
    bool found = false;
    sql_->place.bind(node, *id);
    const Result<> done = for_rows(db_, sql_->place, [&, out = place](const Statement& at) -> Result<> {
      *out = at.signed_number(0);
      found = true;
      return {};
    });
    if (!done) return done;
    if (!found) return fail(Errc::not_found, "item");
  }
  return {};
}

Result<> PublishedReader::read_named(std::uint64_t node, const core::ItemQuery& query, std::size_t bytes,
                                     core::ItemPage& page) {
  std::size_t taken = 0;
  for (const std::string& id : query.ids) {
    sql_->named.bind(node, id);
    const Result<> done = for_rows(db_, sql_->named, [&](const Statement& at) -> Result<> {
      page.whole = page.whole && has_room(taken, at.bytes(2).size(), bytes);
      if (page.whole) page.items.push_back(item_at(at));
      taken += at.bytes(2).size();
      return {};
    });
    if (!done || !page.whole) return done;
  }
  return {};
}

Result<> PublishedReader::read_span(const Span& span, std::size_t bytes, core::ItemPage& page) {
  std::size_t taken = 0;
  Statement& found = span.oldest_first ? sql_->oldest : sql_->newest;
  found.bind(span.node, span.after, span.before, std::uint64_t{span.max});
  Statement::Step step = found.step();
  for (; step == Statement::Step::row; step = found.step()) {
    page.whole = has_room(taken, found.bytes(2).size(), bytes);
    if (!page.whole) break;
    taken += found.bytes(2).size();
    page.items.push_back(item_at(found));
  }
  const bool failed = step == Statement::Step::failed;
  const Error error = failed ? db_.error("read") : Error{};
  found.reset();
  if (failed) return fail(error);
  if (!span.oldest_first) std::reverse(page.items.begin(), page.items.end());
  return {};
}

Result<engine::LastPage> PublishedReader::load_last_said(const engine::LastQuery& query) {
  engine::LastPage page;
  if (!sql_->begin.bind().run()) return fail(db_.error("begin"));
  Result<> done = read_last(query, page);
  sql_->commit.bind().run();
  if (!done) return fail(std::move(done.error()));
  return page;
}

Result<> PublishedReader::read_last(const engine::LastQuery& query, engine::LastPage& page) {
  const std::size_t things = query.nodes.size() + (query.listening ? 1 : 0);
  std::size_t taken = 0;
  page.skip = query.skip;
  for (; page.people < query.people.size(); ++page.people, page.skip = 0) {
    Result<Person> person = find_person(query.people[page.people], query.asker);
    if (!person) return fail(std::move(person.error()));
    for (; person->uid != 0 && page.skip < things; ++page.skip) {
      const bool listening = query.listening && page.skip == 0;
      engine::LastSaid said{.event = nullptr, .config = {}, .entry = person->entry, .blocked = person->blocked};
      Result<core::EventPtr> event =
          listening ? last_listening(*person)
                    : last_item(*person, query.nodes[page.skip - (query.listening ? 1 : 0)], said.config);
      if (!event) return fail(std::move(event.error()));
      if (*event == nullptr) continue;
      const auto* published = std::get_if<core::Published>(&(*event)->body);
      const std::size_t size = published == nullptr ? 256 : published->payload.size();
      if (!has_room(taken, size, query.bytes)) return {};
      taken += size;
      said.event = std::move(*event);
      page.said.push_back(std::move(said));
    }
  }
  return {};
}

Result<PublishedReader::Person> PublishedReader::find_person(const Address& address, const Address& asker) {
  Person person;
  person.address = address.bare();
  sql_->person.bind(address.local, address.domain);
  Result<> done = for_rows(db_, sql_->person, [&](const Statement& at) -> Result<> {
    person.uid = at.number(0);
    return {};
  });
  if (!done) return fail(std::move(done.error()));
  if (person.uid == 0 || asker.same_bare(address)) return person;
  const Address bare_asker = asker.bare();
  const std::string bare = to_string(bare_asker);
  sql_->entry.bind(person.uid, bare);
  done = for_rows(db_, sql_->entry, [&](const Statement& at) -> Result<> {
    core::RosterItem entry;
    entry.peer = bare_asker;
    set_roster_flags(entry, static_cast<std::uint32_t>(at.number(0)));
    Result<std::vector<std::string>> groups = decode_strings(at.bytes(1));
    if (!groups) return fail(damaged("roster", person.uid, groups.error()));
    entry.groups = std::move(*groups);
    person.entry = std::move(entry);
    return {};
  });
  if (!done) return fail(std::move(done.error()));
  const std::string full = to_string(asker);
  sql_->blocked.bind(person.uid, full, bare, asker.domain);
  done = for_rows(db_, sql_->blocked, [&](const Statement&) -> Result<> {
    person.blocked = true;
    return {};
  });
  if (!done) return fail(std::move(done.error()));
  return person;
}

// Null: there is none.
Result<core::EventPtr> PublishedReader::last_item(const Person& person, const std::string& name,
                                                  core::NodeConfig& config) {
  std::shared_ptr<core::Event> event;
  sql_->last.bind(person.uid, name);
  const Result<> done = for_rows(db_, sql_->last, [&](const Statement& at) -> Result<> {
    Result<core::NodeConfig> stored = core::decode_config(at.bytes(3));
    if (!stored) return fail(damaged("node", person.uid, stored.error()));
    config = std::move(*stored);
    event = std::make_shared<core::Event>();
    event->at.ms = at.signed_number(1);
    event->from = person.address;
    event->body = core::Published{.what = core::Published::What::item,
                                  .node = name,
                                  .item = at.text(0),
                                  .payload = config.payloads ? at.text(2) : std::string(),
                                  .headline = config.headline};
    return {};
  });
  if (!done) return fail(done.error());
  return event;
}

Result<core::EventPtr> PublishedReader::last_listening(const Person& person) {
  core::EventPtr event;
  sql_->listening.bind(person.uid);
  const Result<> done = for_rows(db_, sql_->listening, [&](const Statement& at) -> Result<> {
    Result<core::Event> stored = core::decode_event(at.bytes(0));
    if (!stored) return fail(damaged("listening", person.uid, stored.error()));
    event = std::make_shared<const core::Event>(std::move(*stored));
    return {};
  });
  if (!done) return fail(done.error());
  return event;
}

}  // namespace confab::store
