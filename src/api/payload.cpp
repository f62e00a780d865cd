#include "api/payload.h"

namespace confab::api {

Payload::Payload(const core::Annex& annex, std::string& out) : out_(out) {
  const core::AnnexItem* item = core::find(annex, core::Wire::mqtt, kJsonKey);
  if (item == nullptr) return;
  if (auto members = json::read_object(item->bytes)) beyond_ = std::move(*members);
}

Payload& Payload::server_text(std::string_view name, std::string_view value) {
  if (!value.empty()) out_.text(name, value);
  return *this;
}

Payload& Payload::server_number(std::string_view name, std::int64_t value) {
  out_.number(name, value);
  return *this;
}

Payload& Payload::server_list(std::string_view name, const std::vector<std::string>& items) {
  if (!items.empty()) out_.raw(name, json::array_of(items));
  return *this;
}

Payload& Payload::server_members(const core::Event& event, Upos seq, const Viewer& viewer) {
  if (!event.id.empty()) server_text("id", to_string(event.id));
  if (seq != 0) server_number("seq", static_cast<std::int64_t>(seq));
  server_number("ts", event.at.ms).server_text("conv", conversation_of(event, viewer));
  server_text("from", to_string(event.from))
      .server_text("to", to_string(event.to.empty() ? viewer.me.bare() : event.to));
  server_text("dir", is_outgoing(event, viewer) ? "out" : "in");
  return event.source == core::Wire::none ? *this : server_text("src", core::name_of(event.source));
}

Payload& Payload::text(std::string_view name, std::string_view value) {
  if (!value.empty() && is_open(name)) out_.text(name, value);
  return *this;
}

Payload& Payload::number(std::string_view name, std::uint64_t value) {
  if (value != 0 && is_open(name)) out_.raw(name, std::to_string(value));
  return *this;
}

Payload& Payload::flag(std::string_view name, bool value) {
  if (value && is_open(name)) out_.flag(name, value);
  return *this;
}

Payload& Payload::texts(std::string_view name, const std::vector<std::string>& values) {
  return values.empty() ? *this : raw(name, json::array_of_texts(values));
}

Payload& Payload::list(std::string_view name, const std::vector<std::string>& items) {
  return items.empty() ? *this : raw(name, json::array_of(items));
}

Payload& Payload::raw(std::string_view name, std::string_view json) {
  if (is_open(name)) out_.raw(name, json);
  return *this;
}

std::string_view Payload::said(std::string_view name) const {
  const json::Member* member = is_server_member(name) ? nullptr : json::find(beyond_, name);
  return member == nullptr ? std::string_view() : member->value;
}

void Payload::close() {
  for (const json::Member& member : beyond_) {
    if (!is_server_member(member.name)) out_.raw(member.name, member.value);
  }
  out_.close();
}

bool is_outgoing(const core::Event& event, const Viewer& viewer) {
  return event.from.same_bare(viewer.me) && !event.to.empty() && !event.to.same_bare(viewer.me);
}

std::string conversation_of(const core::Event& event, const Viewer& viewer) {
  return "u:" + to_string((is_outgoing(event, viewer) ? event.to : event.from).bare());
}

}  // namespace confab::api
