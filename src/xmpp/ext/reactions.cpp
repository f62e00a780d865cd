// XEP-0444 Message Reactions <-> core::Reaction.
#include <algorithm>

#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:reactions:0";
constexpr std::string_view kFallbackNs = "urn:xmpp:fallback:0";
constexpr std::size_t kReactions = 64;       // of one person to one message
constexpr std::size_t kReactionBytes = 256;  // the longest emoji sequences are far below

Result<> read_reactions(const xml::Element& reactions, Inbound& in) {
  core::Reaction reaction;
  reaction.about = std::string(reactions.attr("id"));
  if (reaction.about.empty()) return fail(Errc::bad_payload, "reactions: no id");
  for (const xml::Element& child : reactions.children()) {
    if (!child.is("reaction", kNs)) continue;
    const std::string_view text = child.text();
    if (text.empty() || text.size() > kReactionBytes) return fail(Errc::bad_payload, "reaction");
    const bool again = std::find(reaction.set.begin(), reaction.set.end(), text) != reaction.set.end();
    if (!again) reaction.set.emplace_back(text);  // §4.1
  }
  if (reaction.set.size() > kReactions) return fail(Errc::too_big, "reactions");
  in.events.emplace_back(std::move(reaction));
  return {};
}

bool has_fallback(const xml::Element& stanza) {
  for (const xml::Element& child : stanza.children()) {
    if (child.is("fallback", kFallbackNs) && child.attr("for") == kNs) return true;
  }
  return false;
}

// Words that stand in for the reaction are no message of their own (XEP-0428).
void take_fallback(Inbound& in) {
  if (!in.stanza.has_child("reactions", kNs) || !has_fallback(in.stanza)) return;
  static_cast<void>(in.take_message());
  for (const xml::Element& child : in.stanza.children()) {
    if (child.is("body", kClientNs)) in.keep(child);
  }
}

void write_reactions(const core::Reaction& reaction, xml::Element& stanza) {
  xml::Element& reactions = stanza.add("reactions", kNs).set("id", reaction.about);
  for (const std::string& each : reaction.set) reactions.add("reaction").text(each);
}

}  // namespace

void install_reactions(Extensions& on) {
  on.spec("XEP-0444", "0.2.1", "Message Reactions");
  on.read("reactions", kNs, read_reactions).finish(take_fallback).write(write_reactions);
}

}  // namespace confab::xmpp
