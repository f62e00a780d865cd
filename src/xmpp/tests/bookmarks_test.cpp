#include "xmpp/bookmarks.h"

#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const std::string kPlay = "theplay@conference.shakespeare.lit";
const std::string kOrchard = "orchard@conference.shakespeare.lit";
// XEP-0402 example 4, and what XEP-0048 says of the same rooms.
const std::string kPlayRoom =
    "<conference xmlns='urn:xmpp:bookmarks:1' name='The Play&apos;s the Thing' "
    "autojoin='true'><nick>JC</nick></conference>";
const std::string kOrchardRoom =
    "<conference xmlns='urn:xmpp:bookmarks:1' name='The Orcard' autojoin='1'><nick>JC</nick><extensions>"
    "<state xmlns='http://myclient.example/bookmark/state' minimized='true'/></extensions></conference>";
const std::string kPlayListed =
    "<conference jid='" + kPlay + "' name='The Play&apos;s the Thing' autojoin='true'><nick>JC</nick></conference>";
const std::string kOrchardListed =
    "<conference jid='" + kOrchard + "' name='The Orcard' autojoin='1'><nick>JC</nick></conference>";
const std::string kUrl = "<url name='Complete Works of Shakespeare' url='http://the-tech.mit.edu/Shakespeare/'/>";

std::string list(const std::string& content) {
  return "<storage xmlns='storage:bookmarks'>" + content + "</storage>";
}

std::string private_set(const std::string& content) {
  return "<iq type='set' id='1'><query xmlns='jabber:iq:private'>" + content + "</query></iq>";
}
const std::string kPrivateGet =
    "<iq type='get' id='1'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>";

std::string pubsub(const std::string& type, const std::string& content, const std::string& to = {}) {
  return "<iq type='" + type + "' id='1'" + to + "><pubsub xmlns='http://jabber.org/protocol/pubsub'>" + content +
         "</pubsub></iq>";
}

core::ItemsFound rooms(std::vector<core::Item> items) {
  core::ItemsFound found;
  found.page.count = items.size();
  found.page.items = std::move(items);
  return found;
}
const core::ItemsFound kBoth = rooms({{kPlay, kPlayRoom, {}}, {kOrchard, kOrchardRoom, {}}});
const core::Reply kNothing = core::Refused{Errc::not_found, "node"};

struct Client : LoggedIn {
  // What is submitted when the client says `text`, and the bookmarks are `before`.
  const core::Publish* changes(const std::string& text, core::Reply before, core::Reply rest = kNothing) {
    peer.commands.clear();
    peer.feed(text);
    peer.reply(std::move(before));
    peer.reply(std::move(rest));
    return peer.last<core::Publish>();
  }
};

}  // namespace

TEST_CASE("bookmarks: XEP-0402 example 5, a room is an item of its own") {
  Client alice;
  const auto* command = alice.asks<core::Publish>(pubsub(
      "set", "<publish node='urn:xmpp:bookmarks:1'><item id='" + kPlay + "'>" + kPlayRoom + "</item></publish>"));
  REQUIRE(command != nullptr);
  CHECK(command->publications[0].item == kPlay);
  CHECK(has(alice.peer.feed(pubsub("set", "<publish node='urn:xmpp:bookmarks:1'><item id='" + kPlay +
                                              "'><room xmlns='urn:x'/></item></publish>")),
            "<invalid-payload"));
  CHECK(has(alice.peer.feed(
                pubsub("set", "<publish node='urn:xmpp:bookmarks:1'><item id='@'>" + kPlayRoom + "</item></publish>")),
            "<jid-malformed"));
}

TEST_CASE("bookmarks: XEP-0402 §5.2, the list of XEP-0048 is made of the items, in private storage and as a node") {
  Client alice;
  alice.peer.feed(kPrivateGet);
  const auto* asked = alice.peer.last<core::GetItems>();
  REQUIRE(asked != nullptr);
  CHECK(asked->node == "urn:xmpp:bookmarks:1");
  CHECK(asked->query.whole);
  alice.peer.reply(kBoth);
  CHECK(canon(alice.peer.reply(rooms({{"storage storage:bookmarks", list(kUrl), {}}}))) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'><query xmlns='jabber:iq:private'>" +
              list(kPlayListed + kOrchardListed + kUrl) + "</query></iq>"));
  alice.peer.feed(pubsub("get", "<items node='storage:bookmarks'/>"));
  alice.peer.reply(kBoth);
  CHECK(canon(alice.peer.reply(kNothing)) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'><pubsub "
              "xmlns='http://jabber.org/protocol/pubsub'><items node='storage:bookmarks'><item id='current'>" +
              list(kPlayListed + kOrchardListed) + "</item></items></pubsub></iq>"));
}

TEST_CASE("bookmarks: where there are none, the private list is empty and the node is not there") {
  Client alice;
  alice.peer.feed(kPrivateGet);
  alice.peer.reply(kNothing);
  CHECK(has(alice.peer.reply(kNothing), "<storage xmlns='storage:bookmarks'/>"));
  alice.peer.feed(pubsub("get", "<items node='storage:bookmarks'/>"));
  alice.peer.reply(kNothing);
  CHECK(has(alice.peer.reply(kNothing), "<item-not-found"));
  alice.peer.feed(kPrivateGet);
  CHECK(has(alice.peer.reply(core::Refused{Errc::unavailable, {}}), "<resource-constraint"));
  alice.peer.feed(pubsub("get", "<items node='storage:bookmarks'/>", " to='bob@example.org'"));
  CHECK(alice.peer.last<core::GetItems>()->of == Address{"bob", "example.org", {}});
  CHECK_FALSE(alice.peer.last<core::GetItems>()->query.whole);
  CHECK(has(alice.peer.reply(core::Refused{Errc::not_allowed, std::string(core::why::kClosed)}), "<closed-node"));
}

TEST_CASE("bookmarks: XEP-0402 §5.3, a list changes the items that differ, and no others") {
  Client alice;
  const std::string garden =
      "<conference jid='Garden@Conference.shakespeare.lit' autojoin='0'><password>x</password>"
      "<minimize xmlns='urn:client'/></conference>";
  const auto* command = alice.changes(private_set(list(kPlayListed + garden)), kBoth);
  REQUIRE(command != nullptr);
  REQUIRE(command->publications.size() == 1);
  CHECK(command->publications[0].node == "urn:xmpp:bookmarks:1");
  CHECK(command->publications[0].item == "garden@conference.shakespeare.lit");
  CHECK(command->publications[0].options.access == core::Access::whitelist);
  CHECK(command->publications[0].options.send_last == core::SendLast::never);
  CHECK_FALSE(command->publications[0].insists);
  CHECK(canon(command->publications[0].payload) ==
        canon("<conference xmlns='urn:xmpp:bookmarks:1'><password>x</password><extensions>"
              "<minimize xmlns='urn:client'/></extensions></conference>"));
  REQUIRE(command->retractions.size() == 1);
  CHECK(command->retractions[0].item == kOrchard);
  CHECK(command->retractions[0].notify);
  CHECK(canon(alice.peer.reply(core::ItemsPublished{})) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'/>"));
  // The same list again: nothing to be told.
  command = alice.changes(private_set(list(kOrchardListed + kPlayListed)), kBoth);
  REQUIRE(command != nullptr);
  CHECK(command->publications.empty());
  CHECK(command->retractions.empty());
}

TEST_CASE("bookmarks: what a list does not know of a room stays") {
  Client alice;
  const std::string renamed = "<conference jid='" + kOrchard +
                              "' name='The Orchard' autojoin='true'><nick>JC</nick>"
                              "<color xmlns='urn:client'>green</color></conference>";
  const auto* command = alice.changes(private_set(list(renamed + kPlayListed)), kBoth);
  REQUIRE(command != nullptr);
  REQUIRE(command->publications.size() == 1);
  CHECK(canon(command->publications[0].payload) ==
        canon("<conference xmlns='urn:xmpp:bookmarks:1' name='The Orchard' autojoin='1'><nick>JC</nick><extensions>"
              "<state xmlns='http://myclient.example/bookmark/state' minimized='true'/>"
              "<color xmlns='urn:client'>green</color></extensions></conference>"));
  const std::string left =
      "<conference jid='" + kPlay + "' name='The Play&apos;s the Thing'><nick>JC</nick></conference>";
  command = alice.changes(private_set(list(left + kOrchardListed)), kBoth);
  REQUIRE(command != nullptr);
  REQUIRE(command->publications.size() == 1);
  CHECK_FALSE(has(command->publications[0].payload, "autojoin"));
}

TEST_CASE("bookmarks: XEP-0048 example 2, what of a list is no room is kept beside it") {
  Client alice;
  const core::ItemsFound kept = rooms({{"storage storage:bookmarks", list(kUrl), {}}});
  const auto* command = alice.changes(private_set(list(kUrl)), kNothing);
  REQUIRE(command != nullptr);
  REQUIRE(command->publications.size() == 1);
  CHECK(command->publications[0].node == "jabber:iq:private");
  CHECK(command->publications[0].item == "storage storage:bookmarks");
  CHECK(command->publications[0].payload == list(kUrl));
  CHECK(alice.changes(private_set(list(kUrl)), kNothing, kept)->publications.empty());
  command = alice.changes(private_set(list("")), kNothing, kept);
  REQUIRE(command != nullptr);
  REQUIRE(command->retractions.size() == 1);
  CHECK(command->retractions[0].node == "jabber:iq:private");
}

TEST_CASE("bookmarks: a list with a room that cannot be one is refused whole") {
  Client alice;
  alice.peer.feed(private_set(list(kPlayListed + "<conference jid='@'/>")));
  alice.peer.reply(kNothing);
  CHECK(has(alice.peer.reply(kNothing), "<jid-malformed"));
  CHECK(alice.peer.last<core::Publish>() == nullptr);
}

TEST_CASE("bookmarks: XEP-0048 example 4, a list is published as a node; retracted, purged, there is none") {
  Client alice;
  const std::string options =
      "<publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>"
      "http://jabber.org/protocol/pubsub#publish-options</value></field><field var='pubsub#persist_items'><value>true"
      "</value></field><field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options>";
  const std::string publish =
      "<publish node='storage:bookmarks'><item id='current'>" + list(kPlayListed) + "</item></publish>";
  const auto* command = alice.changes(pubsub("set", publish + options), kNothing);
  REQUIRE(command != nullptr);
  CHECK(command->publications[0].item == kPlay);
  CHECK(has(alice.peer.reply(core::ItemsPublished{{kPlay}}), "<publish node='storage:bookmarks'><item id='current'/>"));
  CHECK(
      has(alice.peer.feed(pubsub("set", "<publish node='storage:bookmarks'><item><x xmlns='urn:x'/></item></publish>")),
          "<invalid-payload"));
  const std::string retract = "<retract node='storage:bookmarks'><item id='";
  CHECK(has(alice.peer.feed(pubsub("set", retract + "other'/></retract>")), "<item-not-found"));
  command = alice.changes(pubsub("set", retract + "current'/></retract>"), kBoth);
  REQUIRE(command != nullptr);
  CHECK(command->retractions.size() == 2);
  command = alice.changes(
      "<iq type='set' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
      "<delete node='storage:bookmarks'/></pubsub></iq>",
      kBoth);
  REQUIRE(command != nullptr);
  CHECK(command->retractions.size() == 2);
}

TEST_CASE("bookmarks: who wants to be told of the list is told of it when a room changes, once for many") {
  Client alice;
  alice.site->caps->put(std::make_shared<const Interests>(Interests{"sha-1 v", {"storage:bookmarks"}}));
  alice.peer.feed("<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>");
  // XEP-0048 §3.2: at its first presence, too.
  REQUIRE(alice.peer.last<core::GetItems>() != nullptr);
  CHECK(alice.peer.last<core::ShowLast>() == nullptr);
  alice.peer.reply_to(alice.peer.commands.back().request, kNothing);
  CHECK(alice.peer.reply_to(alice.peer.commands.back().request, kNothing).empty());
  alice.peer.commands.clear();
  core::Event event;
  event.from = {"alice", "example.org", {}};
  event.body = core::Published{.node = "urn:xmpp:bookmarks:1", .item = kPlay, .payload = kPlayRoom};
  for (int i = 0; i < 50; ++i) CHECK(alice.peer.deliver(event).empty());
  CHECK(alice.peer.commands.size() == 1);
  alice.peer.reply(rooms({{kPlay, kPlayRoom, {}}}));
  const std::string told = alice.peer.reply(kNothing);
  CHECK(has(told, "<message from='alice@example.org' to='alice@example.org/balcony'"));
  CHECK(has(told,
            "type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items "
            "node='storage:bookmarks'><item id='current'>" +
                list(kPlayListed)));
  CHECK(alice.peer.commands.size() == 1);
  alice.peer.reply(rooms({}));
  CHECK(has(alice.peer.reply(kNothing), "<item id='current'><storage xmlns='storage:bookmarks'/></item>"));
  CHECK(alice.peer.commands.empty());
  // Another's bookmarks are his own affair.
  event.from = {"bob", "example.org", {}};
  alice.peer.deliver(event);
  CHECK(alice.peer.commands.empty());
}
