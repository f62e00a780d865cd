// What is asked of the database.
#pragma once

#include <memory>
#include <vector>

#include "engine/ports.h"
#include "store/sqlite/database.h"
#include "store/sqlite/published_reader.h"
#include "store/sqlite/search_reader.h"
#include "store/sqlite/topic_reader.h"

namespace confab::store {

// One connection that only reads. Each call sees one state of the database. Errors: not_found; unavailable, also for a
// row that cannot be understood, with words that tell which. Lives on: one reader thread.
class Reader {
 public:
  static Result<std::unique_ptr<Reader>> make(Database db);
  ~Reader();

  Result<core::AccountRow> load_account(const Address& bare);
  Result<core::Profile> load_profile(Uid uid);
  Result<std::vector<engine::LogRow>> read_log(Uid uid, Upos after, std::size_t rows, std::size_t bytes);
  Result<core::FoundEvents> search_log(Uid uid, const core::SearchQuery& query);
  // reader_archive.cpp
  Result<core::ArchivePage> read_archive(Uid uid, const core::ArchiveQuery& query, std::size_t bytes);
  Result<core::ArchiveEnds> read_archive_ends(Uid uid);
  Result<core::ReadMarkersFound> load_read_markers(Uid uid, std::size_t limit);
  // reader_history.cpp
  Result<core::HistoryRows> read_history(Uid uid, const core::ArchiveQuery& query, std::size_t bytes);
  Result<std::vector<engine::Store::LastPresence>> load_last_presence(const std::vector<Address>& people);
  Result<std::vector<engine::Store::AccountLine>> list_accounts(const Address& after, std::size_t limit);
  PublishedReader& published() { return published_; }
  TopicReader& topics() { return topics_; }

 private:
  struct Statements;
  explicit Reader(Database db);

  Result<> prepare();
  Result<> load_row(const Address& bare, core::AccountRow& row);
  Result<> load_roster(core::AccountRow& row);
  Result<> load_lists(core::AccountRow& row);
  Result<core::Presence> load_presence(Uid uid);

  // reader_archive.cpp
  struct Range;
  struct Search;
  enum class Column : std::uint8_t { ref, top_ms };
  Result<Upos> first_position(Uid uid, Column column, std::int64_t least);
  Result<Upos> position_of(Uid uid, const MsgId& id);
  Result<Range> range_of(Uid uid, const core::ArchiveQuery& query);
  Result<> search_archive(Search& search);
  Result<> collect(Search& search, bool late);
  Result<> collect_ids(Search& search);
  Result<std::uint64_t> count(const Search& search);

  // reader_history.cpp
  Result<> collect_history(Search& search, core::HistoryRows& rows);

  Database db_;
  std::unique_ptr<Statements> sql_;
  SearchReader search_;
  PublishedReader published_;
  TopicReader topics_;
};

}  // namespace confab::store
