// What an account as a whole says of itself: what it listens to, and its avatar.
#include "capulet.h"

using namespace confab;
using namespace confab::core;

TEST_CASE("listening: account state that friends are told of, and that a presence says as well") {
  Capulet world;
  SetListening command{"Yes \xE2\x80\x93 Heart of the Sunrise", {{Wire::xmpp, "tune", "<tune/>"}}};
  const Plan plan = world.done(command);
  CHECK(told_to(plan) == Names{"nurse", "romeo"});
  REQUIRE(plan.notifies.size() == 2);
  const Event& event = *change_of<PutListening>(plan)->event;
  CHECK(event == *plan.notifies[0].event);
  CHECK(event.from == kJuliet);
  CHECK(event.annex == command.annex);
  CHECK(world.account.row.last.listening == command.text);
  CHECK(look_around(world.account, kJuliet)->listening);
  CHECK_FALSE(hears_not(world.account, kRomeo).has_value());
  CHECK_FALSE(hears_not(world.account, kJuliet).has_value());
  CHECK(hears_not(world.account, kBenvolio)->code == Errc::not_found);
  CHECK(world.refused(SetListening{std::string(kMaxListening + 1, 'x'), {}}).code == Errc::too_big);
  command.annex[0].bytes = std::string(world.policy.pep_item_bytes, 'x');
  CHECK(world.refused(command).code == Errc::too_big);

  Event presence;
  presence.body = Presence{.status = Status::online, .listening = "the radio"};
  const Plan said = world.done(SetPresence{presence});
  CHECK(std::get<Listening>(change_of<PutListening>(said)->event->body).text == "the radio");
  CHECK(said.last->listening == "the radio");
  CHECK(world.account.row.last.listening == "the radio");
  CHECK(world.done(SetPresence{presence}).changes.empty());
  world.done(SetListening{});
  CHECK(world.account.row.last.listening.empty());
}

TEST_CASE("avatar: account state that every presence carries, and that is announced when it changes") {
  Capulet world;
  Publish publish = publication("urn:xmpp:avatar:metadata", "111f", "<metadata/>");
  publish.avatar = "111f";
  const Plan plan = world.done(publish);
  CHECK(plan.announce);
  CHECK(world.account.row.last.avatar == "111f");
  world.account.sessions[1].lingering = true;
  const Plan announced = announce_presence(world.account, world.context());
  REQUIRE(announced.sessions.size() == 1);
  CHECK(std::get<Presence>(announced.sessions[0].presence->body).avatar == "111f");
  CHECK(told_to(announced) == Names{"nurse", "romeo"});
  CHECK(announced.notifies.size() == 1);

  Event presence;
  presence.body = Presence{.status = Status::online, .avatar = "forged"};
  const Plan said = world.done(SetPresence{presence});
  CHECK(std::get<Presence>(said.forwards[0].event->body).avatar == "111f");
  presence.to = kBenvolio;
  CHECK(std::get<Presence>(world.done(SetPresence{presence}).forwards[0].event->body).avatar == "111f");
  CHECK_FALSE(world.done(publish).announce);
  CHECK(world.done(ClearNode{"urn:xmpp:avatar:metadata", true, std::string(kNoAvatar)}).announce);
  CHECK(world.account.row.last.avatar == kNoAvatar);
}

TEST_CASE("avatar: who never had one has none to take away") {
  Capulet world;
  Publish publish = publication("urn:xmpp:avatar:metadata", "", "<metadata/>");
  publish.avatar = std::string(kNoAvatar);
  CHECK_FALSE(world.done(publish).announce);
  CHECK(world.account.row.last.avatar.empty());
}

TEST_CASE("the last presence leaves listening and avatar alone") {
  AccountRow row;
  row.last.listening = "radio";
  row.last.avatar = "111f";
  row.set_last(Presence{.status = Status::away, .listening = "x", .avatar = "y"});
  CHECK(row.last.status == Status::away);
  CHECK(row.last.listening == "radio");
  CHECK(row.last.avatar == "111f");
}
