// message.history and message.receipts: messages as they are now, and what was said of them.
#include <algorithm>
#include <charconv>

#include "api/message.h"
#include "api/methods.h"
#include "api/parameters.h"
#include "json/write.h"

namespace confab::api {
namespace {

constexpr std::int64_t kRows = 50;

std::string page_json(const std::vector<core::HistoryRow>& rows, const std::string& next, const Viewer& viewer) {
  std::vector<std::string> messages;
  for (const core::HistoryRow& row : rows) write_history_row(row, viewer, messages.emplace_back());
  json::ObjectText out;
  return out.raw("messages", json::array_of(messages)).raw("next", next.empty() ? "null" : json::quoted(next)).take();
}

// The page's end in the direction in which it was asked for is where the next one begins.
void answer_page(const core::HistoryFound& found, bool backward, Call& call) {
  std::string next;
  if (!found.complete && !found.rows.empty()) {
    next = to_string((backward ? found.rows.front() : found.rows.back()).event->id);
  }
  call.result(page_json(found.rows, next, call.viewer()));
}

// The messages that were found, as they are now. A correction that has the words stands for its message.
void answer_found(const core::FoundEvents& events, Call& call) {
  core::GetHistory command;
  for (const core::Found& found : events.found) {
    const bool message = std::holds_alternative<core::Message>(found.event->body);
    if (!message && found.event->about.empty()) continue;
    command.query.ids.push_back(message ? found.event->id : found.event->about.front());
  }
  std::sort(command.query.ids.begin(), command.query.ids.end());
  const auto twins = std::unique(command.query.ids.begin(), command.query.ids.end());
  command.query.ids.erase(twins, command.query.ids.end());
  const std::string next = events.next == 0 ? std::string() : std::to_string(events.next);
  if (command.query.ids.empty()) return call.result(page_json({}, next, call.viewer()));
  command.query.limit = command.query.ids.size();
  command.query.skip_missing = true;
  call.ask(std::move(command), [next](const core::Reply& reply, Call& then) {
    const auto* found = std::get_if<core::HistoryFound>(&reply);
    then.result(page_json(found == nullptr ? std::vector<core::HistoryRow>() : found->rows, next, then.viewer()));
  });
}

// Where to go on in a search is a place in the log.
void search(Members& params, Address with, Call& call) {
  core::SearchLog command;
  command.query.text = params.text("q");
  command.query.with = std::move(with);
  command.query.limit = static_cast<std::size_t>(params.number("limit", 1, 100'000, kRows));
  const std::string before = params.text("before");
  const auto [end, error] = std::from_chars(before.data(), before.data() + before.size(), command.query.before);
  if (!before.empty() && (error != std::errc() || end != before.data() + before.size())) params.refuse("before");
  if (params.has("after")) params.refuse("after");
  if (!is_sound(params, call)) return;
  call.ask(std::move(command), [](const core::Reply& reply, Call& then) {
    const auto* found = std::get_if<core::FoundEvents>(&reply);
    answer_found(found == nullptr ? core::FoundEvents{} : *found, then);
  });
}

void read_place(Members& params, std::string_view name, MsgId& place) {
  const std::string text = params.text(name);
  if (text.empty()) return;
  const std::optional<MsgId> id = parse_msg_id(text);
  if (id) place = *id;
  if (!id) params.refuse(name);
}

void history(Members& params, Call& call) {
  Address with;
  if (params.has("conv")) {
    const std::optional<Address> named = conversation_in(params, "conv", call);
    if (!named) return;
    with = *named;
  }
  if (params.has("q")) return search(params, std::move(with), call);
  if (with.empty()) return call.error(Errc::bad_payload, "missing parameter: conv");
  core::GetHistory command;
  command.query.with = std::move(with);
  read_place(params, "before", command.query.before);
  read_place(params, "after", command.query.after);
  command.query.limit = static_cast<std::size_t>(params.number("limit", 1, 100'000, kRows));
  const bool backward = command.query.after.empty();
  command.query.backward = backward;
  if (!is_sound(params, call)) return;
  call.ask(std::move(command), [backward](const core::Reply& reply, Call& then) {
    const auto* found = std::get_if<core::HistoryFound>(&reply);
    answer_page(found == nullptr ? core::HistoryFound{} : *found, backward, then);
  });
}

// Who has it and who has not: the other one of a conversation between two.
std::string receipts_json(const core::HistoryRow& row, const Viewer& viewer) {
  const Address person = row.event->to.bare();
  const auto has = [&](core::Receipt::Kind kind) {
    return std::any_of(row.receipts.begin(), row.receipts.end(),
                       [&](const core::HistoryRow::Received& one) { return one.who == person && one.kind >= kind; });
  };
  // To oneself it is always there.
  const bool self = person.same_bare(viewer.me) && row.event->from.same_bare(viewer.me);
  const bool delivered = self || has(core::Receipt::Kind::delivered);
  const bool read = has(core::Receipt::Kind::read);
  const auto list = [&](bool holds) {
    return json::array_of_texts(holds ? std::vector{to_string(person)} : std::vector<std::string>());
  };
  json::ObjectText out;
  return out.raw("delivered", list(delivered)).raw("read", list(read)).raw("pending", list(!delivered)).take();
}

void receipts(Members& params, Call& call) {
  MsgId id;
  read_place(params, "id", id);
  if (id.empty()) params.refuse("id");
  if (!is_sound(params, call)) return;
  find_message(id, call,
               [](const core::HistoryRow& row, Call& then) { then.result(receipts_json(row, then.viewer())); });
}

}  // namespace

void install_history_methods(MethodTable& on) {
  on.add({"message.history",
          "A page of a conversation, oldest first: corrected, with reactions and receipts",
          {{"conv", Type::text, false, "\"u:bob@example.org\"; may be left out with q"},
           {"before", Type::text, false, "an id, or what next said: what is older"},
           {"after", Type::text, false, "an id: what is newer. Without either the newest page"},
           {"limit", Type::number, false, "so many at most; 50, if you do not say"},
           {"q", Type::text, false, "words that must all be there"}},
          R"({"messages":[envelope],"next": where to go on, as before (or after), or null})",
          R"({"conv":"u:bob@example.org","limit":20})",
          "msg",
          false,
          history});
  on.add({"message.receipts",
          "Who has a message, who has read it, and who has not got it",
          {{"id", Type::text, true, ""}},
          R"({"delivered":[jid],"read":[jid],"pending":[jid]})",
          R"({"id":"01985b3e-0000-7000-8000-000000000007"})",
          "msg",
          false,
          receipts});
}

}  // namespace confab::api
