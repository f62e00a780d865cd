#include "xmpp/caps_version.h"
#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("caps: XEP-0115 §5.2, the simple generation example") {
  Extensions on;
  on.identity({"client", "pc", "Exodus 0.9.1"});
  on.feature("http://jabber.org/protocol/disco#info")
      .feature("http://jabber.org/protocol/disco#items")
      .feature("http://jabber.org/protocol/muc")
      .feature("http://jabber.org/protocol/caps")
      .feature("http://jabber.org/protocol/muc");  // twice: counts once
  CHECK(caps_version(on) == "QgayPKawpkPSDYmwT/WM94uAlu0=");
}

TEST_CASE("caps: XEP-0115 §6.3, among the stream features after login") {
  FakeWorld world;
  const auto site = world.site({});
  xml::Document document;
  xml::Element& before = document.make("features", "http://etherx.jabber.org/streams");
  site->extensions.add_stream_features({site->config, site->extensions, false, true, true}, before);
  CHECK_FALSE(before.has_child("c", "http://jabber.org/protocol/caps"));
  xml::Element& after = document.make("features", "http://etherx.jabber.org/streams");
  site->extensions.add_stream_features({site->config, site->extensions, true, true, true}, after);
  const xml::Element* c = after.child("c", "http://jabber.org/protocol/caps");
  REQUIRE(c != nullptr);
  CHECK(c->attr("hash") == "sha-1");
  CHECK(c->attr("node") == kCapsNode);
  CHECK(c->attr("ver") == caps_version(site->extensions));
}
