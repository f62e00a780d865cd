// What clients are told.
#include <algorithm>

#include "api/message.h"
#include "api/payload.h"
#include "api/words.h"

namespace confab::api {
namespace {

using Kind = core::Message::Kind;

// The one that stands for all: that without a language, or the first. Null: there is none.
const core::Text* main_of(const std::vector<core::Text>& texts) {
  if (texts.empty()) return nullptr;
  const auto unmarked = std::find_if(texts.begin(), texts.end(), [](const auto& text) { return text.lang.empty(); });
  return unmarked == texts.end() ? &texts.front() : &*unmarked;
}

// The list is there where the one text with the object's language does not say it all.
void write_texts(const std::vector<core::Text>& texts, std::string_view name, std::string_view list,
                 std::string_view lang, Payload& out) {
  const core::Text* text = main_of(texts);
  if (text == nullptr) return;
  out.raw(name, json::quoted(text->text));
  if (texts.size() == 1 && text->lang == lang) return;
  std::vector<std::string> items;
  for (const core::Text& each : texts) {
    json::ObjectText item;
    items.push_back(item.text("lang", each.lang).text(name, each.text).take());
  }
  out.list(list, items);
}

std::string link_json(const core::MediaLink& link) {
  json::ObjectText out;
  const auto text = [&out](std::string_view name, const std::string& value) {
    if (!value.empty()) out.text(name, value);
  };
  const auto number = [&out](std::string_view name, std::uint64_t value) {
    if (value != 0) out.raw(name, std::to_string(value));
  };
  text("url", link.url);
  text("mime", link.mime);
  text("name", link.name);
  number("size", link.size);
  text("sha256", link.sha256);
  number("w", link.width);
  number("h", link.height);
  number("dur", link.duration_ms);
  return out.take();
}

void write_media(const std::vector<core::MediaLink>& media, Payload& out) {
  std::vector<std::string> items;
  for (const core::MediaLink& link : media) items.push_back(link_json(link));
  out.list("media", items);
}

// Of the earlier message that the event speaks of: the server's id where it was found, else the name as it was given.
std::string id_of_original(const core::Event& event, const std::string& name) {
  return event.about.empty() ? name : to_string(event.about.front());
}

struct WriteMeaning {
  const core::Event& event;
  Payload& out;

  void operator()(const core::Message& message) const {
    write_content(message, out);
    if (!message.re.empty()) out.text("re", id_of_original(event, message.re));
  }
  void operator()(const core::Edit& edit) const {
    write_content(edit.content, out);
    out.text("re", edit.content.re).text("edit", id_of_original(event, edit.about));
  }
  void operator()(const core::Recall& recall) const {
    out.text("type", "event").text("recall", id_of_original(event, recall.about));
  }
  void operator()(const core::Reaction& reaction) const {
    json::ObjectText react;
    react.text("id", id_of_original(event, reaction.about)).raw("set", json::array_of_texts(reaction.set));
    out.text("type", "event").raw("react", react.take());
  }
  // rulings.md, "recall, edit": the row stays, without its body, and names itself.
  void operator()(const core::Withdrawn& withdrawn) const {
    out.text("type", "text").raw("body", "\"\"").text("recall", to_string(event.id));
    if (!withdrawn.about.empty()) out.text("edit", id_of_original(event, withdrawn.about));
  }
  template <class Other>
  void operator()(const Other&) const {}
};

void write_members(const core::Event& event, Upos seq, const Viewer& viewer, Payload& out) {
  out.server_number("v", 1).server_members(event, seq, viewer).text("cid", event.cid);
  std::visit(WriteMeaning{event, out}, event.body);
}

}  // namespace

void write_content(const core::Message& message, Payload& out) {
  out.text("type", type_of(message));
  const core::Text* body = main_of(message.bodies);
  const core::Text* subject = main_of(message.subjects);
  std::string_view lang;
  if (body != nullptr) {
    lang = body->lang;
  } else if (subject != nullptr) {
    lang = subject->lang;
  }
  write_texts(message.subjects, "subject", "subjects", lang, out);
  write_texts(message.bodies, "body", "bodies", lang, out);
  out.text("lang", lang).text("thread", message.thread);
  write_media(message.media, out);
  out.text("app", message.app.app);
  if (!message.app.app.empty() && !message.app.data.empty()) out.raw("data", message.app.data);
  out.texts("want", words_of(message.wants)).text("kind", message.kind == Kind::normal ? "normal" : "");
  out.text("kind", message.kind == Kind::headline ? "headline" : "");
  if (!message.keep) out.raw("keep", "false");
}

void write_envelope(const core::Event& event, Upos seq, const Viewer& viewer, std::string& out) {
  Payload payload(event.annex, out);
  write_members(event, seq, viewer, payload);
  payload.close();
}

void write_history_row(const core::HistoryRow& row, const Viewer& viewer, std::string& out) {
  Payload payload(row.event->annex, out);
  write_members(*row.event, row.seq, viewer, payload);
  if (row.edited.ms != 0) payload.server_number("edited", row.edited.ms);
  std::vector<std::string> reactions, receipts;
  for (const core::HistoryRow::Reacted& each : row.reactions) {
    json::ObjectText one;
    one.text("from", to_string(each.who)).raw("set", json::array_of_texts(each.set)).number("ts", each.at.ms);
    reactions.push_back(one.take());
  }
  for (const core::HistoryRow::Received& each : row.receipts) {
    json::ObjectText one;
    one.text("from", to_string(each.who)).text("k", word_of(each.kind)).number("ts", each.at.ms);
    receipts.push_back(one.take());
  }
  payload.server_list("reactions", reactions).server_list("receipts", receipts);
  payload.close();
}

}  // namespace confab::api
