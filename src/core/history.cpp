#include "core/history.h"

#include <algorithm>

namespace confab::core {
namespace {

HistoryRow* find(std::vector<HistoryRow>& rows, const MsgId& id) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&id](const HistoryRow& row) { return row.event->id == id; });
  return at == rows.end() ? nullptr : &*at;
}

// The row keeps its place and its names. What it answered it answers still, unless the correction says otherwise.
void apply(const Edit& edit, const Event& said, HistoryRow& row) {
  const auto* before = std::get_if<Message>(&row.event->body);
  if (before == nullptr || !said.from.same_bare(row.event->from)) return;
  auto now = std::make_shared<Event>(*row.event);
  Message content = edit.content;
  content.kind = before->kind;
  if (content.re.empty()) {
    content.re = before->re;
  } else if (content.re != before->re) {
    now->about.clear();
  }
  now->body = std::move(content);
  now->annex = said.annex;
  row.event = std::move(now);
  row.edited = said.at;
}

void apply(const Reaction& reaction, const Event& said, HistoryRow& row) {
  const Address who = said.from.bare();
  std::erase_if(row.reactions, [&who](const HistoryRow::Reacted& one) { return one.who == who; });
  if (!reaction.set.empty()) row.reactions.push_back({who, reaction.set, said.at});
}

void apply(const Receipt& receipt, const Event& said, HistoryRow& row) {
  const Address who = said.from.bare();
  const bool known = std::any_of(row.receipts.begin(), row.receipts.end(), [&](const HistoryRow::Received& one) {
    return one.kind == receipt.kind && one.who == who;
  });
  if (!known) row.receipts.push_back({who, receipt.kind, said.at});
}

void apply(const Event& said, HistoryRow& row) {
  if (std::holds_alternative<Withdrawn>(row.event->body)) return;
  if (const auto* edit = std::get_if<Edit>(&said.body)) return apply(*edit, said, row);
  if (const auto* reaction = std::get_if<Reaction>(&said.body)) return apply(*reaction, said, row);
  if (const auto* receipt = std::get_if<Receipt>(&said.body)) return apply(*receipt, said, row);
}

}  // namespace

HistoryFound fold(HistoryRows rows) {
  HistoryFound found;
  found.complete = rows.page.complete;
  for (ArchivedEvent& each : rows.page.events) {
    found.rows.push_back(
        {.event = std::move(each.event), .seq = each.seq, .edited = {}, .reactions = {}, .receipts = {}});
  }
  for (const EventPtr& said : rows.events) {
    for (const MsgId& id : said->about) {
      if (HistoryRow* row = find(found.rows, id)) apply(*said, *row);
    }
  }
  return found;
}

}  // namespace confab::core
