// XEP-0335 JSON Containers <-> core::AppTag: {"app": whose it is, "data": anything} (rulings.md, "application data").
// Another container is passed on as it came.
#include "json/object.h"
#include "json/write.h"
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:json:0";

// Nothing but the two members: what else there is would be lost.
std::optional<core::AppTag> read_tag(std::string_view text) {
  const auto members = json::read_object(text);
  if (!members || members->size() != 2) return std::nullopt;
  const json::Member* app = json::find(*members, "app");
  const json::Member* data = json::find(*members, "data");
  if (app == nullptr || data == nullptr) return std::nullopt;
  Result<std::string> name = json::read_string(app->value);
  if (!name || name->empty()) return std::nullopt;
  return core::AppTag{std::move(*name), std::string(data->value)};
}

Result<> read_json(const xml::Element& json, Inbound& in) {
  std::optional<core::AppTag> tag = read_tag(json.text());
  if (!tag || !in.message.app.app.empty()) {
    in.keep(json);
  } else {
    in.message.app = std::move(*tag);
  }
  return {};
}

void write_json(const core::Message& message, xml::Element& stanza) {
  if (message.app.app.empty()) return;
  std::string text = "{\"app\":";
  json::append_string(text, message.app.app);
  text += ",\"data\":";
  text += message.app.data.empty() ? "null" : message.app.data;
  stanza.add("json", kNs).text(text += '}');
}

void write_json_again(const core::Edit& edit, xml::Element& stanza) {
  write_json(edit.content, stanza);
}

}  // namespace

void install_json(Extensions& on) {
  on.spec("XEP-0335", "0.1.1", "JSON Containers");
  on.feature(kNs).read("json", kNs, read_json).write(write_json).write(write_json_again);
}

}  // namespace confab::xmpp
