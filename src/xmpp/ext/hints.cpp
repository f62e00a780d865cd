// XEP-0334 Message Processing Hints <-> core::Message::keep. The hints themselves stay in the annex: no-copy and store
// are for XMPP alone.
#include "xmpp/extension.h"
#include "xmpp/forwarded.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:hints";

// §4.1 and §4.2: neither in an archive nor offline; core makes no difference between the two.
Result<> read_no_store(const xml::Element& hint, Inbound& in) {
  in.message.keep = false;
  in.keep(hint);
  return {};
}

// §4.3.
Result<> read_no_copy(const xml::Element& hint, Inbound& in) {
  in.annex.push_back({core::Wire::xmpp, std::string(kNoCopyKey), {}});
  in.keep(hint);
  return {};
}

void write_no_store(const core::Message& message, const Outbound& out, xml::Element& stanza) {
  if (!message.keep && out.event.source != core::Wire::xmpp) stanza.add("no-store", kNs);
}

}  // namespace

void install_hints(Extensions& on) {
  on.spec("XEP-0334", "1.0.0", "Message Processing Hints");
  on.feature(kNs);
  on.read("no-store", kNs, read_no_store).read("no-permanent-store", kNs, read_no_store);
  on.read("no-copy", kNs, read_no_copy);
  on.write(write_no_store);
}

}  // namespace confab::xmpp
