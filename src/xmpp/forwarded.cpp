#include "xmpp/forwarded.h"

#include "xmpp/message.h"

namespace confab::xmpp {

bool is_message(const Extensions& extensions, const core::Event& event) {
  return std::holds_alternative<core::Message>(event.body) || std::holds_alternative<core::Bounce>(event.body) ||
         (!std::holds_alternative<core::Presence>(event.body) && extensions.writes(event));
}

void write_annex(const core::Event& event, xml::Element& stanza) {
  if (const auto* rest = core::find(event.annex, core::Wire::xmpp, kXmlKey)) stanza.written(rest->bytes);
}

void write_stanza(const Outbound& out, xml::Element& stanza) {
  write_message(out, stanza);
  out.place.extensions.write_body(out, stanza);
  write_annex(out.event, stanza);
}

std::string_view write_forwarded(const Outbound& out, xml::Element& parent) {
  xml::Element& forwarded = parent.add("forwarded", "urn:xmpp:forward:0");
  forwarded.add("delay", "urn:xmpp:delay").set("stamp", stamp_of(out.event));
  // It says when it was by itself, and not that it waited.
  core::Delivery delivery = out.delivery;
  delivery.delayed = false;
  xml::Element& stanza = forwarded.add("message", kClientNs);
  write_stanza(Outbound{out.place, delivery, out.event}, stanza);
  return stanza.attr("type");
}

}  // namespace confab::xmpp
