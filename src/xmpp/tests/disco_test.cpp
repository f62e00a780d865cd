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
    CHECK(has(answer, "<identity category='pubsub' type='pep'/>"));  // XEP-0163 §6.1
    CHECK(has(answer, "<feature var='http://jabber.org/protocol/pubsub#publish-options'/>"));
    CHECK_FALSE(has(answer, "category='server'"));
  }
}

TEST_CASE("disco: other accounts say nothing, but to who sees their presence") {
  LoggedIn alice;
  const std::string info =
      "<iq type='get' to='bob@example.org' id='i'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
  const auto* asked = alice.asks<core::GetNodes>(info);
  REQUIRE(asked != nullptr);
  CHECK(asked->of == Address{"bob", "example.org", {}});
  CHECK(has(alice.peer.reply(core::Refused{Errc::not_found, {}}), "<service-unavailable"));
  alice.peer.feed(info);
  const std::string answer = alice.peer.reply(core::NodesFound{});
  CHECK(has(answer, "from='bob@example.org'"));
  CHECK(has(answer, "<identity category='pubsub' type='pep'/>"));
}

TEST_CASE("disco: XEP-0060 §5.2, the nodes of an account, and §5.4, what one of them is") {
  LoggedIn alice;
  core::NodesFound nodes;
  nodes.nodes = {{"princely_musings", {.access = core::Access::open, .max_items = 10, .title = "Princely Musings"}},
                 {"romeonce", {}}};
  const std::string ask = "<iq type='get' id='i'><query xmlns='http://jabber.org/protocol/disco#";
  REQUIRE(alice.asks<core::GetNodes>(ask + "items'/></iq>") != nullptr);
  CHECK(canon(alice.peer.reply(nodes)) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='i'>"
              "<query xmlns='http://jabber.org/protocol/disco#items'>"
              "<item jid='alice@example.org' node='princely_musings' name='Princely Musings'/>"
              "<item jid='alice@example.org' node='romeonce'/></query></iq>"));
  alice.peer.feed(ask + "info' node='princely_musings'/></iq>");
  const std::string answer = alice.peer.reply(nodes);
  CHECK(has(answer, "<identity category='pubsub' type='leaf'/>"));
  for (const char* field :
       {"pubsub#title'><value>Princely Musings<", "pubsub#access_model'><value>open<", "pubsub#max_items'><value>10<",
        "pubsub#owner'><value>alice@example.org<", "pubsub#publish_model'><value>publishers<"}) {
    CAPTURE(field);
    CHECK(has(answer, field));
  }
  // The read position is its owner's alone, and found by its name.
  alice.peer.feed(ask + "info' node='urn:xmpp:mds:displayed:0'/></iq>");
  CHECK(has(alice.peer.reply(nodes), "pubsub#access_model'><value>whitelist<"));
  alice.peer.feed(
      "<iq type='get' id='i' to='bob@example.org'><query xmlns='http://jabber.org/protocol/disco#info' "
      "node='urn:xmpp:mds:displayed:0'/></iq>");
  CHECK(has(alice.peer.reply(nodes), "<item-not-found"));
  for (const char* what : {"info", "items"}) {
    alice.peer.feed(ask + what + "' node='nothing'/></iq>");
    CHECK(has(alice.peer.reply(nodes), "<item-not-found"));
  }
  alice.peer.feed(ask + "items' node='romeonce'/></iq>");
  alice.peer.reply(nodes);
  core::ItemsFound found;
  found.page.items = {{"368866411b877c30", "<entry/>", {}}};
  CHECK(has(alice.peer.reply(found),
            "<query xmlns='http://jabber.org/protocol/disco#items' node='romeonce'>"
            "<item jid='alice@example.org' name='368866411b877c30'/></query>"));
  alice.peer.feed(ask + "items' node='romeonce'/></iq>");
  alice.peer.reply(nodes);
  CHECK(has(alice.peer.reply(core::Refused{Errc::not_found, {}}),
            "<query xmlns='http://jabber.org/protocol/disco#items' node='romeonce'/>"));
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
  ask("alice@example.org", node);
  CHECK(has(alice.peer.reply(core::NodesFound{}), "item-not-found"));
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
