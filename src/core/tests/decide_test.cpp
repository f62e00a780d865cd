#include <doctest/doctest.h>

#include <algorithm>

#include "core/plan.h"

using namespace confab;
using namespace confab::core;

namespace {

const Address kRomeo{"romeo", "example.net", {}};
const Address kJuliet{"juliet", "example.net", {}};

struct World {
  Policy policy;
  HybridClock ids{1,
                  [](unsigned char* out, std::size_t size) { std::fill_n(out, size, static_cast<unsigned char>(1)); }};
  Account account;

  World() {
    account.row.uid = 7;
    account.row.address = kRomeo;
  }
  Context context() {
    return {.policy = policy,
            .now = {1'000'000},
            .ids = ids,
            .conversation = [](const Address&, const Address&) { return ConvId{}; },
            .owner = [](const Address& address) { return static_cast<std::uint64_t>(address.local.size()); }};
  }
  SessionState& add_session(SessionId id, std::string resource, int priority, bool interested = true) {
    SessionState session;
    session.id = id;
    session.wire = Wire::xmpp;
    session.resource = std::move(resource);
    session.available = session.interested = interested;
    auto event = std::make_shared<Event>();
    event->from = kRomeo.with(session.resource);
    event->body =
        Presence{.status = Status::online, .priority = priority, .signature = {}, .listening = {}, .since = {}};
    session.presence = event;
    account.sessions.push_back(session);
    return account.sessions.back();
  }
  void befriend(const Address& peer, bool to, bool from) {
    RosterItem item;
    item.peer = peer;
    item.to = to;
    item.from = from;
    account.row.roster.put(item);
  }
  Plan run(SessionId session, Command command) { return decide(account, session, command, context()); }
  void commit(const Plan& plan) {
    for (const Change& change : plan.changes) apply(account, change);
    for (const SessionState& next : plan.sessions) {
      for (SessionState& session : account.sessions) {
        if (session.id == next.id) session = next;
      }
    }
  }
};

Event message_to(const Address& to, std::string text) {
  Event event;
  event.to = to;
  Message message;
  message.bodies.push_back({{}, std::move(text)});
  event.body = message;
  return event;
}

EventPtr arriving(Event event, const Address& from) {
  event.from = from;
  event.at = {1};
  return std::make_shared<const Event>(std::move(event));
}

Event presence(Status status, Address to = {}) {
  Event event;
  event.to = std::move(to);
  event.body = Presence{.status = status, .priority = 0, .signature = {}, .listening = {}, .since = {}};
  return event;
}

Errc code_of(const Plan& plan) {
  return std::get<Refused>(*plan.reply).code;
}

}  // namespace

TEST_CASE("a message goes to its recipient's account with the sender's full address, whatever it claimed") {
  World world;
  world.add_session(1, "orchard", 0);
  Event forged = message_to(kJuliet, "hi");
  forged.from = {"mallory", "evil.example", {}};
  const Plan plan = world.run(1, Send{forged, {}});
  REQUIRE(plan.forwards.size() == 1);
  CHECK(plan.forwards[0].event->from == kRomeo.with("orchard"));
  CHECK_FALSE(plan.forwards[0].event->id.empty());
  CHECK_FALSE(plan.reply.has_value());
}

TEST_CASE("an arriving message goes into both logs, and is shown to nobody before that") {
  World world;
  world.add_session(1, "orchard", 0);
  const Plan plan = receive(world.account, arriving(message_to(kRomeo, "hi"), kJuliet.with("balcony")),
                            {.uid = 9, .dedupe = {"o:1", seconds(10)}}, world.context());
  REQUIRE(plan.changes.size() == 1);
  const auto& append = std::get<Append>(plan.changes[0]);
  REQUIRE(append.logs.size() == 2);
  CHECK(append.logs[0].uid == 7);
  CHECK(append.logs[1].uid == 9);
  CHECK(append.source == 9);
  CHECK(append.key == "o:1");
  CHECK(append.key_expires.ms == 1'010'000);
  CHECK(plan.notifies.empty());
}

TEST_CASE("a message to oneself goes into one log") {
  World world;
  const Plan plan = receive(world.account, arriving(message_to(kRomeo, "note"), kRomeo.with("orchard")),
                            {.uid = 7, .dedupe = {}}, world.context());
  CHECK(std::get<Append>(plan.changes.at(0)).logs.size() == 1);
}

TEST_CASE("a blocked contact's message is refused, and nothing is stored") {
  World world;
  world.account.row.blocks.peers = {kJuliet};
  const Plan plan = receive(world.account, arriving(message_to(kRomeo, "hi"), kJuliet.with("b")), {}, world.context());
  CHECK(code_of(plan) == Errc::blocked);
  CHECK(plan.changes.empty());
  world.add_session(1, "orchard", 0);
  CHECK(code_of(world.run(1, Send{message_to(kJuliet, "hi"), {}})) == Errc::not_allowed);
}

TEST_CASE("policy roster: only those in the roster may write first") {
  World world;
  world.policy.strangers = Strangers::roster;
  const EventPtr event = arriving(message_to(kRomeo, "hi"), kJuliet);
  CHECK(code_of(receive(world.account, event, {}, world.context())) == Errc::blocked);
  world.befriend(kJuliet, false, true);
  CHECK_FALSE(receive(world.account, event, {}, world.context()).changes.empty());
}

TEST_CASE("RFC 6121 §8.5: who is shown a message") {
  World world;
  world.add_session(1, "orchard", 5);
  world.add_session(2, "home", -1);
  world.add_session(3, "silent", 0, false);
  const auto shown = [&](std::size_t i, const Address& to) {
    return is_shown(world.account, world.account.sessions[i], to);
  };
  CHECK(shown(0, kRomeo));
  CHECK_FALSE(shown(1, kRomeo));
  CHECK_FALSE(shown(2, kRomeo));
  CHECK(shown(1, kRomeo.with("home")));
  CHECK_FALSE(shown(0, kRomeo.with("home")));
  CHECK(shown(0, kRomeo.with("gone")));
  CHECK(shown(2, kRomeo.with("silent")));
}

TEST_CASE("chat states for one session go to that one alone, whatever its priority") {
  World world;
  world.add_session(1, "orchard", 5);
  world.add_session(2, "home", -1);
  Event typing = message_to(kRomeo.with("home"), {});
  typing.body = ChatState{};
  const Plan plan = receive(world.account, arriving(typing, kJuliet), {}, world.context());
  REQUIRE(plan.notifies.size() == 1);
  CHECK(plan.notifies[0].session == 2);
}

TEST_CASE("what has a command of its own cannot be sent as a message") {
  World world;
  world.add_session(1, "orchard", 0);
  for (const Body& body : {Body(Presence{}), Body(Subscription{.step = Subscription::Step::subscribed, .note = {}}),
                           Body(PresenceProbe{}), Body(RosterChange{}), Body(BlockChange{}), Body(ReadMarker{})}) {
    Event event = message_to(kJuliet, {});
    event.body = body;
    const Plan plan = world.run(1, Send{event, {}});
    CHECK(plan.forwards.empty());
    CHECK(code_of(plan) == Errc::unsupported);
  }
}

TEST_CASE("what only one program understands reaches exactly the named session, or is refused") {
  World world;
  world.add_session(1, "orchard", 0);
  Event iq;
  iq.to = kRomeo.with("orchard");
  iq.body = Opaque{};
  Plan plan = receive(world.account, arriving(iq, kJuliet.with("b")), {}, world.context());
  REQUIRE(plan.notifies.size() == 1);
  CHECK(std::holds_alternative<Sent>(*plan.reply));
  iq.to = kRomeo.with("nowhere");
  CHECK(code_of(receive(world.account, arriving(iq, kJuliet.with("b")), {}, world.context())) == Errc::not_found);
}

TEST_CASE("initial presence: subscribers and oneself hear it, friends are probed, requests that wait are shown") {
  World world;
  SessionState& session = world.add_session(1, "orchard", 0);
  session.available = false;
  session.presence = nullptr;
  world.befriend(kJuliet, true, true);
  world.befriend({"benvolio", "example.net", {}}, false, true);
  RosterItem asker;
  asker.peer = {"paris", "example.net", {}};
  asker.listed = false;
  asker.pending_in = true;
  world.account.row.roster.put(asker);
  const Plan plan = world.run(1, SetPresence{presence(Status::online)});
  CHECK(plan.first_presence);
  CHECK(std::count_if(plan.forwards.begin(), plan.forwards.end(), [](const Forward& f) {
          return std::holds_alternative<Presence>(f.event->body) && f.live_only;
        }) == 2);
  CHECK(std::count_if(plan.forwards.begin(), plan.forwards.end(), [](const Forward& f) {
          return std::holds_alternative<PresenceProbe>(f.event->body) && f.to == kJuliet;
        }) == 1);
  REQUIRE(plan.notifies.size() == 2);
  CHECK(std::holds_alternative<Presence>(plan.notifies[0].event->body));
  CHECK(plan.notifies[1].event->from == asker.peer);
}

TEST_CASE("presence is for those who are subscribed: broadcasts of strangers are dropped, directed ones shown") {
  World world;
  world.add_session(1, "orchard", 0);
  CHECK(receive(world.account, arriving(presence(Status::online), kJuliet.with("b")), {}, world.context())
            .notifies.empty());
  CHECK(receive(world.account, arriving(presence(Status::online, kRomeo), kJuliet.with("b")), {}, world.context())
            .notifies.size() == 1);
  world.befriend(kJuliet, true, false);
  CHECK(receive(world.account, arriving(presence(Status::online), kJuliet.with("b")), {}, world.context())
            .notifies.size() == 1);
}

TEST_CASE("a probe by somebody who is not subscribed tells nothing but that") {
  World world;
  world.add_session(1, "orchard", 0);
  Event probe;
  probe.body = PresenceProbe{};
  Plan plan = receive(world.account, arriving(probe, kJuliet.with("b")), {}, world.context());
  REQUIRE(plan.forwards.size() == 1);
  CHECK(std::get<Subscription>(plan.forwards[0].event->body).step == Subscription::Step::unsubscribed);
  world.befriend(kJuliet, false, true);
  plan = receive(world.account, arriving(probe, kJuliet.with("b")), {}, world.context());
  REQUIRE(plan.forwards.size() == 1);
  CHECK(plan.forwards[0].to == kJuliet.with("b"));
  CHECK(plan.forwards[0].event == world.account.sessions[0].presence);
}

TEST_CASE("directed presence is followed by its end") {
  World world;
  world.add_session(1, "orchard", 0);
  world.commit(world.run(1, SetPresence{presence(Status::online, kJuliet)}));
  CHECK(world.account.sessions[0].directed.size() == 1);
  const Plan plan = end_session(world.account, world.account.sessions[0], world.context());
  REQUIRE(plan.forwards.size() == 1);
  CHECK(plan.forwards[0].event->to == kJuliet);
  CHECK(std::get<Presence>(plan.forwards[0].event->body).status == Status::offline);
}

TEST_CASE("the signature stays without a status, and an empty one clears it") {
  World world;
  world.add_session(1, "orchard", 0);
  Event event = presence(Status::away);
  std::get<Presence>(event.body).signature = {{{}, "wooing"}};
  world.account.row.last = *world.run(1, SetPresence{event}).last;
  CHECK(world.account.row.last.signature.at(0).text == "wooing");
  world.account.row.last = *world.run(1, SetPresence{presence(Status::online)}).last;
  CHECK(world.account.row.last.signature.size() == 1);
  std::get<Presence>(event.body).signature = {{{}, ""}};
  CHECK(world.run(1, SetPresence{event}).last->signature.empty());
}

TEST_CASE("roster versions: only what changed since travels, removals too") {
  World world;
  world.add_session(1, "orchard", 0);
  world.commit(world.run(1, SetRosterItem{kJuliet, "Juliet", {"Friends"}}));
  world.commit(world.run(1, SetRosterItem{{"nurse", "example.net", {}}, "", {}}));
  const std::uint64_t then = world.account.row.roster.version;
  CHECK(then == 2);
  world.commit(world.run(1, RemoveRosterItem{kJuliet}));
  auto all = std::get<RosterItems>(*world.run(1, GetRoster{}).reply);
  CHECK(all.full);
  CHECK(all.items.size() == 1);
  auto delta = std::get<RosterItems>(*world.run(1, GetRoster{then}).reply);
  CHECK_FALSE(delta.full);
  REQUIRE(delta.items.size() == 1);
  CHECK(delta.items[0].deleted);
  CHECK(std::get<RosterItems>(*world.run(1, GetRoster{std::uint64_t{99}}).reply).full);
  CHECK(code_of(world.run(1, RemoveRosterItem{kJuliet})) == Errc::not_found);
}

TEST_CASE("a roster change tells whether the friend is new") {
  World world;
  world.add_session(1, "orchard", 0);
  const auto added = [&world](Command command) {
    const Plan plan = world.run(1, std::move(command));
    world.commit(plan);
    return std::get<RosterChange>(plan.notifies.at(0).event->body).added;
  };
  CHECK(added(SetRosterItem{kJuliet, "Juliet", {}}));
  CHECK_FALSE(added(SetRosterItem{kJuliet, "J.", {}}));
  CHECK_FALSE(added(RemoveRosterItem{kJuliet}));
  CHECK(added(SetRosterItem{kJuliet, "Juliet", {}}));
}

TEST_CASE("a name of one's own is looked for among one's own messages alone") {
  World world;
  Event event = message_to(kRomeo, "x");
  std::get<Message>(event.body).re = "cid:c1";
  Sender sender;
  sender.uid = 8;
  const auto referred = [&](Wire wire) {
    event.source = wire;
    const Plan plan = receive(world.account, arriving(event, kJuliet), sender, world.context());
    return std::get<Append>(plan.changes.at(0)).about.at(0);
  };
  CHECK(referred(Wire::mqtt).name == "c1");
  CHECK(referred(Wire::mqtt).author == 8);
  CHECK(referred(Wire::mqtt).or_author == 0);
  CHECK(referred(Wire::xmpp).name == "cid:c1");
  CHECK(referred(Wire::xmpp).author == 7);
  CHECK(referred(Wire::xmpp).or_author == 8);
}

TEST_CASE("removing a friend ends both subscriptions and shows the end") {
  World world;
  world.add_session(1, "orchard", 0);
  world.befriend(kJuliet, true, true);
  const Plan plan = world.run(1, RemoveRosterItem{kJuliet});
  CHECK(plan.forwards.size() == 4);
  REQUIRE(plan.notifies.size() == 1);
  CHECK(std::get<RosterChange>(plan.notifies[0].event->body).item.deleted);
}

TEST_CASE("blocking: friends see one leave, and come back when unblocked") {
  World world;
  world.add_session(1, "orchard", 0);
  world.account.sessions[0].blocklist = true;
  world.befriend(kJuliet, true, true);
  Plan plan = world.run(1, Block{{kJuliet}});
  REQUIRE(plan.forwards.size() == 2);
  CHECK(std::get<Presence>(plan.forwards[0].event->body).status == Status::offline);
  CHECK(plan.notifies.size() == 1);
  world.commit(plan);
  CHECK(world.account.row.blocks.covers(kJuliet.with("anything")));
  plan = world.run(1, Unblock{{}});
  REQUIRE(plan.forwards.size() == 3);
  CHECK(std::holds_alternative<PresenceProbe>(plan.forwards[0].event->body));
  CHECK(plan.forwards[1].event == world.account.sessions[0].presence);
  world.commit(plan);
  CHECK(world.account.row.blocks.peers.empty());
}

TEST_CASE("XEP-0191 §2: full, bare, domain with resource, domain") {
  const BlockList list{{Address{{}, "evil.example", {}}, Address{{}, "half.example", "bot"}, kJuliet.with("b")}};
  CHECK(list.covers({"any", "evil.example", "r"}));
  CHECK(list.covers({"any", "half.example", "bot"}));
  CHECK_FALSE(list.covers({"any", "half.example", "human"}));
  CHECK(list.covers(kJuliet.with("b")));
  CHECK_FALSE(list.covers(kJuliet));
}

TEST_CASE("limits of the account are refusals with their names") {
  World world;
  world.add_session(1, "orchard", 0);
  world.policy.roster_items = 1;
  world.commit(world.run(1, SetRosterItem{kJuliet, "", {}}));
  CHECK(code_of(world.run(1, SetRosterItem{{"x", "example.net", {}}, "", {}})) == Errc::too_big);
  CHECK(code_of(world.run(99, GetRoster{})) == Errc::closed);
}
