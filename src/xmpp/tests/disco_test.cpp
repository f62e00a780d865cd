#include "xmpp/caps_version.h"
#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("disco: XEP-0030 example 1 and 2, the server") {
  LoggedIn alice;
  const std::string answer = alice.peer.feed(
      "<iq type='get' to='example.org' id='info1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  CHECK(has(answer, "from='example.org'"));
  CHECK(has(answer, "<identity category='server' type='im' name='Confab'/>"));
  for (const char* ns : {"http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items",
                         "http://jabber.org/protocol/caps", "jabber:iq:version", "urn:xmpp:time", "urn:xmpp:ping",
                         "vcard-temp", "urn:xmpp:blocking", "jabber:iq:register", "urn:xmpp:receipts"}) {
    CAPTURE(ns);
    CHECK(has(answer, std::string("var='") + ns + "'"));
  }
  CHECK(answer.find("jabber:iq:register") < answer.find("urn:xmpp:blocking"));  // sorted
}

TEST_CASE("disco: the own account is a registered one") {
  LoggedIn alice;
  for (const char* to : {"", " to='alice@example.org'"}) {
    const std::string answer = alice.peer.feed("<iq type='get' id='i'" + std::string(to) +
                                               "><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    CHECK(has(answer, "<identity category='account' type='registered'/>"));
    CHECK_FALSE(has(answer, "category='server'"));
  }
}

TEST_CASE("disco: other accounts say nothing") {
  LoggedIn alice;
  const std::string answer = alice.peer.feed(
      "<iq type='get' to='bob@example.org' id='i'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  CHECK(has(answer, "service-unavailable"));
}

TEST_CASE("disco: nodes are unknown, but for that of the capabilities") {
  LoggedIn alice;
  const auto ask = [&](const std::string& to, const std::string& node) {
    return alice.peer.feed("<iq type='get' to='" + to + "' id='i'><query node='" + node +
                           "' xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  };
  CHECK(has(ask("example.org", "nothing"), "item-not-found"));
  CHECK(has(ask("example.org", std::string(kCapsNode)), "item-not-found"));
  CHECK(has(ask("example.org", std::string(kCapsNode) + "#old"), "item-not-found"));
  const std::string node = std::string(kCapsNode) + "#" + caps_version(alice.site->extensions);
  CHECK(has(ask("example.org", node), "category='server'"));
  CHECK(has(ask("example.org", node), "node='" + node + "'"));
  CHECK(has(ask("alice@example.org", node), "item-not-found"));
}

TEST_CASE("disco: XEP-0030 example 16, items") {
  LoggedIn alice;
  const auto ask = [&](const std::string& more) {
    return alice.peer.feed(
        "<iq type='get' to='example.org' id='i'><query xmlns='http://jabber.org/protocol/disco#items'" + more +
        "/></iq>");
  };
  CHECK(canon(ask("")) == canon("<iq type='result' from='example.org' to='alice@example.org/balcony' id='i'>"
                                "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>"));
  CHECK(has(ask(" node='music'"), "item-not-found"));
  alice.site->extensions.item({"groups.example.org", "Groups"});
  CHECK(has(ask(""), "<item jid='groups.example.org' name='Groups'/>"));
}
