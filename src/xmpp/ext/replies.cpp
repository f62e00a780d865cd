// XEP-0461 Message Replies <-> core::Message::re. Which part of the text quotes the other message (XEP-0428) stays in
// the annex, beside the text.
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:reply:0";
constexpr std::string_view kToKey = "reply-to";  // annex: whom it answers, as the client said it

Result<> read_reply(const xml::Element& reply, Inbound& in) {
  if (reply.attr("id").empty()) return fail(Errc::bad_payload, "reply: no id");
  in.message.re = std::string(reply.attr("id"));
  if (const std::string_view to = reply.attr("to"); !to.empty()) {
    in.annex.push_back({core::Wire::xmpp, std::string(kToKey), std::string(to)});
  }
  return {};
}

void write_reply(const core::Message& message, const Outbound& out, xml::Element& stanza) {
  if (message.re.empty()) return;
  xml::Element& reply = stanza.add("reply", kNs);
  if (const auto* to = core::find(out.event.annex, core::Wire::xmpp, kToKey)) reply.set("to", to->bytes);
  reply.set("id", message.re);
}

void write_reply_again(const core::Edit& edit, const Outbound& out, xml::Element& stanza) {
  write_reply(edit.content, out, stanza);
}

}  // namespace

void install_replies(Extensions& on) {
  on.spec("XEP-0461", "0.2.1", "Message Replies");
  on.read("reply", kNs, read_reply).write(write_reply).write(write_reply_again);
}

}  // namespace confab::xmpp
