// XEP-0066 Out of Band Data in messages <-> core::MediaLink.
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "jabber:x:oob";

Result<> read_link(const xml::Element& x, Inbound& in) {
  const xml::Element* url = x.child("url", kNs);
  if (url == nullptr || url->text().empty()) return fail(Errc::bad_payload, "oob: no url");
  core::MediaLink& link = in.message.media.emplace_back();
  link.url = std::string(url->text());
  if (const xml::Element* desc = x.child("desc", kNs)) link.name = std::string(desc->text());
  return {};
}

void write_links(const core::Message& message, xml::Element& stanza) {
  for (const core::MediaLink& link : message.media) {
    xml::Element& x = stanza.add("x", kNs);
    x.add("url").text(link.url);
    if (!link.name.empty()) x.add("desc").text(link.name);
  }
}

void write_links_again(const core::Edit& edit, xml::Element& stanza) {
  write_links(edit.content, stanza);
}

}  // namespace

void install_links(Extensions& on) {
  on.spec("XEP-0066", "1.5", "Out of Band Data");
  on.read("x", kNs, read_link).write(write_links).write(write_links_again);
}

}  // namespace confab::xmpp
