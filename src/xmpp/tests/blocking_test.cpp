#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const Address kRomeo{"romeo", "montague.net", ""};
const Address kIago{"iago", "shakespeare.lit", ""};

std::string in_set(const std::string& payload) {
  return "<iq type='set' id='b1'>" + payload + "</iq>";
}

}  // namespace

TEST_CASE("blocking: XEP-0191 example 1 and 2, announced") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed("<iq type='get' to='example.org' id='disco1'>"
                            "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"),
            "<feature var='urn:xmpp:blocking'/>"));
}

TEST_CASE("blocking: XEP-0191 example 3 to 5, the list") {
  LoggedIn alice;
  const auto ask = [&](core::BlockedPeers peers) {
    REQUIRE(alice.asks<core::GetBlocks>("<iq type='get' id='blocklist1'><blocklist xmlns='urn:xmpp:blocking'/></iq>") !=
            nullptr);
    return canon(alice.peer.reply(std::move(peers)));
  };
  CHECK(ask({{kRomeo, kIago}}) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='blocklist1'><blocklist xmlns='urn:xmpp:blocking'>"
              "<item jid='romeo@montague.net'/><item jid='iago@shakespeare.lit'/></blocklist></iq>"));
  CHECK(ask({}) == canon("<iq type='result' to='alice@example.org/balcony' id='blocklist1'>"
                         "<blocklist xmlns='urn:xmpp:blocking'/></iq>"));
}

TEST_CASE("blocking: XEP-0191 example 6 and 7, block") {
  LoggedIn alice;
  const auto* block = alice.asks<core::Block>(
      in_set("<block xmlns='urn:xmpp:blocking'><item jid='Romeo@montague.net'/><item jid='shakespeare.lit'/></block>"));
  REQUIRE(block != nullptr);
  CHECK(block->peers == std::vector<Address>{kRomeo, {"", "shakespeare.lit", ""}});
  CHECK(canon(alice.peer.reply(core::Done{})) == canon("<iq type='result' to='alice@example.org/balcony' id='b1'/>"));
}

TEST_CASE("blocking: XEP-0191 example 8 and 12, the pushes") {
  LoggedIn alice;
  const std::string block = alice.peer.deliver(from_bob(core::BlockChange{{kRomeo}, true}));
  CHECK(has(block, "<block xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></block>"));
  CHECK(has(block, "type='set'"));
  CHECK_FALSE(has(block, "bob"));
  CHECK(has(alice.peer.deliver(from_bob(core::BlockChange{{kRomeo}, false})),
            "<unblock xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></unblock>"));
  CHECK(has(alice.peer.deliver(from_bob(core::BlockChange{{}, false})), "<unblock xmlns='urn:xmpp:blocking'/>"));
  CHECK(alice.peer.deliver(from_bob(core::BlockChange{{}, true})).empty());
}

TEST_CASE("blocking: XEP-0191 §3.3, what cannot be blocked") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed(in_set("<block xmlns='urn:xmpp:blocking'/>")), "bad-request"));
  CHECK(has(alice.peer.feed(in_set("<block xmlns='urn:xmpp:blocking'><item jid='@@'/></block>")), "jid-malformed"));
  CHECK(has(alice.peer.feed(in_set("<block xmlns='urn:xmpp:blocking'><item/></block>")), "jid-malformed"));
  CHECK(alice.peer.commands.empty());
}

TEST_CASE("blocking: XEP-0191 example 10 and 14, unblock some and all") {
  LoggedIn alice;
  const auto* one = alice.asks<core::Unblock>(
      in_set("<unblock xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></unblock>"));
  REQUIRE(one != nullptr);
  CHECK(one->peers == std::vector<Address>{kRomeo});
  const auto* all = alice.asks<core::Unblock>(in_set("<unblock xmlns='urn:xmpp:blocking'/>"));
  REQUIRE(all != nullptr);
  CHECK(all->peers.empty());
}

TEST_CASE("blocking: what cannot be read doesn't unblock everybody") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed(in_set("<unblock xmlns='urn:xmpp:blocking'><itme jid='a@b'/></unblock>")), "bad-request"));
  CHECK(has(alice.peer.feed(in_set("<unblock xmlns='urn:xmpp:blocking'><item/></unblock>")), "jid-malformed"));
  CHECK(alice.peer.commands.empty());
}

TEST_CASE("blocking: nobody sees another's list") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed("<iq type='get' to='bob@example.org' id='b'><blocklist xmlns='urn:xmpp:blocking'/></iq>"),
            "service-unavailable"));
}
