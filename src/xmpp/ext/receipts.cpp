// XEP-0184 Message Delivery Receipts <-> core::Ask::delivered and core::Receipt{delivered}.
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:receipts";

Result<> read_request(const xml::Element&, Inbound& in) {
  // §5.1: there must be an id, for without one nothing can be confirmed.
  if (in.id.empty()) return fail(Errc::bad_payload, "request: no id");
  in.message.wants = in.message.wants | core::Ask::delivered;
  return {};
}

Result<> read_received(const xml::Element& received, Inbound& in) {
  if (received.attr("id").empty()) return fail(Errc::bad_payload, "received: no id");
  in.events.emplace_back(core::Receipt{core::Receipt::Kind::delivered, {std::string(received.attr("id"))}});
  return {};
}

void write_request(const core::Message& message, xml::Element& stanza) {
  if (core::asks(message.wants, core::Ask::delivered)) stanza.add("request", kNs);
}

void write_request_again(const core::Edit& edit, xml::Element& stanza) {
  write_request(edit.content, stanza);
}

void write_received(const core::Receipt& receipt, xml::Element& stanza) {
  if (receipt.kind != core::Receipt::Kind::delivered) return;
  for (const std::string& id : receipt.about) stanza.add("received", kNs).set("id", id);
}

}  // namespace

void install_receipts(Extensions& on) {
  on.spec("XEP-0184", "1.4.0", "Message Delivery Receipts");
  on.feature(kNs);
  on.read("request", kNs, read_request).read("received", kNs, read_received);
  on.write(write_request).write(write_request_again).write(write_received);
}

}  // namespace confab::xmpp
