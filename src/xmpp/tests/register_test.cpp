#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

std::string in_set(const std::string& content) {
  return "<iq type='set' to='example.org' id='r'><query xmlns='jabber:iq:register'>" + content + "</query></iq>";
}

}  // namespace

TEST_CASE("register: XEP-0077 example 3, who is registered") {
  LoggedIn alice;
  CHECK(canon(alice.peer.feed("<iq type='get' to='example.org' id='reg1'><query xmlns='jabber:iq:register'/></iq>")) ==
        canon("<iq type='result' from='example.org' to='alice@example.org/balcony' id='reg1'>"
              "<query xmlns='jabber:iq:register'><registered/><username>alice</username><password/></query></iq>"));
}

TEST_CASE("register: XEP-0077 example 18 and 19, a new password") {
  LoggedIn alice;
  const auto* change =
      alice.asks<core::ChangePassword>(in_set("<username>Alice</username><password>newpass</password>"));
  REQUIRE(change != nullptr);
  CHECK(change->password == "newpass");
  CHECK(canon(alice.peer.reply(core::Done{})) ==
        canon("<iq type='result' from='example.org' to='alice@example.org/balcony' id='r'/>"));
}

TEST_CASE("register: XEP-0077 §3.3, no new password") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed(in_set("<password>newpass</password>")), "bad-request"));
  CHECK(has(alice.peer.feed(in_set("<username>alice</username>")), "bad-request"));
  CHECK(has(alice.peer.feed(in_set("<username>alice</username><password/>")), "bad-request"));
  CHECK(has(alice.peer.feed(in_set("<username>bob</username><password>newpass</password>")), "not-allowed"));
  CHECK(alice.peer.commands.empty());
}

TEST_CASE("register: XEP-0077 example 21, not where a password could be overheard") {
  FakeWorld world;
  const auto site = world.site({});
  const Address me{"alice", "example.org", "balcony"};
  const Address to;
  const Place place{site->config, site->extensions, me, world.now, false, false};
  xml::Document document;
  xml::Element& query = document.make("query", "jabber:iq:register");
  query.add("username").text("alice");
  query.add("password").text("newpass");
  Iq iq(place, document, IqType::set, to, IqTo::self, "r");
  const auto answerer = site->extensions.iq_answerer(IqType::set, query, IqTo::self);
  REQUIRE((answerer != nullptr));
  answerer(query, iq);
  REQUIRE(iq.answer() != nullptr);
  CHECK(iq.answer()->child("error", kClientNs)->has_child("not-authorized", kStanzasNs));
  CHECK_FALSE(iq.question());
}

TEST_CASE("register: XEP-0077 example 11, the account's end") {
  LoggedIn alice;
  CHECK(alice.asks<core::RemoveAccount>(in_set("<remove/>")) != nullptr);
}

TEST_CASE("register: XEP-0077 §3.2, remove stands alone, and is one's own") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed(in_set("<remove/><username>alice</username>")), "bad-request"));
  CHECK(has(alice.peer.feed("<iq type='set' to='bob@example.org' id='r'><query xmlns='jabber:iq:register'><remove/>"
                            "</query></iq>"),
            "service-unavailable"));
  CHECK(alice.peer.commands.empty());
}
