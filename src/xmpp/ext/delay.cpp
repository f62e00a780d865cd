// XEP-0203 Delayed Delivery: when the server took what had to wait for this device. A client's own <delay/> is of the
// annex and stays beside it.
#include "xmpp/message.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:delay";

template <class Body>
void write_delay(const Body&, const Outbound& out, xml::Element& stanza) {
  if (!out.delivery.delayed) return;
  stanza.add("delay", kNs).set("from", out.place.config.domain).set("stamp", stamp_of(out.event));
}

template <class... Bodies>
void write_in(Extensions& on) {
  (on.write(&write_delay<Bodies>), ...);
}

}  // namespace

void install_delay(Extensions& on) {
  on.spec("XEP-0203", "2.0", "Delayed Delivery");
  on.feature(kNs);
  write_in<core::Message, core::Edit, core::Recall, core::Receipt, core::Reaction, core::Presence, core::Published,
           core::Listening>(on);
}

}  // namespace confab::xmpp
