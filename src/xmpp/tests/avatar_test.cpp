#include "xmpp/avatar.h"

#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const std::string kImage = "aGk=";  // "hi"
const std::string kId = "c22b5f9178342609428d6f51b2c5af4c0bde6a42";
const std::string kData = "<data xmlns='urn:xmpp:avatar:data'>" + kImage + "</data>";
const std::string kMetadata =
    "<metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='2' id='" + kId + "' type='image/png'/></metadata>";

std::string publish(const std::string& node, const std::string& payload, const std::string& item = kId) {
  return "<iq type='set' id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='" + node +
         "'><item id='" + item + "'>" + payload + "</item></publish></pubsub></iq>";
}

core::ItemsFound item(const std::string& payload) {
  core::ItemsFound found;
  if (!payload.empty()) found.page.items.push_back({kId, payload, {}});
  found.page.count = found.page.items.size();
  return found;
}

std::string set_card(const std::string& photo) {
  return "<iq type='set' id='v'><vCard xmlns='vcard-temp'><FN>Juliet</FN>" + photo + "</vCard></iq>";
}

std::string photo(const std::string& base64) {
  return "<PHOTO><TYPE>image/png</TYPE><BINVAL>" + base64 + "</BINVAL></PHOTO>";
}

core::ProfileFound profile(const std::string& avatar, const std::string& card = {}) {
  core::ProfileFound found{{}, avatar};
  if (!card.empty()) found.profile.annex.push_back({core::Wire::xmpp, "vcard-temp", card});
  if (!card.empty()) found.profile.name = "Juliet";
  return found;
}

const std::string kCard = "<vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard>";

std::string told(LoggedIn& alice, const std::string& avatar, const core::Event& said) {
  core::Event event = said;
  std::get<core::Presence>(event.body).avatar = avatar;
  return alice.peer.deliver(event);
}

}  // namespace

TEST_CASE("avatar: XEP-0084 examples 1 and 3, data and metadata; the account's avatar is the image that is there") {
  LoggedIn alice;
  const auto* data = alice.asks<core::Publish>(publish("urn:xmpp:avatar:data", kData));
  REQUIRE(data != nullptr);
  CHECK_FALSE(data->avatar.has_value());
  alice.peer.reply(core::ItemsPublished{{kId}});
  const auto* asked = alice.asks<core::GetItems>(publish("urn:xmpp:avatar:metadata", kMetadata));
  REQUIRE(asked != nullptr);
  CHECK(asked->node == "urn:xmpp:avatar:data");
  CHECK(asked->query.ids == std::vector<std::string>{kId});
  alice.peer.reply(item(kData));
  const auto* metadata = alice.peer.last<core::Publish>();
  REQUIRE(metadata != nullptr);
  CHECK(metadata->avatar == kId);
  CHECK(metadata->publications[0].payload == kMetadata);
  CHECK(
      has(alice.peer.reply(core::ItemsPublished{{kId}}), "<publish node='urn:xmpp:avatar:metadata'><item id='" + kId));
}

TEST_CASE("avatar: XEP-0398 §4.1, what is not there, or not what its name says, is published and not shown") {
  LoggedIn alice;
  const auto avatar = [&](const std::string& metadata, core::Reply data) {
    alice.peer.commands.clear();
    alice.peer.feed(publish("urn:xmpp:avatar:metadata", metadata));
    if (alice.peer.last<core::GetItems>() != nullptr) alice.peer.reply(std::move(data));
    const auto* command = alice.peer.last<core::Publish>();
    return command == nullptr ? "NOT PUBLISHED" : command->avatar.value_or("NOT SAID");
  };
  const std::string none(core::kNoAvatar);
  CHECK(avatar(kMetadata, item("")) == none);
  CHECK(avatar(kMetadata, core::Refused{Errc::not_found, {}}) == none);
  CHECK(avatar(kMetadata, item("<data xmlns='urn:xmpp:avatar:data'>aGkh</data>")) == none);
  CHECK(avatar(kMetadata, item("<other xmlns='urn:x'>" + kImage + "</other>")) == none);
  // Example 7: switched off. Examples 2 and 12: the one among several that is here, whatever its case.
  CHECK(avatar("<metadata xmlns='urn:xmpp:avatar:metadata'/>", core::Done{}) == none);
  const std::string elsewhere =
      "<info bytes='3' id='357a' type='image/gif' url='http://avatars.example.org/happy.gif'/>";
  CHECK(avatar("<metadata xmlns='urn:xmpp:avatar:metadata'>" + elsewhere + "</metadata>", core::Done{}) == none);
  std::string upper = kId;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(avatar("<metadata xmlns='urn:xmpp:avatar:metadata'>" + elsewhere + "<info id='" + upper +
                   "' type='image/png'/></metadata>",
               item(kData)) == kId);
}

TEST_CASE("avatar: what is no avatar is no payload of its nodes") {
  LoggedIn alice;
  CHECK(has(alice.peer.feed(publish("urn:xmpp:avatar:data", "<data xmlns='urn:xmpp:avatar:data'>?</data>")),
            "<invalid-payload"));
  CHECK(has(alice.peer.feed(publish("urn:xmpp:avatar:data", kMetadata)), "<invalid-payload"));
  CHECK(has(alice.peer.feed(publish("urn:xmpp:avatar:metadata", kData)), "<invalid-payload"));
  CHECK(decode_image(" aG\n k=\t") == "hi");
}

TEST_CASE("avatar: what is retracted, purged or deleted is shown no more") {
  LoggedIn alice;
  const auto retract = [](const std::string& node, const std::string& item) {
    return "<iq type='set' id='r'><pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='" + node +
           "'><item id='" + item + "'/></retract></pubsub></iq>";
  };
  const std::string none(core::kNoAvatar);
  const auto* command = alice.asks<core::Publish>(retract("urn:xmpp:avatar:metadata", kId));
  REQUIRE(command != nullptr);
  CHECK(command->avatar == none);
  for (const bool shown : {true, false}) {
    alice.peer.commands.clear();
    alice.peer.feed(retract("urn:xmpp:avatar:data", kId));
    alice.peer.reply(profile(shown ? kId : "another"));
    command = alice.peer.last<core::Publish>();
    REQUIRE(command != nullptr);
    CHECK(command->avatar.has_value() == shown);
  }
  for (const char* what : {"purge", "delete"}) {
    const auto* clear =
        alice.asks<core::ClearNode>("<iq type='set' id='c'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><" +
                                    std::string(what) + " node='urn:xmpp:avatar:data'/></pubsub></iq>");
    REQUIRE(clear != nullptr);
    CHECK(clear->avatar == none);
  }
}

TEST_CASE("avatar: XEP-0398 §4.2, the picture of a vCard is published, and is not in the card") {
  LoggedIn alice;
  REQUIRE(alice.asks<core::GetProfile>(set_card(photo(" aG\nk=") + photo("b3RoZXI="))) != nullptr);
  alice.peer.reply(profile(""));
  const auto* command = alice.peer.last<core::Publish>();
  REQUIRE(command != nullptr);
  REQUIRE(command->publications.size() == 2);
  CHECK(command->publications[0].node == "urn:xmpp:avatar:data");
  CHECK(command->publications[0].item == kId);
  CHECK(command->publications[0].payload == kData);
  CHECK(command->publications[1].node == "urn:xmpp:avatar:metadata");
  CHECK(command->publications[1].item == kId);
  CHECK(canon(command->publications[1].payload) == canon(kMetadata));
  for (const core::Publication& each : command->publications) {
    CHECK(each.options.access == core::Access::open);
    CHECK_FALSE(each.insists);
  }
  CHECK(command->avatar == kId);
  REQUIRE(command->profile.has_value());
  CHECK(command->profile->name == "Juliet");
  CHECK(canon(command->profile->annex[0].bytes) == canon(kCard));
  CHECK(canon(alice.peer.reply(core::ItemsPublished{{kId, kId}})) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='v'/>"));
  alice.peer.feed(set_card(photo(kImage)));
  alice.peer.reply(profile(""));
  CHECK(has(alice.peer.reply(core::Refused{Errc::too_big, "pep_item_bytes"}), "<policy-violation"));
}

TEST_CASE("avatar: a card with the same picture, without any, and with one that cannot be read") {
  LoggedIn alice;
  const auto answer = [&](const std::string& photos, const std::string& avatar) {
    alice.peer.commands.clear();
    alice.peer.feed(set_card(photos));
    alice.peer.reply(profile(avatar));
  };
  answer(photo(kImage), kId);
  CHECK(alice.peer.last<core::SetProfile>() != nullptr);
  answer("", "");
  CHECK(alice.peer.last<core::SetProfile>() != nullptr);
  answer("", std::string(core::kNoAvatar));
  CHECK(alice.peer.last<core::SetProfile>() != nullptr);
  // XEP-0153 §3.1: there was one.
  for (const std::string& none : {std::string(), photo("")}) {
    answer(none, kId);
    const auto* command = alice.peer.last<core::Publish>();
    REQUIRE(command != nullptr);
    CHECK(command->avatar == std::string(core::kNoAvatar));
    REQUIRE(command->publications.size() == 1);
    CHECK(command->publications[0].payload == "<metadata xmlns='urn:xmpp:avatar:metadata'/>");
    CHECK(command->profile.has_value());
  }
  alice.peer.commands.clear();
  CHECK(has(alice.peer.feed(set_card(photo("?"))), "<bad-request"));
  CHECK(alice.peer.commands.empty());
}

TEST_CASE("avatar: XEP-0153 example 6, the vCard shows the avatar to whoever may see it") {
  LoggedIn alice;
  const std::string shown = "<vCard xmlns='vcard-temp'><FN>Juliet</FN>" + photo(kImage) + "</vCard>";
  for (const std::string& to : {std::string(), std::string("bob@example.org")}) {
    const std::string whose = to.empty() ? "" : " to='" + to + "'";
    alice.peer.commands.clear();
    alice.peer.feed("<iq type='get' id='v'" + whose + "><vCard xmlns='vcard-temp'/></iq>");
    alice.peer.reply(profile(kId, kCard));
    const auto* metadata = alice.peer.last<core::GetItems>();
    REQUIRE(metadata != nullptr);
    CHECK(metadata->of.local == (to.empty() ? "" : "bob"));
    CHECK(metadata->query.max == 1);
    alice.peer.reply(item(kMetadata));
    const auto* data = alice.peer.last<core::GetItems>();
    REQUIRE(data != nullptr);
    CHECK(data->node == "urn:xmpp:avatar:data");
    CHECK(data->query.ids == std::vector<std::string>{kId});
    const std::string answer = alice.peer.reply(item(kData));
    CHECK(has(answer, shown));
  }
}

TEST_CASE("avatar: who may not see it gets the card without a picture") {
  LoggedIn alice;
  const std::string get = "<iq type='get' id='v' to='bob@example.org'><vCard xmlns='vcard-temp'/></iq>";
  const std::string old = "<vCard xmlns='vcard-temp'><FN>Juliet</FN>" + photo("b2xk") + "</vCard>";
  alice.peer.feed(get);
  alice.peer.reply(profile(kId, old));
  const std::string answer = alice.peer.reply(core::Refused{Errc::not_found, {}});
  CHECK(has(answer, "<FN>Juliet</FN>"));
  CHECK_FALSE(has(answer, "PHOTO"));
  alice.peer.feed(get);
  alice.peer.reply(profile(kId, old));
  alice.peer.reply(item(kMetadata));
  CHECK_FALSE(has(alice.peer.reply(core::Refused{Errc::not_found, {}}), "PHOTO"));
  // One who published nothing but a picture, for friends.
  alice.peer.feed(get);
  alice.peer.reply(profile(kId));
  CHECK(has(alice.peer.reply(core::Refused{Errc::not_found, {}}), "<item-not-found"));
  // A card of before pictures were avatars keeps its own, until there is one or it is switched off.
  alice.peer.feed(get);
  CHECK(has(alice.peer.reply(profile("", old)), photo("b2xk")));
  alice.peer.feed(get);
  CHECK_FALSE(has(alice.peer.reply(profile(std::string(core::kNoAvatar), old)), "PHOTO"));
  // A picture that is somewhere else is no business of avatars.
  alice.peer.feed(get);
  CHECK(has(alice.peer.reply(profile(std::string(core::kNoAvatar),
                                     "<vCard xmlns='vcard-temp'><PHOTO><EXTVAL>http://x</EXTVAL></PHOTO></vCard>")),
            "<EXTVAL>"));
}

TEST_CASE("avatar: XEP-0398 §4.3, the hash in presence is the server's, but for an empty photo") {
  LoggedIn alice;
  const auto said = [&](const std::string& content) {
    const auto* command = alice.asks<core::SetPresence>("<presence>" + content + "</presence>");
    REQUIRE(command != nullptr);
    core::Event event = command->event;
    event.from = {"alice", "example.org", "balcony"};
    return event;
  };
  const std::string hash = "<x xmlns='vcard-temp:x:update'><photo>" + kId + "</photo></x>";
  const std::string empty = "<x xmlns='vcard-temp:x:update'><photo/></x>";
  CHECK(has(told(alice, kId, said("")), hash));
  CHECK(has(told(alice, kId, said("<x xmlns='vcard-temp:x:update'/>")), hash));
  const std::string other = told(alice, kId, said("<x xmlns='vcard-temp:x:update'><photo>01b87f</photo></x>"));
  CHECK(has(other, hash));
  CHECK_FALSE(has(other, "01b87f"));
  CHECK(has(told(alice, kId, said(empty)), empty));
  CHECK_FALSE(has(told(alice, "", said("<x xmlns='vcard-temp:x:update'><photo>01b87f</photo></x>")), "x:update"));
  CHECK(has(told(alice, std::string(core::kNoAvatar), said("")), empty));
  core::Event gone = from_bob(core::Presence{.status = core::Status::offline});
  CHECK_FALSE(has(told(alice, kId, gone), "x:update"));
  CHECK(has(alice.peer.feed("<iq type='get' id='i'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"),
            "<feature var='urn:xmpp:pep-vcard-conversion:0'/>"));
}
