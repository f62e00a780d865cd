// XEP-0424 Message Retraction <-> core::Recall; and what is left of a message, <-> core::Withdrawn. The words for
// clients that do not know it (XEP-0428) stay with the retraction, in the annex.
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:message-retract:1";
constexpr std::string_view kFallbackNs = "urn:xmpp:fallback:0";

Result<> read_retract(const xml::Element& retract, Inbound&) {
  if (retract.attr("id").empty()) return fail(Errc::bad_payload, "retract: no id");
  return {};
}

// A tombstone is what an archive says, not a person (§4).
Result<> refuse_forged(const xml::Element&, Inbound&) {
  return fail(Errc::forbidden, "retracted");
}

void take_content(Inbound& in) {
  const xml::Element* retract = in.stanza.child("retract", kNs);
  if (retract == nullptr) return;
  static_cast<void>(in.take_message());
  for (const xml::Element& child : in.stanza.children()) {
    if (child.is("body", kClientNs)) in.keep(child);
  }
  in.events.insert(in.events.begin(), core::Recall{std::string(retract->attr("id"))});
}

void write_retract(const core::Recall& recall, const Outbound& out, xml::Element& stanza) {
  stanza.add("retract", kNs).set("id", recall.about);
  if (out.event.source == core::Wire::xmpp) return;
  stanza.add("fallback", kFallbackNs).set("for", kNs);
  stanza.add("body").text("(message withdrawn)");
}

void write_tombstone(const core::Withdrawn& withdrawn, xml::Element& stanza) {
  stanza.add("retracted", kNs)
      .set("id", withdrawn.name.empty() ? to_string(withdrawn.by) : withdrawn.name)
      .set("stamp", format_utc(withdrawn.at));
}

}  // namespace

void install_retraction(Extensions& on) {
  on.spec("XEP-0424", "0.4.2", "Message Retraction");
  on.feature(kNs).account_feature(kNs).account_feature("urn:xmpp:message-retract:1#tombstone");
  on.read("retract", kNs, read_retract).read("retracted", kNs, refuse_forged);
  on.finish(take_content).write(write_retract).write(write_tombstone);
}

}  // namespace confab::xmpp
