// XEP-0308 Last Message Correction <-> core::Edit.
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:message-correct:0";

Result<> read_replace(const xml::Element& replace, Inbound&) {
  if (replace.attr("id").empty()) return fail(Errc::bad_payload, "replace: no id");
  return {};
}

// The whole of the message is the new content, wherever <replace/> stood in it.
void take_content(Inbound& in) {
  const xml::Element* replace = in.stanza.child("replace", kNs);
  if (replace == nullptr) return;
  in.events.insert(in.events.begin(), core::Edit{std::string(replace->attr("id")), in.take_message()});
}

void write_replace(const core::Edit& edit, xml::Element& stanza) {
  stanza.add("replace", kNs).set("id", edit.about);
}

// A correction that was taken back with its message is still no message of its own.
void write_withdrawn(const core::Withdrawn& withdrawn, xml::Element& stanza) {
  if (!withdrawn.about.empty()) stanza.add("replace", kNs).set("id", withdrawn.about);
}

}  // namespace

void install_correction(Extensions& on) {
  on.spec("XEP-0308", "1.2.1", "Last Message Correction");
  on.feature(kNs).read("replace", kNs, read_replace).finish(take_content).write(write_replace).write(write_withdrawn);
}

}  // namespace confab::xmpp
