// The account's log as it can be asked for (XEP-0313, message.history, sync.since), and what is answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/account.h"
#include "core/event.h"

namespace confab::core {

// Which rows, and which page of them. All conditions hold together.
struct ArchiveQuery {
  Address with;  // bare: the conversation with him; full: only from or to that very address; empty: all
  std::optional<ConvId> conversation;  // that with `with`, as the account's actor works it out
  WallMs start, end;                   // inclusive; 0: open
  MsgId after, before;                 // exclusive; empty: open. not_found if the archive has no such row
  MsgId after_too, before_too;         // the same again, for queries that name a range and a place in it
  std::vector<MsgId> ids;              // these alone; not_found if one is not there
  std::uint32_t kinds = 0;             // bits of kind_number; 0: everything that an archive shows
  bool backward = false;               // the last rows of the range, not the first
  std::size_t limit = 0;               // rows at most; 0: none, the count alone
  bool count = false;                  // count all that match
  bool skip_missing = false;           // of `ids`: those that are not there are left out
};
// -> ArchivePage, or Refused{not_found | too_big}. The device is shown nothing of the log from now on that was there
// before this session.
struct QueryArchive {
  ArchiveQuery query;
};
// -> ArchiveEnds.
struct GetArchiveEnds {};
// -> ArchivePreferencesFound.
struct GetArchivePreferences {};
// -> Done, or Refused{too_big}.
struct SetArchivePreferences {
  ArchivePreferences preferences;
};

// Messages as people read them now: corrections applied, and with what was said of each. Which: by the query, whose
// `kinds` and `count` do not matter. Changes nothing in what the device is shown.
// -> HistoryFound, or Refused{not_found | too_big}.
struct GetHistory {
  ArchiveQuery query;
};
// The log as it is, from the first row behind `after` on. -> LogFound.
struct ReadLog {
  Upos after = 0;
  std::size_t limit = 0;  // rows at most; the site's limit holds beside it
};

// ---- Answers. ----

struct ArchivedEvent {
  EventPtr event;
  Upos seq = 0;
};
struct ArchivePage {
  std::vector<ArchivedEvent> events;   // oldest first
  bool complete = true;                // nothing more matches, in the direction of the query
  std::optional<std::uint64_t> count;  // of all that match, where it was asked for
};
// The first and the last event; null: the archive is empty.
struct ArchiveEnds {
  EventPtr first, last;
};
struct ArchivePreferencesFound {
  ArchivePreferences preferences;
};

// A message, and what was said of it since.
struct HistoryRow {
  struct Reacted {
    Address who;  // bare
    std::vector<std::string> set;
    WallMs at;
    bool operator==(const Reacted&) const = default;
  };
  struct Received {
    Address who;  // bare
    Receipt::Kind kind = Receipt::Kind::delivered;
    WallMs at;
    bool operator==(const Received&) const = default;
  };
  EventPtr event;  // Message, with the content that it has now, or Withdrawn
  Upos seq = 0;
  WallMs edited;                   // the last correction; 0: none
  std::vector<Reacted> reactions;  // each person's last; none that is empty
  std::vector<Received> receipts;  // each person's first of a kind
};
struct HistoryFound {
  std::vector<HistoryRow> rows;  // oldest first
  bool complete = true;          // nothing more matches, in the direction of the query
};
struct LogFound {
  std::vector<ArchivedEvent> rows;
  Upos head = 0;         // the log's last place
  bool gap = false;      // rows behind `after` are not there any more
  bool complete = true;  // these are all
};

}  // namespace confab::core
