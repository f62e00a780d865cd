// XEP-0085 Chat State Notifications <-> core::ChatState. A state beside a text stays with it, in the annex.
#include <algorithm>
#include <array>

#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "http://jabber.org/protocol/chatstates";
constexpr std::string_view kHintsNs = "urn:xmpp:hints";
constexpr std::string_view kSidNs = "urn:xmpp:sid:0";
constexpr std::array<std::string_view, 5> kNames{"active", "composing", "paused", "inactive", "gone"};

// §5.5: alone but for the thread. Hints and ids say nothing to people, either; anything else (an encrypted body) must
// not be lost with what is transient.
bool stands_alone(const xml::Element& stanza) {
  for (const xml::Element& child : stanza.children()) {
    const bool beside = child.ns() == kNs || child.ns() == kHintsNs || child.ns() == kSidNs;
    if (!beside && !child.is("thread", kClientNs)) return false;
  }
  return true;
}

Result<> read_state(const xml::Element& child, Inbound& in) {
  if (!stands_alone(in.stanza)) {
    in.keep(child);
    return {};
  }
  const auto at = std::find(kNames.begin(), kNames.end(), child.name()) - kNames.begin();
  const xml::Element* thread = in.stanza.child("thread", kClientNs);
  in.events.emplace_back(core::ChatState{static_cast<core::ChatState::State>(at),
                                         thread == nullptr ? std::string() : std::string(thread->text())});
  return {};
}

void write_state(const core::ChatState& state, xml::Element& stanza) {
  stanza.add(kNames[static_cast<std::size_t>(state.state)], kNs);
  if (!state.thread.empty()) stanza.add("thread", kClientNs).text(state.thread);
}

}  // namespace

void install_chat_states(Extensions& on) {
  on.spec("XEP-0085", "2.1", "Chat State Notifications");
  on.feature(kNs);
  for (const std::string_view name : kNames) on.read(name, kNs, read_state);
  on.write(write_state);
}

}  // namespace confab::xmpp
