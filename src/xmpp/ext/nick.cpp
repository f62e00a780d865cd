// XEP-0172 User Nickname <-> the name in core::Profile. In messages and subscription requests a nickname stays on its
// stanza.
#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "http://jabber.org/protocol/nick";

// §4.3: published, and from then on the account's name, in the vCard and on other wires. One that is empty says
// nothing.
void publish(core::Publish command, const xml::Element& payload, Iq& iq) {
  if (!payload.is("nick", kNs)) return pubsub_error(iq, kBadRequest, "invalid-payload");
  std::string name(payload.text());
  if (name.size() > core::kMaxNodeName) return pubsub_error(iq, kNotAcceptable, "payload-too-big", "1023 bytes");
  if (name.empty()) return ask_publish(std::move(command), std::string(kNs), iq);
  iq.ask(core::GetProfile{},
         [name = std::move(name), command = std::move(command)](const core::Reply& reply, Iq& then) mutable {
           const auto* found = std::get_if<core::ProfileFound>(&reply);
           if (found != nullptr && found->profile.name != name) {
             command.profile = found->profile;
             command.profile->name = std::move(name);
           }
           ask_publish(std::move(command), std::string(kNs), then);
         });
}

}  // namespace

void install_nick(Extensions& on) {
  on.spec("XEP-0172", "1.1", "User Nickname");
  on.node(kNs, {.publish = publish});
}

}  // namespace confab::xmpp
