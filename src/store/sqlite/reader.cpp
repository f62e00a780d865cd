#include "store/sqlite/reader.h"

#include <algorithm>

#include "store/columns.h"
#include "store/sqlite/rows.h"

namespace confab::store {
struct Reader::Statements {
  Statement begin, commit;
  Statement account, roster, blocks, devices, presence, profile, log, person, list;
};

Reader::Reader(Database db) : db_(std::move(db)), sql_(std::make_unique<Statements>()), published_(db_), topics_(db_) {}
Reader::~Reader() = default;

Result<std::unique_ptr<Reader>> Reader::make(Database db) {
  std::unique_ptr<Reader> reader(new Reader(std::move(db)));
  if (auto ready = reader->prepare(); !ready) return fail(std::move(ready.error()));
  return reader;
}

Result<> Reader::prepare() {
  const std::pair<Statement*, const char*> all[] = {
      {&sql_->begin, "BEGIN"},
      {&sql_->commit, "COMMIT"},
      {&sql_->account,
       "SELECT uid, credentials, admin, disabled, created_ms, roster_ver, delivered,"
       " max(head, ifnull((SELECT max(upos) FROM uarch WHERE uarch.uid = account.uid), 0)), archive, avatar"
       " FROM account WHERE local = ? AND domain = ?"},
      {&sql_->roster, "SELECT peer, name, flags, groups, request, ver FROM roster WHERE uid = ?"},
      {&sql_->blocks, "SELECT peer FROM block_list WHERE uid = ?"},
      {&sql_->devices,
       "SELECT name, cursor, last_seen, archive, expiry, roster, memo FROM device WHERE uid = ? ORDER BY name"},
      {&sql_->presence, "SELECT state, listening FROM presence_last WHERE uid = ?"},
      {&sql_->profile, "SELECT name, email, phone, annex FROM profile JOIN account USING(uid) WHERE account.uid = ?"},
      {&sql_->log,
       "SELECT upos, body FROM uarch LEFT JOIN msg ON msg.n = uarch.ref WHERE uid = ? AND upos > ?"
       " ORDER BY upos LIMIT ?"},
      {&sql_->person, "SELECT uid FROM account WHERE local = ? AND domain = ?"},
      {&sql_->list,
       "SELECT uid, local, domain, admin, disabled, created_ms FROM account WHERE (local, domain) > (?, ?)"
       " ORDER BY local, domain LIMIT ?"},
  };
  for (const auto& [statement, text] : all) {
    if (auto ready = statement->prepare(db_, text); !ready) return ready;
  }
  if (auto ready = search_.prepare(db_); !ready) return ready;
  if (auto ready = topics_.prepare(); !ready) return ready;
  return published_.prepare();
}

Result<core::AccountRow> Reader::load_account(const Address& bare) {
  core::AccountRow row;
  row.address = bare.bare();
  if (!sql_->begin.bind().run()) return fail(db_.error("begin"));
  Result<> done = load_row(bare, row);
  if (done) done = load_roster(row);
  if (done) done = load_lists(row);
  sql_->commit.bind().run();
  if (!done) return fail(std::move(done.error()));
  return row;
}

Result<> Reader::load_row(const Address& bare, core::AccountRow& row) {
  sql_->account.bind(bare.local, bare.domain);
  Result<> done = for_rows(db_, sql_->account, [&](const Statement& at) -> Result<> {
    row.uid = at.number(0);
    row.credentials = at.text(1);
    row.admin = at.number(2) != 0;
    row.disabled = at.number(3) != 0;
    row.created.ms = at.signed_number(4);
    row.roster.version = at.number(5);
    row.delivered = at.number(6);
    row.head = at.number(7);
    row.last.avatar = at.text(9);
    if (at.bytes(8).empty()) return {};
    Result<core::ArchivePreferences> archive = decode_preferences(at.bytes(8));
    if (!archive) return fail(damaged("archive preferences", row.uid, archive.error()));
    if (*archive != core::ArchivePreferences{}) {
      row.archive = std::make_shared<const core::ArchivePreferences>(std::move(*archive));
    }
    return {};
  });
  if (done && row.uid == 0) return fail(Errc::not_found, "no such account");
  return done;
}

Result<> Reader::load_roster(core::AccountRow& row) {
  std::vector<core::RosterItem> items;
  sql_->roster.bind(row.uid);
  Result<> done = for_rows(db_, sql_->roster, [&](const Statement& at) -> Result<> {
    core::RosterItem& item = items.emplace_back();
    item.peer = to_address(at.bytes(0));
    item.name = at.text(1);
    set_roster_flags(item, static_cast<std::uint32_t>(at.number(2)));
    Result<std::vector<std::string>> groups = decode_strings(at.bytes(3));
    if (!groups) return fail(damaged("roster", row.uid, groups.error()));
    Result<std::vector<core::Text>> request = decode_texts(at.bytes(4));
    if (!request) return fail(damaged("roster", row.uid, request.error()));
    item.groups = std::move(*groups);
    item.request = std::move(*request);
    item.version = at.number(5);
    return {};
  });
  row.roster = core::Roster(std::move(items), row.roster.version);
  return done;
}

Result<> Reader::load_lists(core::AccountRow& row) {
  sql_->blocks.bind(row.uid);
  Result<> done = for_rows(db_, sql_->blocks, [&](const Statement& at) -> Result<> {
    row.blocks.peers.push_back(to_address(at.bytes(0)));
    return {};
  });
  if (!done) return done;
  std::sort(row.blocks.peers.begin(), row.blocks.peers.end());
  sql_->devices.bind(row.uid);
  done = for_rows(db_, sql_->devices, [&](const Statement& at) -> Result<> {
    row.devices.push_back({.name = at.text(0),
                           .cursor = at.number(1),
                           .last_seen = {at.signed_number(2)},
                           .archive = at.number(3) != 0,
                           .expiry = static_cast<std::uint32_t>(at.number(4)),
                           .roster = at.number(5),
                           .memo = at.bytes(6)});
    return {};
  });
  if (!done) return done;
  Result<core::Presence> last = load_presence(row.uid);
  if (!last) return fail(std::move(last.error()));
  last->avatar = std::move(row.last.avatar);
  row.last = std::move(*last);
  Result<core::Nodes> nodes = published_.load_nodes(row.uid);
  if (!nodes) return fail(std::move(nodes.error()));
  row.nodes = std::move(*nodes);
  return {};
}

// Of an account that was never online: offline, and nothing else.
Result<core::Presence> Reader::load_presence(Uid uid) {
  core::Presence presence;
  sql_->presence.bind(uid);
  const Result<> done = for_rows(db_, sql_->presence, [&](const Statement& at) -> Result<> {
    Result<core::Presence> stored = decode_presence(at.bytes(0));
    if (!stored) return fail(damaged("presence", uid, stored.error()));
    presence = std::move(*stored);
    if (at.bytes(1).empty()) return {};
    const Result<core::Event> said = core::decode_event(at.bytes(1));
    const auto* listening = said ? std::get_if<core::Listening>(&said->body) : nullptr;
    if (listening == nullptr)
      return fail(damaged("listening", uid, said ? Error{Errc::bad_payload, {}} : said.error()));
    presence.listening = listening->text;
    return {};
  });
  if (!done) return fail(done.error());
  return presence;
}

Result<core::Profile> Reader::load_profile(Uid uid) {
  core::Profile profile;
  bool found = false;
  sql_->profile.bind(uid);
  const Result<> done = for_rows(db_, sql_->profile, [&](const Statement& at) -> Result<> {
    found = true;
    Result<core::Annex> annex = decode_annex(at.bytes(3));
    if (!annex) return fail(damaged("profile", uid, annex.error()));
    profile = {at.text(0), at.text(1), at.text(2), std::move(*annex)};
    return {};
  });
  if (!done) return fail(done.error());
  if (!found) return fail(Errc::not_found, "no such account");
  return profile;
}

Result<std::vector<engine::LogRow>> Reader::read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes) {
  std::vector<engine::LogRow> found;
  std::size_t taken = 0;
  sql_->log.bind(uid, after, std::uint64_t{rows});
  Statement::Step step = sql_->log.step();
  for (; step == Statement::Step::row; step = sql_->log.step()) {
    const Upos upos = sql_->log.number(0);
    const std::string_view body = sql_->log.bytes(1);
    if (!found.empty() && taken + body.size() > bytes) break;
    taken += body.size();
    Result<core::Event> event = core::decode_event(body);
    if (!event) {
      sql_->log.reset();
      return fail(damaged("log at upos " + std::to_string(upos), uid, event.error()));
    }
    found.push_back({uid, 0, upos, std::make_shared<const core::Event>(std::move(*event))});
  }
  if (step == Statement::Step::failed) {
    sql_->log.reset();
    return fail(db_.error("read"));
  }
  sql_->log.reset();
  return found;
}

Result<core::FoundEvents> Reader::search_log(Uid uid, const core::SearchQuery& query) {
  if (!sql_->begin.bind().run()) return fail(db_.error("begin"));
  Result<core::FoundEvents> found = search_.search_log(uid, query);
  sql_->commit.bind().run();
  return found;
}

Result<std::vector<engine::Store::LastPresence>> Reader::load_last_presence(const std::vector<Address>& people) {
  std::vector<engine::Store::LastPresence> found;
  if (!sql_->begin.bind().run()) return fail(db_.error("begin"));
  Result<> done;
  for (const Address& person : people) {
    Uid uid = 0;
    sql_->person.bind(person.local, person.domain);
    done = for_rows(db_, sql_->person, [&](const Statement& at) -> Result<> {
      uid = at.number(0);
      return {};
    });
    if (!done) break;
    if (uid == 0) continue;
    Result<core::Presence> last = load_presence(uid);
    if (!last) done = fail(std::move(last.error()));
    if (!done) break;
    found.emplace_back(person.bare(), std::move(*last));
  }
  sql_->commit.bind().run();
  if (!done) return fail(std::move(done.error()));
  return found;
}

Result<std::vector<engine::Store::AccountLine>> Reader::list_accounts(const Address& after, std::size_t limit) {
  std::vector<engine::Store::AccountLine> lines;
  sql_->list.bind(after.local, after.domain, std::uint64_t{limit});
  const Result<> done = for_rows(db_, sql_->list, [&](const Statement& at) -> Result<> {
    lines.push_back(
        {at.number(0), {at.text(1), at.text(2), {}}, at.number(3) != 0, at.number(4) != 0, {at.signed_number(5)}});
    return {};
  });
  if (!done) return fail(done.error());
  return lines;
}

}  // namespace confab::store
