#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const std::string kPrefs = "<exodus xmlns='exodus:prefs'><defaultnick>Hamlet</defaultnick></exodus>";

std::string query(const std::string& type, const std::string& content, const std::string& to = {}) {
  return "<iq type='" + type + "' id='1001'" + to + "><query xmlns='jabber:iq:private'>" + content + "</query></iq>";
}

std::string result(const std::string& content) {
  return canon("<iq type='result' to='alice@example.org/balcony' id='1001'>" + content + "</iq>");
}

}  // namespace

TEST_CASE("private: XEP-0049 example 1, an element is stored where nobody else gets at it") {
  LoggedIn alice;
  const auto* command = alice.asks<core::Publish>(query("set", kPrefs + "<two xmlns='urn:two'/>"));
  REQUIRE(command != nullptr);
  REQUIRE(command->publications.size() == 2);
  const core::Publication& one = command->publications[0];
  CHECK(one.node == "jabber:iq:private");
  CHECK(one.item == "exodus exodus:prefs");
  CHECK(one.payload == kPrefs);
  const core::NodeConfig config = configured({}, one.options);
  CHECK(config.access == core::Access::whitelist);
  CHECK(config.max_items == core::kMaxItems);
  CHECK_FALSE(config.notify);
  CHECK_FALSE(config.listed);
  CHECK(config.send_last == core::SendLast::never);
  CHECK(canon(alice.peer.reply(core::ItemsPublished{})) == result(""));
  alice.peer.feed(query("set", kPrefs));
  CHECK(has(alice.peer.reply(core::Refused{Errc::too_big, "pep_bytes"}), "pep_bytes"));
}

TEST_CASE("private: XEP-0049 example 2, and what is not there is empty") {
  LoggedIn alice;
  const auto* command = alice.asks<core::GetItems>(query("get", "<exodus xmlns='exodus:prefs'/>"));
  REQUIRE(command != nullptr);
  CHECK(command->node == "jabber:iq:private");
  CHECK(command->query.ids == std::vector<std::string>{"exodus exodus:prefs"});
  core::ItemsFound found;
  found.page.items.push_back({"exodus exodus:prefs", kPrefs, {}});
  CHECK(canon(alice.peer.reply(found)) == result("<query xmlns='jabber:iq:private'>" + kPrefs + "</query>"));
  for (const core::Reply& nothing :
       {core::Reply(core::ItemsFound{}), core::Reply(core::Refused{Errc::not_found, {}})}) {
    alice.peer.feed(query("get", "<exodus xmlns='exodus:prefs'/>"));
    CHECK(canon(alice.peer.reply(nothing)) ==
          result("<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'/></query>"));
  }
  alice.peer.feed(query("get", "<exodus xmlns='exodus:prefs'/>"));
  CHECK(has(alice.peer.reply(core::Refused{Errc::unavailable, {}}), "<resource-constraint"));
}

TEST_CASE("private: XEP-0049 examples 3 to 5, another's, nothing, and what has no namespace of its own") {
  LoggedIn alice;
  for (const char* type : {"get", "set"}) {
    CHECK(has(alice.peer.feed(query(type, kPrefs, " to='bob@example.org'")), "<forbidden"));
    CHECK(has(alice.peer.feed(query(type, "")), "<not-acceptable"));
  }
  CHECK(has(alice.peer.feed(query("set", "<x/>")), "<not-acceptable"));
  CHECK(has(alice.peer.feed(query("set", "<x xmlns='jabber:client'/>")), "<not-acceptable"));
  CHECK(has(alice.peer.feed(query("get", kPrefs + kPrefs)), "<not-acceptable"));
  CHECK(alice.peer.commands.empty());
}

TEST_CASE("private: what is stored cannot be got at as a node") {
  LoggedIn alice;
  const auto pubsub = [&](const std::string& type, const std::string& content, const std::string& ns = "") {
    return alice.peer.feed("<iq type='" + type + "' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub" + ns +
                           "'>" + content + "</pubsub></iq>");
  };
  CHECK(has(pubsub("get", "<items node='jabber:iq:private'/>"), "<item-not-found"));
  CHECK(has(pubsub("set", "<publish node='jabber:iq:private'><item id='i'>" + kPrefs + "</item></publish>"),
            "<forbidden"));
  CHECK(has(pubsub("set", "<retract node='jabber:iq:private'><item id='i'/></retract>"), "<forbidden"));
  CHECK(has(pubsub("set", "<create node='jabber:iq:private'/>"), "<conflict"));
  for (const char* request : {"configure", "delete", "purge"}) {
    CHECK(has(pubsub("set", "<" + std::string(request) + " node='jabber:iq:private'/>", "#owner"), "<forbidden"));
  }
  CHECK(alice.peer.commands.empty());
}
