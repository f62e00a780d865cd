// Questions to an account's archive: a page of its log by conversation, time and place (XEP-0313).
#include <algorithm>

#include "core/event_codec.h"
#include "core/plan.h"
#include "store/columns.h"
#include "store/sqlite/reader_search.h"

namespace confab::store {
namespace {

bool is_between(const Address& with, const core::Event& event) {
  return with.resource.empty() || event.from == with || event.to == with;
}

}  // namespace

// The first position from which on the column is `least` or more; it never decreases along a log. Past the end: kEnd.
Result<Upos> Reader::first_position(Uid uid, Column column, std::int64_t least) {
  Statement ends, row;
  // One aggregate a query: two in one would look at every row.
  constexpr const char* kEnds =
      "SELECT ifnull((SELECT min(upos) FROM uarch WHERE uid = ?1), 1), ifnull((SELECT max(upos) FROM uarch WHERE uid = "
      "?1), 0)";
  constexpr const char* kRow = "SELECT upos, ref, top_ms FROM uarch WHERE uid = ? AND upos >= ? ORDER BY upos LIMIT 1";
  if (auto ready = ends.prepare(db_, kEnds); !ready) return fail(std::move(ready.error()));
  if (auto ready = row.prepare(db_, kRow); !ready) return fail(std::move(ready.error()));
  ends.bind(uid);
  if (ends.step() != Statement::Step::row) return fail(db_.error("archive"));
  Upos low = ends.number(0);
  const Upos past = ends.number(1) + 1;
  Upos high = past;
  while (low < high) {
    const Upos middle = low + (high - low) / 2;
    row.bind(uid, middle);
    if (row.step() != Statement::Step::row) return fail(db_.error("archive"));
    if (row.signed_number(column == Column::ref ? 1 : 2) >= least) {
      high = middle;
    } else {
      low = row.number(0) + 1;
    }
  }
  return low >= past ? kEnd : low;
}

// not_found: no such row in this account's archive, whoever else has one.
Result<Upos> Reader::position_of(Uid uid, const MsgId& id) {
  Statement find, row;
  constexpr const char* kRow = "SELECT upos, ref, kind FROM uarch WHERE uid = ? AND upos >= ? ORDER BY upos LIMIT 1";
  if (auto ready = find.prepare(db_, "SELECT n FROM msg WHERE msg_id = ?"); !ready)
    return fail(std::move(ready.error()));
  if (auto ready = row.prepare(db_, kRow); !ready) return fail(std::move(ready.error()));
  find.bind(Statement::blob(confab::as_text(id)));
  const Statement::Step found = find.step();
  if (found == Statement::Step::failed) return fail(db_.error("archive"));
  const std::int64_t n = found == Statement::Step::row ? find.signed_number(0) : 0;
  const Result<Upos> at = n == 0 ? kEnd : first_position(uid, Column::ref, n);
  if (!at) return at;
  row.bind(uid, *at);
  const bool here = row.step() == Statement::Step::row && row.signed_number(1) == n && row.number(2) < kHiddenKind;
  if (!here) return fail(Errc::not_found, "no such message in the archive");
  return at;
}

Result<Reader::Range> Reader::range_of(Uid uid, const core::ArchiveQuery& query) {
  Range range;
  for (const MsgId* id : {&query.after, &query.after_too}) {
    if (id->empty()) continue;
    const Result<Upos> at = position_of(uid, *id);
    if (!at) return fail(at.error());
    range.first = std::max(range.first, *at + 1);
  }
  for (const MsgId* id : {&query.before, &query.before_too}) {
    if (id->empty()) continue;
    const Result<Upos> at = position_of(uid, *id);
    if (!at) return fail(at.error());
    range.end = std::min(range.end, *at);
  }
  if (query.start.ms > 0) {
    const Result<Upos> at = first_position(uid, Column::top_ms, query.start.ms);
    if (!at) return fail(at.error());
    range.first = std::max(range.first, *at);
  }
  if (query.end.ms > 0) {
    const Result<Upos> at = first_position(uid, Column::top_ms, query.end.ms + 1);
    if (!at) return fail(at.error());
    range.split = *at;
  }
  range.split = std::min(range.split, range.end);
  return range;
}

// The rows before the split, or the late ones behind it, in the direction of the query, until the page is full.
Result<> Reader::collect(Search& search, bool late) {
  const core::ArchiveQuery& query = search.query;
  const Upos first = late ? std::max(search.range.first, search.range.split) : search.range.first;
  const Upos end = late ? search.range.end : search.range.split;
  if (search.is_full() || first >= end) return {};
  std::string sql = "SELECT u.upos, m.body, m.at_ms FROM uarch u";
  if (late) {
    sql += " INDEXED BY uarch_late";
  } else if (search.conversation != 0) {
    sql += " INDEXED BY uarch_conv";
  }
  sql += " JOIN msg m ON m.n = u.ref WHERE u.uid = ?1 AND u.upos >= ?2 AND u.upos < ?3 AND (?4 >> u.kind) & 1";
  if (late) sql += " AND u.late = 1";
  if (search.conversation != 0) sql += " AND u.conv = ?5";
  sql += query.backward ? " ORDER BY u.upos DESC" : " ORDER BY u.upos";
  Statement find;
  if (auto ready = find.prepare(db_, sql.c_str()); !ready) return ready;
  if (search.conversation != 0) {
    find.bind(search.uid, first, end, query.kinds, search.conversation);
  } else {
    find.bind(search.uid, first, end, query.kinds);
  }
  Statement::Step step = find.step();
  for (; step == Statement::Step::row; step = find.step()) {
    const std::int64_t at = find.signed_number(2);
    if (at < query.start.ms || (query.end.ms > 0 && at > query.end.ms)) continue;
    Result<core::Event> event = core::decode_event(find.bytes(1));
    if (!event) return fail(Errc::unavailable, "damaged archive at upos " + std::to_string(find.number(0)));
    if (!is_between(query.with, *event)) continue;
    const std::size_t size = find.bytes(1).size();
    if (!search.take(find.number(0), std::make_shared<const core::Event>(std::move(*event)), size)) return {};
  }
  if (step == Statement::Step::failed) return fail(db_.error("archive"));
  return {};
}

Result<> Reader::collect_ids(Search& search) {
  std::vector<Upos> places;
  for (const MsgId& id : search.query.ids) {
    const Result<Upos> at = position_of(search.uid, id);
    if (!at && at.error().code == Errc::not_found && search.query.skip_missing) continue;
    if (!at) return fail(at.error());
    if (*at >= search.range.first && *at < search.range.end) places.push_back(*at);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  if (search.query.backward) std::reverse(places.begin(), places.end());
  const Range whole = search.range;
  for (const Upos at : places) {
    search.range = {.first = at, .end = at + 1, .split = at + 1};
    if (auto done = collect(search, false); !done) return done;
  }
  search.range = whole;
  return {};
}

Result<std::uint64_t> Reader::count(const Search& search) {
  const bool timed = search.query.start.ms > 0 || search.query.end.ms > 0;
  std::string sql = "SELECT count(*) FROM uarch u";
  if (timed) sql += " JOIN msg m ON m.n = u.ref AND m.at_ms >= ?5 AND m.at_ms <= ?6";
  sql += " WHERE u.uid = ?1 AND u.upos >= ?2 AND u.upos < ?3 AND (?4 >> u.kind) & 1";
  if (search.conversation != 0) sql += " AND u.conv = ?7";
  Statement find;
  if (auto ready = find.prepare(db_, sql.c_str()); !ready) return fail(std::move(ready.error()));
  const std::int64_t end = search.query.end.ms > 0 ? search.query.end.ms : static_cast<std::int64_t>(kEnd);
  find.bind(search.uid, search.range.first, search.range.end, search.query.kinds, search.query.start.ms, end,
            search.conversation);
  if (find.step() != Statement::Step::row) return fail(db_.error("archive"));
  return find.number(0);
}

Result<core::ArchivePage> Reader::read_archive(Uid uid, const core::ArchiveQuery& query, std::size_t bytes) {
  Search search{
      .uid = uid, .query = query, .byte_limit = bytes, .range = {}, .conversation = 0, .bytes = 0, .page = {}};
  if (auto begun = db_.run("BEGIN"); !begun) return fail(std::move(begun.error()));
  Result<> done = search_archive(search);
  if (auto ended = db_.run("COMMIT"); done && !ended) done = ended;
  if (!done) return fail(std::move(done.error()));
  if (query.backward) std::reverse(search.page.events.begin(), search.page.events.end());
  return std::move(search.page);
}

Result<> Reader::search_archive(Search& search) {
  const core::ArchiveQuery& query = search.query;
  const Result<Range> range = range_of(search.uid, query);
  if (!range) return fail(range.error());
  search.range = *range;
  if (query.conversation) {
    Statement find;
    if (auto ready = find.prepare(db_, "SELECT n FROM conv WHERE conv_id = ?"); !ready) return ready;
    find.bind(Statement::blob({reinterpret_cast<const char*>(query.conversation->bytes.data()), sizeof(ConvId)}));
    const Statement::Step step = find.step();
    if (step == Statement::Step::failed) return fail(db_.error("archive"));
    if (step == Statement::Step::done) search.range.end = search.range.split = 0;  // nothing was ever said there
    if (step == Statement::Step::row) search.conversation = find.number(0);
  }
  if (query.count && query.with.resource.empty() && query.ids.empty()) {
    const Result<std::uint64_t> all = count(search);
    if (!all) return fail(all.error());
    search.page.count = *all;
  }
  if (!query.ids.empty()) return collect_ids(search);
  for (const bool late : {query.backward, !query.backward}) {
    if (auto done = collect(search, late); !done) return done;
  }
  return {};
}

Result<core::ReadMarkersFound> Reader::load_read_markers(Uid uid, std::size_t limit) {
  Statement find;
  constexpr const char* kFind =
      "SELECT peer, upto, annex FROM read_marker WHERE uid = ? ORDER BY at_ms DESC, peer LIMIT ?";
  if (auto ready = find.prepare(db_, kFind); !ready) return fail(std::move(ready.error()));
  find.bind(uid, std::uint64_t{limit});
  core::ReadMarkersFound found;
  Statement::Step step = find.step();
  for (; step == Statement::Step::row; step = find.step()) {
    core::ReadMarkersFound::One& one = found.markers.emplace_back();
    one.marker.conversation = to_address(find.bytes(0));
    const std::string_view upto = find.bytes(1);
    std::copy_n(upto.begin(), std::min(upto.size(), one.marker.upto.bytes.size()), one.marker.upto.bytes.begin());
    Result<core::Annex> annex = decode_annex(find.bytes(2));
    if (!annex) return fail(Errc::unavailable, "damaged read marker");
    one.annex = std::move(*annex);
  }
  if (step == Statement::Step::failed) return fail(db_.error("read markers"));
  return found;
}

Result<core::ArchiveEnds> Reader::read_archive_ends(Uid uid) {
  core::ArchiveEnds ends;
  for (const bool backward : {false, true}) {
    core::ArchiveQuery query;
    query.kinds = core::archive_kinds();
    query.backward = backward;
    query.limit = 1;
    const Result<core::ArchivePage> page = read_archive(uid, query, 1);
    if (!page) return fail(page.error());
    if (!page->events.empty()) (backward ? ends.last : ends.first) = page->events.front().event;
  }
  return ends;
}

}  // namespace confab::store
