#include "api/presence.h"

#include <algorithm>

#include "api/members.h"
#include "api/message.h"
#include "api/payload.h"
#include "api/words.h"
#include "base/bytes.h"

namespace confab::api {
namespace {

// Without white space around it, which a line of a shell leaves.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<Members> read_object(std::string_view payload) {
  Result<Members> in = Members::read(payload);
  if (in) in->skip_server_members();
  return in;
}

// From whom, and when it was said.
void write_origin(const core::Event& said, Payload& out) {
  const std::string person = to_string(said.from.bare());
  out.server_text("from", person).server_number("ts", said.at.ms).server_text("conv", "u:" + person);
}

// The one without a language, or the first; empty: there is none.
core::Text main_of(const std::vector<core::Text>& signature) {
  if (signature.empty()) return {};
  const auto unmarked =
      std::find_if(signature.begin(), signature.end(), [](const core::Text& text) { return text.lang.empty(); });
  return unmarked == signature.end() ? signature.front() : *unmarked;
}

std::string_view text_beside(const core::Event& said) {
  const core::AnnexItem* text = core::find(said.annex, core::Wire::mqtt, kStatusTextKey);
  return text == nullptr ? std::string_view() : std::string_view(text->bytes);
}

}  // namespace

void apply(const PresenceChange& change, core::Event& presence) {
  presence.from = presence.to = {};
  if (!std::holds_alternative<core::Presence>(presence.body)) presence.body = core::Presence{};
  auto& body = std::get<core::Presence>(presence.body);
  if (change.status) {
    body.status = *change.status;
    presence.annex = change.annex;
  }
  if (change.priority) body.priority = *change.priority;
  if (change.signature) body.signature = *change.signature;
}

Result<PresenceChange> read_status(std::string_view payload) {
  PresenceChange change;
  std::string word(trimmed(payload));
  if (word.starts_with('{')) {
    Result<Members> in = read_object(payload);
    if (!in) return fail(std::move(in.error()));
    word = in->text("st");
    if (in->has("prio")) change.priority = static_cast<int>(in->number("prio", -128, 127));
    for (const std::string_view name : {"since", "last"}) static_cast<void>(in->raw(name));  // the server's to say
    std::string text = in->text("text", kMaxName);
    if (Result<> read = in->verdict(); !read) return fail(std::move(read.error()));
    in->keep_rest(change.annex);
    if (!text.empty()) change.annex.push_back({core::Wire::mqtt, std::string(kStatusTextKey), std::move(text)});
  }
  change.status = status_named(word);
  if (!change.status) return fail(Errc::bad_payload, "st");
  return change;
}

Result<PresenceChange> read_signature(std::string_view payload, std::size_t max_bytes) {
  PresenceChange change;
  core::Text text{{}, std::string(payload)};
  if (trimmed(payload).starts_with('{')) {
    Result<Members> in = read_object(payload);
    if (!in) return fail(std::move(in.error()));
    text.text = in->text("text");
    text.lang = in->text("lang", kMaxName);
    if (Result<> read = in->verdict(); !read) return fail(std::move(read.error()));
  }
  if (!is_utf8(text.text)) return fail(Errc::bad_payload, "text");
  if (max_bytes != 0 && text.text.size() > max_bytes) return fail(Errc::too_big, "text");
  change.signature.emplace().push_back(std::move(text));
  return change;
}

Result<core::SetListening> read_listening(std::string_view payload) {
  core::SetListening listening;
  if (trimmed(payload).empty()) return listening;
  Result<Members> in = read_object(payload);
  if (!in) return fail(std::move(in.error()));
  listening.text = in->text("name", core::kMaxListening);
  if (Result<> read = in->verdict(); !read) return fail(std::move(read.error()));
  if (!listening.text.empty()) in->keep_rest(listening.annex);
  return listening;
}

std::string write_facets(const core::Event& said) {
  const auto* presence = std::get_if<core::Presence>(&said.body);
  const core::Presence none;
  const core::Presence& is = presence == nullptr ? none : *presence;
  json::ObjectText out;
  out.text("jid", to_string(said.from.bare())).text("status", word_of(is.status)).number("priority", is.priority);
  out.text("signature", main_of(is.signature).text).text("listening", is.listening);
  if (const std::string_view text = text_beside(said); !text.empty()) out.text("text", text);
  const WallMs since = is.since.ms != 0 ? is.since : said.at;
  out.number("since", since.ms);
  if (is.status == core::Status::offline) out.number("last", since.ms);
  return out.take();
}

void write_status(const core::Event& said, const core::Presence& presence, std::string& out) {
  Payload payload(said.annex, out);
  write_origin(said, payload);
  payload.server_text("st", word_of(presence.status)).server_number("prio", presence.priority);
  payload.text("text", text_beside(said));
  const WallMs since = presence.since.ms != 0 ? presence.since : said.at;
  payload.server_number("since", since.ms);
  if (presence.status == core::Status::offline) payload.server_number("last", since.ms);
  payload.close();
}

void write_signature(const core::Event& said, const std::vector<core::Text>& signature, std::string& out) {
  Payload payload({}, out);
  write_origin(said, payload);
  const core::Text text = main_of(signature);
  payload.raw("text", json::quoted(text.text)).text("lang", text.lang);
  std::vector<std::string> items;
  for (const core::Text& each : signature) {
    json::ObjectText item;
    items.push_back(item.text("lang", each.lang).text("text", each.text).take());
  }
  if (items.size() > 1) payload.list("texts", items);
  payload.close();
}

void write_listening(const core::Event& said, const std::string& text, std::string& out) {
  Payload payload(said.annex, out);
  write_origin(said, payload);
  if (!text.empty()) payload.text("kind", "track");
  payload.raw("name", json::quoted(text));
  payload.close();
}

}  // namespace confab::api
