// What a device over MQTT keeps from one connection to the next (wire-mqtt.md §1, §4).
#include <doctest/doctest.h>

#include "mqtt/tests/mqtt_peer.h"

using namespace confab;
using namespace confab::mqtt;

namespace {

struct Device {
  explicit Device(Level level, core::SessionOpened opened = {}, std::string_view client = "phone")
      : site(world.site()), peer(site, false, level) {
    Connect connect = connect_as(client, level);
    connect.clean_start = false;
    connect.session_expiry = 3600;
    peer.feed(connect);
    peer.reply(core::Done{});
    opened.id = 1;
    opened.resource = client;
    peer.reply(opened);
  }
  void begin(const core::RosterItems& roster = {}) {
    peer.reply(roster);
    peer.reply(core::PresencesFound{});
    peer.reply(core::Done{});
    peer.reply(core::Done{});
  }
  void acknowledge_all() {
    const std::vector<Publish> told = peer.sent<Publish>();
    for (const Publish& each : told) {
      if (each.qos == 1) peer.feed(Ack{Ack::Kind::puback, each.id, Reason::success, {}, {}});
    }
  }
  std::vector<Reason> subscribe(std::string_view filter, bool kept) {
    Subscribe wanted;
    wanted.id = 9;
    wanted.subscriptions.push_back({.filter = filter, .qos = 1});
    peer.feed(wanted);
    if (kept) peer.reply(core::Done{});
    return peer.sent<Suback>().empty() ? std::vector<Reason>() : peer.sent<Suback>().back().reasons;
  }

  FakeWorld world;
  Site site;
  Peer peer;
};

core::SessionOpened with_memo(std::string memo) {
  core::SessionOpened opened;
  opened.present = true;
  opened.memo = std::move(memo);
  return opened;
}

core::Event presence_of_bob() {
  core::Event told;
  told.from = {"bob", "example.org", {}};
  told.body = core::Presence{.status = core::Status::away};
  core::Event event = told;
  event.from.resource = "desk";
  std::get<core::Presence>(event.body).account = std::make_shared<core::Event>(told);
  return event;
}

}  // namespace

TEST_CASE("im: a class that was turned off is remembered before it is acknowledged, and stays off") {
  Device a(Level::v5);
  a.begin();
  a.peer.forget();
  Unsubscribe off;
  off.id = 3;
  off.filters = {"im/u/+/presence/#"};
  a.peer.feed(off);
  const auto* note = a.peer.command<core::NoteDevice>();
  REQUIRE(note != nullptr);
  CHECK(a.peer.sent<Unsuback>().empty());
  const std::string memo = note->memo.value();
  a.peer.reply(core::Done{});
  CHECK(a.peer.sent<Unsuback>()[0].reasons == std::vector{Reason::success});
  Device again(Level::v5, with_memo(memo));
  again.begin();
  again.peer.forget();
  again.peer.deliver(presence_of_bob());
  CHECK(again.peer.sent<Publish>().empty());
  CHECK(again.subscribe("im/u/+/presence/#", true) == std::vector{Reason::granted_qos_1});
  again.peer.deliver(presence_of_bob());
  CHECK(again.peer.sent<Publish>().size() == 1);
}

TEST_CASE("im: a device that wants nothing by itself keeps what it subscribed to") {
  Device a(Level::v311, {}, "raw-phone");
  CHECK(a.peer.command<core::SetCopies>() == nullptr);
  CHECK(a.subscribe("im/u/alice/msg", false).empty());
  const auto* note = a.peer.command<core::NoteDevice>();
  REQUIRE(note != nullptr);
  const std::string memo = note->memo.value();
  a.peer.reply(core::Done{});
  CHECK(a.peer.sent<Suback>()[0].reasons == std::vector{Reason::granted_qos_1});
  a.peer.forget();
  CHECK(a.subscribe("im/u/alice/msg", false) == std::vector{Reason::granted_qos_1});  // nothing new to remember
  Device again(Level::v311, with_memo(memo), "raw-phone");
  CHECK(again.peer.command<core::SetCopies>() != nullptr);
  again.begin();
  CHECK(again.peer.sent<Publish>().empty());  // neither roster nor sync were asked for
}

TEST_CASE("im: what is to be remembered of a device has a limit") {
  Device a(Level::v5, {}, "phone");
  a.begin();
  a.peer.forget();
  Device raw(Level::v311, {}, "raw-phone");
  std::size_t granted = 0;
  for (int n = 0; n < 2000; ++n) {
    const std::string filter = "im/u/alice/" + std::to_string(n) + std::string(100, 'x') + "/#";
    Subscribe wanted;
    wanted.id = 9;
    wanted.subscriptions.push_back({.filter = filter, .qos = 1});
    raw.peer.feed(wanted);
    raw.peer.reply(core::Done{});
    const Reason reason = raw.peer.sent<Suback>().back().reasons[0];
    if (reason == Reason::granted_qos_1) ++granted;
    raw.peer.forget();
  }
  CHECK(granted == 100);
}

TEST_CASE("im: the roster's version that a 3.1.1 device has is the one that it acknowledged") {
  Device a(Level::v311);
  core::RosterItems roster;
  roster.version = 12;
  roster.full = true;
  a.begin(roster);
  CHECK(a.peer.command<core::NoteDevice>() == nullptr);
  a.acknowledge_all();
  const auto* note = a.peer.command<core::NoteDevice>();
  REQUIRE(note != nullptr);
  CHECK(note->roster == 12);
  CHECK_FALSE(note->memo.has_value());
  core::SessionOpened opened;
  opened.present = true;
  opened.roster = 12;
  Device again(Level::v311, opened);
  const auto* asked = again.peer.command<core::GetRoster>();
  REQUIRE(asked != nullptr);
  CHECK(asked->version == 12);
  Device five(Level::v5, opened);  // it says itself what it has
  REQUIRE(five.peer.command<core::GetRoster>() != nullptr);
  CHECK_FALSE(five.peer.command<core::GetRoster>()->version.has_value());
}

TEST_CASE("im: sync says when rows behind the device's place are gone") {
  core::SessionOpened opened;
  opened.present = true;
  opened.from = 3;
  opened.head = 10;
  for (const bool gap : {true, false}) {
    Device a(Level::v5, opened);
    REQUIRE(a.peer.command<core::ReadLog>() != nullptr);
    CHECK(a.peer.command<core::ReadLog>()->after == 3);
    core::LogFound found;
    found.gap = gap;
    a.peer.reply(found);
    a.begin();
    const std::string said(a.peer.sent<Publish>()[0].payload);
    CHECK((said.find(R"("gap":true)") != std::string::npos) == gap);
  }
}
