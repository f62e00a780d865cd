// confabctl history search, search rebuild.
#include "app/control_verbs.h"
#include "app/event_json.h"
#include "base/bytes.h"
#include "names/names.h"

namespace confab::app {
namespace {

constexpr std::uint64_t kMostResults = 10'000;
constexpr std::size_t kMostBytes = 16U << 20;  // of an answer; below what a reply may have, quoted
constexpr std::size_t kExcerpt = 200;          // bytes of a text, in an answer for people

// Texts of other people, on an operator's terminal: in one line, and nothing that the terminal would obey.
std::string excerpt_of(const core::Event& event) {
  std::string out;
  for (const std::string_view text : core::texts_of(event)) {
    if (!text.empty()) out.append(out.empty() ? "" : " | ").append(is_utf8(text) ? text : "(not UTF-8)");
    if (out.size() > kExcerpt) break;
  }
  bool cut = false;
  while (out.size() > kExcerpt || (cut && !is_utf8(out))) {
    out.resize(cut ? out.size() - 1 : kExcerpt);
    cut = true;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    const bool c1 = byte == 0xC2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F) out[i] = ' ';
    if (c1) out.replace(i, 2, " ");
  }
  return out + (cut ? "…" : "");
}

std::string text_line(const core::Found& found) {
  const core::Event& event = *found.event;
  return std::to_string(found.seq) + "  " + format_utc(event.at) + "  " + to_string(event.from) + " -> " +
         to_string(event.to) + "  " + excerpt_of(event) + "\n";
}

// Whoever it was, of this site or another one.
Result<Address> partner_of(VerbCall& call) {
  if (!call.has("--with")) return Address{};
  const std::string& given = call.flags["--with"];
  if (given.find('@') == std::string::npos) return account_of(call, given);
  const Result<Address> address = names::parse_address(given);
  if (!address) return fail(Errc::bad_address, "--with: \"" + given + "\" cannot be an address");
  return address->bare();
}

Result<core::FoundEvents> ask(VerbCall& call, Uid uid, const core::SearchQuery& query) {
  return call.loop.wait<core::FoundEvents>(
      kStoreWait, [&](auto answer) { call.ports.store->search_log(uid, query, call.loop, std::move(answer)); });
}

}  // namespace

// The words come as the input: they may look like anything.
ControlReply history_search(VerbCall& call) {
  const auto limits = call.ports.config->limits;
  const auto limit = number_flag(call, "--limit", static_cast<std::uint64_t>(limits.search_results), kMostResults);
  const auto before = number_flag(call, "--before", 0, static_cast<std::uint64_t>(INT64_MAX));
  if (!limit || *limit == 0) return usage("--limit: wanted a number from 1 to " + std::to_string(kMostResults));
  if (!before) return usage("--before: wanted a number");
  const auto address = account_of(call, call.names[0]);
  if (!address) return refuse(call, address.error());
  const auto row = load(call, *address);
  if (!row) return refuse(call, row.error());
  const auto with = partner_of(call);
  if (!with) return refuse(call, with.error());
  core::SearchQuery query{call.input, *with, *before, 0, static_cast<std::size_t>(limits.search_rows)};
  std::string text, json;
  std::size_t found = 0;
  do {
    query.limit = *limit - found;
    const auto page = ask(call, row->uid, query);
    if (!page) return refuse(call, page.error());
    for (const core::Found& one : page->found) {
      text += text_line(one);
      json += (json.empty() ? "" : ",") + event_json(one.seq, *one.event, *address);
    }
    found += page->found.size();
    query.before = page->next;
  } while (query.before != 0 && found < *limit && json.size() < kMostBytes);
  if (query.before != 0) text += "(older ones: --before " + std::to_string(query.before) + ")\n";
  return done(call, std::move(text), "{\"found\":[" + json + "],\"next\":" + std::to_string(query.before) + "}");
}

Result<> work_on(VerbCall& call, engine::Store::Chore chore) {
  if (call.ports.store == nullptr) return fail(Errc::unavailable, "this site's accounts are not at hand");
  return call.loop.wait<void>(kChoreWait,
                              [&](auto answer) { call.ports.store->work_on(chore, call.loop, std::move(answer)); });
}

// A running site goes on filling the index by itself; a stopped one would not.
ControlReply search_rebuild(VerbCall& call) {
  if (auto cleared = work_on(call, engine::Store::Chore::clear_search); !cleared) return refuse(call, cleared.error());
  if (call.ports.live != nullptr) {
    return done(call, "the search index is empty, and is being filled; what is looked for is found meanwhile\n",
                "{\"state\":\"filling\"}");
  }
  if (auto filled = work_on(call, engine::Store::Chore::fill_search); !filled) return refuse(call, filled.error());
  return done(call, "the search index is made anew\n", "{\"state\":\"filled\"}");
}

}  // namespace confab::app
