// Logs as archives, and events that speak of earlier ones.
#include <algorithm>

#include "core/event_codec.h"
#include "core/plan.h"
#include "core/references.h"
#include "store/memory/memory_state.h"

namespace confab::store {

Result<> MemoryState::check_append(const core::Append& append) const {
  if (append.event == nullptr || append.event->id.empty()) return fail(Errc::bad_payload, "an event without an id");
  if (core::encode_event(*append.event).size() > core::kMaxEncodedEvent)
    return fail(Errc::too_big, "an event over 8 MiB");
  if (!append.must_find) return {};
  for (const core::Reference& reference : append.about) {
    const core::EventPtr found = find_reference(append.conversation, reference);
    const bool own = found != nullptr && found->from.same_bare(append.event->from);
    const bool edits = std::holds_alternative<core::Edit>(append.event->body);
    if (!own || (edits && std::holds_alternative<core::Withdrawn>(found->body))) {
      return fail(Errc::no_message, "no such message of its author");
    }
  }
  return {};
}

core::EventPtr MemoryState::find_reference(const ConvId& conversation, const core::Reference& reference) const {
  if (reference.name.empty()) return nullptr;
  std::optional<MsgId> id;
  for (const Uid author : {reference.author, reference.or_author}) {
    const auto known = names_.find({conversation, author, reference.name});
    if (author != 0 && known != names_.end() && !id) id = known->second;
  }
  if (!id) id = parse_msg_id(reference.name);
  const auto at = id ? events_.find(*id) : events_.end();
  if (at == events_.end() || at->second.conversation != conversation) return nullptr;
  // Who names a correction means the message that it corrects (XEP-0308 §4).
  const core::Event& event = *at->second.event;
  if (!std::holds_alternative<core::Edit>(event.body) || event.about.empty()) return at->second.event;
  const auto original = events_.find(event.about.front());
  return original == events_.end() ? at->second.event : original->second.event;
}

core::EventPtr MemoryState::complete(const core::Append& append) const {
  std::vector<core::EventPtr> originals;
  bool found = false;
  for (const core::Reference& reference : append.about) {
    originals.push_back(find_reference(append.conversation, reference));
    found = found || originals.back() != nullptr;
  }
  if (!found) return append.event;
  core::Event event = *append.event;
  core::resolve(event, originals);
  return std::make_shared<const core::Event>(std::move(event));
}

void MemoryState::remember(const core::Append& append, const core::EventPtr& event) {
  const bool edits = std::holds_alternative<core::Edit>(event->body);
  if (edits || std::holds_alternative<core::Message>(event->body)) {
    for (const std::string& name : {event->cid, append.alias}) {
      if (append.source != 0 && !name.empty()) names_[{append.conversation, append.source, name}] = event->id;
    }
  }
  put_read_marker(append, *event);
  for (const MsgId& id : event->about) {
    if (edits) events_.at(id).edits.push_back(event->id);
    if (std::holds_alternative<core::Recall>(event->body)) withdraw(id, *event);
  }
}

void MemoryState::put_read_marker(const core::Append& append, const core::Event& event) {
  const std::optional<core::ReadMarker> marker = core::read_marker_in(event);
  const auto owner = accounts_.find(append.source);
  if (!marker || owner == accounts_.end()) return;
  auto& [at, one] = owner->second.read_markers[marker->conversation];
  if (!marker->upto.empty() && marker->upto <= one.marker.upto) return;
  at = event.at;
  one.marker = *marker;
  one.annex = std::holds_alternative<core::ReadMarker>(event.body) ? event.annex : core::Annex();
}

core::ReadMarkersFound MemoryState::load_read_markers(Uid uid, std::size_t limit) const {
  core::ReadMarkersFound found;
  const auto owner = accounts_.find(uid);
  if (owner == accounts_.end()) return found;
  std::vector<std::pair<WallMs, core::ReadMarkersFound::One>> all;
  for (const auto& [peer, marker] : owner->second.read_markers) all.push_back(marker);
  // By address where the time is the same, as the map has them.
  for (std::size_t i = 0; i < all.size() && i < limit; ++i) {
    const auto newest = std::max_element(all.begin() + static_cast<std::ptrdiff_t>(i), all.end(),
                                         [](const auto& a, const auto& b) { return a.first < b.first; });
    std::rotate(all.begin() + static_cast<std::ptrdiff_t>(i), newest, newest + 1);
    found.markers.push_back(all[i].second);
  }
  return found;
}

void MemoryState::withdraw(const MsgId& id, const core::Event& recall) {
  std::vector<MsgId> all = events_.at(id).edits;
  all.push_back(id);
  for (const MsgId& each : all) {
    Stored& at = events_.at(each);
    const core::Event& event = *at.event;
    if (!std::holds_alternative<core::Message>(event.body) && !std::holds_alternative<core::Edit>(event.body)) continue;
    at.event = std::make_shared<const core::Event>(core::withdraw(event, recall));
    at.bytes = core::encode_event(*at.event).size();
  }
}

bool MemoryState::matches(const core::ArchiveQuery& query, const Row& row, const Stored& stored) {
  const core::Event& event = *stored.event;
  if (!row.archived || (query.kinds >> row.kind & 1U) == 0) return false;
  if (query.start.ms > 0 && event.at < query.start) return false;
  if (query.end.ms > 0 && event.at > query.end) return false;
  if (query.conversation && stored.conversation != *query.conversation) return false;
  return query.with.resource.empty() || event.from == query.with || event.to == query.with;
}

// Positions from the first to the second, which is behind the last.
Result<std::pair<Upos, Upos>> MemoryState::range_of(const Account& account, const core::ArchiveQuery& query) const {
  std::pair<Upos, Upos> range{1, account.log.size() + 1};
  const auto position = [&](const MsgId& id) {
    const auto at = std::find_if(account.log.begin(), account.log.end(),
                                 [&](const Row& row) { return row.id == id && row.archived; });
    return at == account.log.end() ? 0 : static_cast<Upos>(at - account.log.begin()) + 1;
  };
  for (const MsgId* id : {&query.after, &query.after_too, &query.before, &query.before_too}) {
    if (id->empty()) continue;
    const Upos at = position(*id);
    if (at == 0) return fail(Errc::not_found, "no such message in the archive");
    const bool after = id == &query.after || id == &query.after_too;
    if (after) range.first = std::max(range.first, at + 1);
    if (!after) range.second = std::min(range.second, at);
  }
  for (const MsgId& id : query.ids) {
    if (position(id) == 0 && !query.skip_missing) return fail(Errc::not_found, "no such message in the archive");
  }
  return range;
}

Result<core::ArchivePage> MemoryState::read_archive(Uid uid, const core::ArchiveQuery& query, std::size_t bytes) const {
  core::ArchivePage page;
  const auto known = accounts_.find(uid);
  if (known == accounts_.end()) return page;
  const std::vector<Row>& log = known->second.log;
  const auto range = range_of(known->second, query);
  if (!range) return fail(range.error());
  std::vector<core::ArchivedEvent> all;
  for (Upos at = range->first; at < range->second; ++at) {
    const Row& row = log[at - 1];
    const bool named = query.ids.empty() || std::find(query.ids.begin(), query.ids.end(), row.id) != query.ids.end();
    if (named && matches(query, row, stored(row))) all.push_back({stored(row).event, at});
  }
  if (query.count && query.with.resource.empty() && query.ids.empty()) page.count = all.size();
  if (query.backward) std::reverse(all.begin(), all.end());
  std::size_t taken = 0;
  for (core::ArchivedEvent& each : all) {
    const std::size_t size = events_.at(each.event->id).bytes;
    page.complete = page.events.size() < query.limit && (page.events.empty() || taken + size <= bytes);
    if (!page.complete) break;
    taken += size;
    page.events.push_back(std::move(each));
  }
  if (query.backward) std::reverse(page.events.begin(), page.events.end());
  return page;
}

Result<core::HistoryRows> MemoryState::read_history(Uid uid, const core::ArchiveQuery& query, std::size_t bytes) const {
  core::HistoryRows rows;
  Result<core::ArchivePage> page = read_archive(uid, query, bytes);
  if (!page) return fail(std::move(page.error()));
  rows.page = std::move(*page);
  const auto known = accounts_.find(uid);
  if (known == accounts_.end()) return rows;
  for (const Row& row : known->second.log) {
    const core::EventPtr& event = stored(row).event;
    const bool says = std::holds_alternative<core::Edit>(event->body) ||
                      std::holds_alternative<core::Reaction>(event->body) ||
                      std::holds_alternative<core::Receipt>(event->body);
    const auto speaks_of = [&event](const core::ArchivedEvent& each) {
      return std::find(event->about.begin(), event->about.end(), each.event->id) != event->about.end();
    };
    if (says && std::any_of(rows.page.events.begin(), rows.page.events.end(), speaks_of)) rows.events.push_back(event);
  }
  return rows;
}

Result<core::ArchiveEnds> MemoryState::read_archive_ends(Uid uid) const {
  core::ArchiveQuery query;
  query.kinds = core::archive_kinds();
  query.limit = std::numeric_limits<std::size_t>::max();
  const auto page = read_archive(uid, query, std::numeric_limits<std::size_t>::max());
  if (!page) return fail(page.error());
  if (page->events.empty()) return core::ArchiveEnds{};
  return core::ArchiveEnds{page->events.front().event, page->events.back().event};
}

}  // namespace confab::store
