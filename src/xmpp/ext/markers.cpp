// XEP-0333 Displayed Markers <-> core::Ask::read and core::Receipt{read}.
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:chat-markers:0";

Result<> read_markable(const xml::Element&, Inbound& in) {
  in.message.wants = in.message.wants | core::Ask::read;
  return {};
}

Result<> read_displayed(const xml::Element& displayed, Inbound& in) {
  if (displayed.attr("id").empty()) return fail(Errc::bad_payload, "displayed: no id");
  in.events.emplace_back(core::Receipt{core::Receipt::Kind::read, {std::string(displayed.attr("id"))}});
  return {};
}

void write_markable(const core::Message& message, xml::Element& stanza) {
  if (core::asks(message.wants, core::Ask::read)) stanza.add("markable", kNs);
}

void write_markable_again(const core::Edit& edit, xml::Element& stanza) {
  write_markable(edit.content, stanza);
}

// What was played was displayed: XMPP has no more than that.
void write_displayed(const core::Receipt& receipt, xml::Element& stanza) {
  if (receipt.kind == core::Receipt::Kind::delivered) return;
  for (const std::string& id : receipt.about) stanza.add("displayed", kNs).set("id", id);
}

}  // namespace

void install_markers(Extensions& on) {
  on.spec("XEP-0333", "1.0.0", "Displayed Markers");
  on.feature(kNs);
  on.read("markable", kNs, read_markable).read("displayed", kNs, read_displayed);
  on.write(write_markable).write(write_markable_again).write(write_displayed);
}

}  // namespace confab::xmpp
