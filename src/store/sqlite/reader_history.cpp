// Messages of the archive, and what was said of them: the table `about` leads from the ones to the others.
#include <algorithm>
#include <array>

#include "core/event_codec.h"
#include "store/sqlite/reader_search.h"

namespace confab::store {
namespace {

// Of corrections the last; of reactions everybody's last (SQLite gives the body of the row with the maximum); receipts
// in their order. Whoever says more than these about one message is not heard.
constexpr const char* kEdit =
    "SELECT m.body FROM about a JOIN msg m ON m.n = a.n WHERE a.original = ?1 AND m.kind = ?2 ORDER BY a.n DESC LIMIT "
    "1";
constexpr const char* kReactions =
    "SELECT m.body, max(a.n) FROM about a JOIN msg m ON m.n = a.n WHERE a.original = ?1 AND m.kind = ?2"
    " GROUP BY m.sender ORDER BY max(a.n) LIMIT 500";
constexpr const char* kReceipts =
    "SELECT m.body FROM about a JOIN msg m ON m.n = a.n WHERE a.original = ?1 AND m.kind = ?2 ORDER BY a.n LIMIT 500";

template <class Kind>
std::uint32_t number_of() {
  core::Event event;
  event.body = Kind{};
  return core::kind_number(event);
}

// Finds what was said of one message.
class About {
 public:
  explicit About(Database& db) : db_(db) {}

  Result<> prepare() {
    if (auto ready = place_.prepare(db_, "SELECT n FROM msg WHERE msg_id = ?"); !ready) return ready;
    for (One& one : all_) {
      if (auto ready = one.find.prepare(db_, one.sql); !ready) return ready;
    }
    return {};
  }

  // Adds to `events`; the bytes of what was added.
  Result<std::size_t> collect(const MsgId& id, std::vector<core::EventPtr>& events) {
    place_.bind(Statement::blob(confab::as_text(id)));
    if (place_.step() != Statement::Step::row) return fail(db_.error("history"));
    const std::uint64_t original = place_.number(0);
    std::size_t bytes = 0;
    for (One& one : all_) {
      one.find.bind(original, one.kind);
      Statement::Step step = one.find.step();
      for (; step == Statement::Step::row; step = one.find.step()) {
        Result<core::Event> event = core::decode_event(one.find.bytes(0));
        if (!event) return fail(Errc::unavailable, "damaged event about " + to_string(id));
        bytes += one.find.bytes(0).size();
        events.push_back(std::make_shared<const core::Event>(std::move(*event)));
      }
      if (step == Statement::Step::failed) return fail(db_.error("history"));
    }
    return bytes;
  }

 private:
  struct One {
    const char* sql;
    std::uint32_t kind;
    Statement find;
  };
  Database& db_;
  Statement place_;
  std::array<One, 3> all_{One{kEdit, number_of<core::Edit>(), {}}, One{kReactions, number_of<core::Reaction>(), {}},
                          One{kReceipts, number_of<core::Receipt>(), {}}};
};

}  // namespace

Result<core::HistoryRows> Reader::read_history(Uid uid, const core::ArchiveQuery& query, std::size_t bytes) {
  Search search{
      .uid = uid, .query = query, .byte_limit = bytes, .range = {}, .conversation = 0, .bytes = 0, .page = {}};
  core::HistoryRows rows;
  if (auto begun = db_.run("BEGIN"); !begun) return fail(std::move(begun.error()));
  Result<> done = search_archive(search);
  if (done) done = collect_history(search, rows);
  if (auto ended = db_.run("COMMIT"); done && !ended) done = ended;
  if (!done) return fail(std::move(done.error()));
  rows.page = std::move(search.page);
  if (query.backward) std::reverse(rows.page.events.begin(), rows.page.events.end());
  return rows;
}

// In the direction of the query, so that the page ends where there is no room any more.
Result<> Reader::collect_history(Search& search, core::HistoryRows& rows) {
  About about(db_);
  if (auto ready = about.prepare(); !ready) return ready;
  std::size_t bytes = search.bytes;
  for (std::size_t i = 0; i < search.page.events.size(); ++i) {
    const std::size_t before = rows.events.size();
    const Result<std::size_t> more = about.collect(search.page.events[i].event->id, rows.events);
    if (!more) return fail(more.error());
    bytes += *more;
    if (i == 0 || bytes <= search.byte_limit) continue;
    rows.events.resize(before);
    search.page.events.resize(i);
    search.page.complete = false;
  }
  return {};
}

}  // namespace confab::store
