// What clients write.
#include <algorithm>
#include <limits>

#include "api/message.h"
#include "api/words.h"
#include "base/bytes.h"
#include "core/references.h"

namespace confab::api {
namespace {

constexpr std::size_t kReactions = 64;       // of one person to one message
constexpr std::size_t kReactionBytes = 256;  // the longest emoji sequences are far below
constexpr std::int64_t kMost32 = std::numeric_limits<std::uint32_t>::max();

// Either every language in the list, or the one text. `name`: of the text, in the object and in the list's items.
std::vector<core::Text> read_texts(Members& in, std::string_view name, std::string_view list, const std::string& lang) {
  std::vector<core::Text> texts;
  std::string one = in.text(name);
  bool beyond = false;
  for (Members& item : in.objects(list)) {
    core::Text text{item.text("lang", kMaxName), item.text(name)};
    if (!text.text.empty()) texts.push_back(std::move(text));
    in.adopt(list, item);
    beyond = beyond || !item.left().empty();
  }
  if (beyond) in.keep(list);
  if (texts.empty() && !one.empty()) texts.push_back({lang, std::move(one)});
  return texts;
}

core::MediaLink read_link(Members& in) {
  core::MediaLink link;
  link.url = in.text("url");
  link.mime = in.text("mime", kMaxName);
  link.name = in.text("name", kMaxName);
  link.size = static_cast<std::uint64_t>(in.number("size", 0, std::numeric_limits<std::int64_t>::max()));
  link.sha256 = in.text("sha256");
  link.width = static_cast<std::uint32_t>(in.number("w", 0, kMost32));
  link.height = static_cast<std::uint32_t>(in.number("h", 0, kMost32));
  link.duration_ms = static_cast<std::uint32_t>(in.number("dur", 0, kMost32));
  const auto hash = link.sha256.empty() ? std::string() : decode_hex(link.sha256);
  if (!hash || (!hash->empty() && hash->size() != 32)) in.refuse("sha256");
  std::transform(link.sha256.begin(), link.sha256.end(), link.sha256.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c; });
  if (link.url.empty()) in.refuse("url");
  return link;
}

// The typed field has no room for smaller sizes, an expiry and what else there may be: then the list stays as it came.
std::vector<core::MediaLink> read_media(Members& in) {
  std::vector<core::MediaLink> media;
  bool beyond = false;
  for (Members& item : in.objects("media")) {
    media.push_back(read_link(item));
    in.adopt("media", item);
    beyond = beyond || !item.left().empty();
  }
  if (beyond) in.keep("media");
  return media;
}

core::Ask read_wants(Members& in) {
  core::Ask wants = core::Ask::none;
  for (const std::string& word : in.texts("want")) {
    const auto ask = ask_named(word);
    if (ask) wants = wants | *ask;
    if (!ask) in.keep("want");
  }
  return wants;
}

// A kind of message that its parts do not tell stays as the client said it.
void read_type(Members& in, const core::Message& message) {
  const std::string type = in.text("type", kMaxName);
  if (!type.empty() && type != type_of(message)) in.keep("type");
}

bool says_nothing(const core::Message& message) {
  const auto is_empty = [](const core::Text& text) { return text.text.empty(); };
  return std::all_of(message.bodies.begin(), message.bodies.end(), is_empty) &&
         std::all_of(message.subjects.begin(), message.subjects.end(), is_empty) && message.media.empty() &&
         message.app.app.empty();
}

// Which of the meanings the object has; nothing has two.
core::Body read_meaning(Members& in, std::size_t message_bytes) {
  std::string edit = own_name(in.text("edit", kMaxName));
  std::string recall = own_name(in.text("recall", kMaxName));
  std::optional<Members> react = in.object("react");
  const int meanings = (edit.empty() ? 0 : 1) + (recall.empty() ? 0 : 1) + (react ? 1 : 0);
  if (meanings > 1) in.refuse(react ? "react" : "recall");
  if (!recall.empty() || react) in.text("type");
  if (!recall.empty()) return core::Recall{std::move(recall)};
  if (react) {
    core::Reaction reaction = read_reaction(react->text("id", kMaxName), *react);
    in.adopt("react", *react);
    return reaction;
  }
  core::Message content = read_content(in, message_bytes);
  if (edit.empty()) return content;
  return core::Edit{std::move(edit), std::move(content)};
}

}  // namespace

std::string own_name(std::string name) {
  return name.starts_with(core::kOwnName) ? name.substr(core::kOwnName.size()) : name;
}

core::Message read_content(Members& in, std::size_t message_bytes) {
  core::Message message;
  const std::string lang = in.text("lang", kMaxName);
  message.bodies = read_texts(in, "body", "bodies", lang);
  message.subjects = read_texts(in, "subject", "subjects", lang);
  message.thread = in.text("thread", kMaxName);
  message.re = in.text("re", kMaxName);
  message.media = read_media(in);
  message.app.app = in.text("app", kMaxName);
  if (!message.app.app.empty()) message.app.data = in.raw("data");
  message.wants = read_wants(in);
  message.keep = in.flag("keep", true);
  const std::string kind = in.text("kind");
  if (!kind.empty() && kind != "chat" && kind != "normal" && kind != "headline") in.refuse("kind");
  if (kind == "normal") message.kind = core::Message::Kind::normal;
  if (kind == "headline") message.kind = core::Message::Kind::headline;
  read_type(in, message);
  std::size_t bytes = 0;
  for (const core::Text& body : message.bodies) bytes += body.text.size();
  if (message_bytes != 0 && bytes > message_bytes) in.refuse("body", Errc::too_big);
  return message;
}

core::Reaction read_reaction(std::string about, Members& in) {
  core::Reaction reaction{std::move(about), {}};
  if (reaction.about.empty()) in.refuse("id");
  if (!in.has("set")) in.refuse("set");
  for (std::string& each : in.texts("set")) {
    if (each.empty() || each.size() > kReactionBytes) in.refuse("set");
    const bool again = std::find(reaction.set.begin(), reaction.set.end(), each) != reaction.set.end();
    if (!again) reaction.set.push_back(std::move(each));
  }
  if (reaction.set.size() > kReactions) in.refuse("set", Errc::too_big);
  return reaction;
}

Result<core::Event> read_envelope(Members& in, std::size_t message_bytes) {
  core::Event event;
  in.skip_server_members();
  event.cid = in.text("cid", kMaxName);
  event.body = read_meaning(in, message_bytes);
  if (Result<> read = in.verdict(); !read) return fail(std::move(read.error()));
  in.keep_rest(event.annex);
  const auto* message = std::get_if<core::Message>(&event.body);
  if (message != nullptr && says_nothing(*message) && event.annex.empty()) return fail(Errc::bad_payload, "body");
  return event;
}

Result<core::Event> read_plain_text(std::string_view text, std::size_t message_bytes) {
  if (text.empty() || !is_utf8(text)) return fail(Errc::bad_payload, "body");
  if (message_bytes != 0 && text.size() > message_bytes) return fail(Errc::too_big, "body");
  core::Message message;
  message.bodies.push_back({{}, std::string(text)});
  core::Event event;
  event.body = std::move(message);
  return event;
}

core::Send make_send(core::Event event, Address to) {
  core::Send send{std::move(event), {}, {}};
  send.event.to = std::move(to);
  const auto* message = std::get_if<core::Message>(&send.event.body);
  const bool passes = std::holds_alternative<core::ChatState>(send.event.body) ||
                      (message != nullptr && (!message->keep || message->kind == core::Message::Kind::headline));
  if (!send.event.cid.empty() && !passes) send.dedupe.key = "o:" + send.event.cid;
  return send;
}

}  // namespace confab::api
