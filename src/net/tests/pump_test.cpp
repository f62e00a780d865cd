#include <doctest/doctest.h>

#include "pump_site.h"

using namespace confab;
using namespace confab::net;
using namespace confab::testing;
using session::CloseReason;
using session::Outbox;

namespace {

const Address kAlice{"alice", "example.org", {}};

// A session that is alice's and can be taken over with the token "t".
void log_in(Outbox& out, const char* token = "t") {
  out.belong_to(kAlice);
  if (token != nullptr) out.keep(token, seconds(60));
}

}  // namespace

TEST_CASE("bytes reach the session; what it sends leaves in one write at the end of the turn") {
  Site site;
  Link a = site.connect([](const std::string& call, Outbox& out) { out.send("<" + call + ">"); });
  CHECK(a.wire->reading);
  a.wire->send("x");
  a.wire->send("y");
  CHECK(a.wire->written.empty());
  site.turn();
  CHECK(a.wire->written == "<open><bytes x><bytes y>");
  CHECK(a.wire->writes == 1);
  CHECK_FALSE(site.pumps.busy());
}

TEST_CASE("submit, replies and deliveries; those for connections that have gone are ignored") {
  Site site;
  Link a = site.connect([](const std::string& call, Outbox& out) {
    if (call == "open") out.submit(7, core::GetRoster{});
  });
  REQUIRE(site.domain.asked.size() == 1);
  CHECK(site.domain.asked[0].from == a.id);
  CHECK(site.domain.asked[0].request == 7);
  site.pumps.reply(a.id, 7, core::Done{});
  site.pumps.deliver(a.id, {.event = nullptr, .seq = 3});
  CHECK(a.log->calls == std::vector<std::string>{"open", "reply 7", "delivery 3"});
  a.wire->hang_up();
  site.turn();
  CHECK(a.log->destroyed);
  site.pumps.reply(a.id, 7, core::Done{});
  site.pumps.deliver(a.id, core::Delivery{});
  Link b = site.connect();
  CHECK(b.id != a.id);
  site.pumps.end(a.id, CloseReason::replaced);
  CHECK(b.log->count("end") == 0);
  CHECK(site.domain.gone == std::vector<session::ConnectionId>{a.id});
}

TEST_CASE("timers fire once, can be moved and disarmed") {
  Site site;
  Link a = site.connect([](const std::string& call, Outbox& out) {
    if (call == "open") out.arm(1, seconds(1)), out.arm(2, seconds(1)), out.arm(3, seconds(1));
    if (call == "bytes go") out.disarm(1), out.arm(2, seconds(10));
  });
  a.wire->send("go");
  site.turn(seconds(2));
  CHECK(a.log->calls == std::vector<std::string>{"open", "bytes go", "timer 3"});
  site.turn(seconds(9));
  CHECK(a.log->calls.back() == "timer 2");
  site.turn(seconds(100));
  CHECK(a.log->calls.size() == 4);
}

TEST_CASE("pause and resume turn reading off and on") {
  Site site;
  Link a = site.connect([](const std::string& call, Outbox& out) {
    if (call == "bytes p") out.pause();
    if (call == "reply 1") out.resume();
  });
  a.wire->send("p");
  CHECK_FALSE(a.wire->reading);
  site.pumps.reply(a.id, 1, core::Done{});
  CHECK(a.wire->reading);
}

TEST_CASE("close sends what is queued, then tells the session and the domain") {
  Site site;
  Link a = site.connect(
      [](const std::string& call, Outbox& out) {
        if (call == "bytes q") out.send("bye"), out.close(CloseReason::finished), out.submit(0, core::CloseSession{});
      },
      2);
  a.wire->send("q");
  CHECK(site.domain.asked.size() == 1);
  CHECK_FALSE(a.wire->reading);
  site.turn();
  CHECK(a.wire->written == "by");
  CHECK(a.log->count(close_call(CloseReason::finished)) == 0);
  a.wire->make_room(10);
  site.turn();
  CHECK(a.wire->written == "bye");
  CHECK(a.log->calls.back() == close_call(CloseReason::finished));
  CHECK(a.wire->closed);
  CHECK(a.wire->destroyed);
  CHECK(site.domain.gone.size() == 1);
  CHECK(site.pumps.size() == 0);
}

TEST_CASE("a goodbye that the peer does not read ends with the time to linger") {
  Site site;
  Link a = site.connect(
      [](const std::string& call, Outbox& out) {
        if (call == "bytes q") out.send("bye"), out.close(CloseReason::finished);
      },
      0);
  a.wire->send("q");
  site.turn(seconds(4));
  CHECK(site.pumps.size() == 1);
  site.turn(seconds(2));
  CHECK(site.pumps.size() == 0);
  CHECK(a.log->calls.back() == close_call(CloseReason::finished));
}

TEST_CASE("a reader who is too slow is closed beyond queue_bytes, and not read from beyond high water") {
  Site site({.queue_bytes = 1000, .high_water = 500, .low_water = 100});
  Link a = site.connect([](const std::string&, Outbox& out) { out.send(std::string(300, 'x')); }, 0);
  a.wire->send("1");
  site.turn();
  CHECK_FALSE(a.wire->reading);
  CHECK(a.log->count("flushed") == 0);
  a.wire->make_room(550);
  site.turn();
  CHECK(a.wire->reading);
  a.wire->make_room(50);
  site.turn();
  CHECK(a.log->count("flushed") == 1);
  for (unsigned i = 0; i < 4; ++i) site.pumps.deliver(a.id, core::Delivery{});
  CHECK(a.log->calls.back() == close_call(CloseReason::slow_reader));
  site.turn();
  CHECK(site.pumps.counters().closed[static_cast<std::size_t>(CloseReason::slow_reader)].get() == 1);
  CHECK(a.wire->destroyed);
}

TEST_CASE("more than queue_bytes in one turn is no fault of a reader who takes it") {
  Site site({.queue_bytes = 1000});
  Link a = site.connect([](const std::string&, Outbox& out) { out.send(std::string(300, 'x')); });
  for (unsigned i = 0; i < 20; ++i) site.pumps.deliver(a.id, core::Delivery{});
  site.turn();
  CHECK(a.wire->written.size() == 21 * 300);
  CHECK_FALSE(a.log->destroyed);
}

TEST_CASE("on_flushed comes when it is wanted and everything is with the kernel, once for each time") {
  Site site;
  Link a = site.connect({}, 0);
  a.log->act = [&](const std::string& call, Outbox& out) {
    if (call == "bytes w") out.send("w");
  };
  a.log->wants_flush = true;
  a.wire->send("w");
  site.turn();
  CHECK(a.log->count("flushed") == 0);
  a.wire->make_room(5);
  site.turn();
  CHECK(a.log->count("flushed") == 1);
  site.turn();
  CHECK(a.log->count("flushed") == 1);
  CHECK_FALSE(site.pumps.busy());
}

TEST_CASE("STARTTLS: after everything in clear has left; then on_secured") {
  Site site;
  Link a = site.connect(
      [](const std::string& call, Outbox& out) {
        if (call == "bytes starttls") out.send("<proceed/>"), out.start_tls();
        if (call == "secured h") out.send("secret");
      },
      4);
  a.wire->send("starttls");
  CHECK_FALSE(a.wire->reading);
  site.turn();
  CHECK_FALSE(a.wire->handshaking);
  a.wire->make_room(100);
  site.turn();
  CHECK(a.wire->written == "<proceed/>");
  CHECK(a.wire->handshaking);
  a.wire->secure({.alpn = "h", .version = {}, .cipher = {}, .exporter = {}, .server_end_point = {}});
  site.turn();
  CHECK(a.wire->written == "<proceed/>secret");
  CHECK(a.wire->reading);
}

TEST_CASE("STARTTLS: bytes pipelined in clear never reach the session (RFC 6120 §5.4.3.3)") {
  for (const bool before_handshake : {true, false}) {
    Site site;
    Link a = site.connect([](const std::string& call, Outbox& out) {
      if (call == "bytes starttls") out.start_tls();
    });
    a.wire->send("starttls");
    if (!before_handshake) site.turn();
    a.wire->send("injected");
    site.turn();
    CHECK(a.log->bytes == "starttls");
    CHECK(a.log->calls.back() == close_call(CloseReason::violation));
    CHECK(site.pumps.size() == 0);
  }
}

TEST_CASE("belong_to moves the connection to the owner's shard, with its timers, output and what was asked after") {
  Site site;
  site.domain.owner = 1;
  Link a = site.connect([](const std::string& call, Outbox& out) {
    if (call == "open") out.arm(4, seconds(5));
    if (call != "bytes login") return;
    out.send("moving");
    out.submit(1, core::WantBacklog{});
    out.belong_to(kAlice);
    out.submit(2, core::OpenSession{});
  });
  a.wire->send("login");
  CHECK_FALSE(a.wire->reading);
  site.pumps.reply(a.id, 9, core::Done{});  // in the same turn: still reaches it
  site.pumps.flush();
  CHECK(a.wire->in_transit);
  CHECK(site.pumps.size() == 0);
  site.turn();
  CHECK(a.log->calls == std::vector<std::string>{"open", "bytes login", "reply 9"});
  CHECK(a.wire->loop == &site.loop2);
  CHECK(a.wire->reading);
  CHECK(a.wire->written == "moving");
  REQUIRE(site.domain.asked.size() == 2);
  CHECK(site.domain.asked[0].from == a.id);
  CHECK(site.domain.asked[0].account.empty());
  const session::ConnectionId moved = site.domain.asked[1].from;
  CHECK(moved.shard == 1);
  CHECK(site.domain.asked[1].account == kAlice);
  site.other.reply(moved, 2, core::Done{});
  site.turn(seconds(6));
  CHECK(a.log->calls.back() == "timer 4");
  CHECK(site.domain.gone.empty());
}

TEST_CASE("a kept session outlives its connection and expires") {
  Site site;
  Link a = site.connect([](const std::string& call, Outbox& out) {
    if (call == "open") log_in(out), out.arm(1, seconds(30));
    out.send(call);
  });
  a.wire->hang_up();
  site.turn();
  CHECK(a.wire->destroyed);
  CHECK(a.log->calls.back() == close_call(CloseReason::peer_closed));
  site.pumps.deliver(a.id, {.event = nullptr, .seq = 1});
  site.turn(seconds(31));
  CHECK(a.log->calls.back() == "timer 1");
  CHECK(a.log->count("delivery 1") == 1);
  CHECK(site.domain.gone.empty());
  site.turn(seconds(30));
  CHECK(a.log->calls.back() == "expired");
  CHECK(a.log->destroyed);
  CHECK(site.domain.gone == std::vector<session::ConnectionId>{a.id});
}

TEST_CASE("a session that ended by itself is not kept, nor one that took keep back") {
  Site site;
  Link a = site.connect([](const std::string& call, Outbox& out) {
    if (call == "open") log_in(out);
    if (call == "bytes bye") out.close(CloseReason::finished);
    if (call == "bytes forget") out.keep({}, seconds(0));
  });
  a.wire->send("bye");
  site.turn();
  CHECK(site.pumps.size() == 0);
  Link b = site.connect(a.log->act);
  b.wire->send("forget");
  b.wire->hang_up();
  site.turn();
  CHECK(site.pumps.size() == 0);
}

TEST_CASE("taking over: the session goes on under its own number on the new connection") {
  for (const bool still_connected : {false, true}) {
    Site site;
    Link a = site.connect([](const std::string& call, Outbox& out) {
      if (call == "open") log_in(out), out.arm(1, seconds(50));
      if (call == "resumed 192.0.2.7") out.send("<resumed/>");
    });
    if (!still_connected) a.wire->hang_up();
    site.turn();
    const std::size_t calls = a.log->calls.size();
    Link b = site.connect([](const std::string& call, Outbox& out) {
      if (call == "bytes resume") log_in(out, nullptr), out.send("hello"), out.take_over("t", nullptr);
    });
    b.wire->send("resume");
    site.turn();
    CHECK(a.log->calls.size() == calls + 1);  // no on_close
    CHECK(a.log->calls.back() == "resumed 192.0.2.7");
    CHECK(a.wire->destroyed);
    CHECK(b.log->destroyed);
    CHECK(b.wire->written == "hello<resumed/>");
    CHECK(site.domain.gone == std::vector<session::ConnectionId>{b.id});
    b.wire->send("more");
    CHECK(a.log->calls.back() == "bytes more");
    site.pumps.deliver(a.id, {.event = nullptr, .seq = 5});
    site.turn(seconds(51));
    CHECK(a.log->calls.back() == "timer 1");
    site.turn(seconds(70));
    CHECK_FALSE(a.log->destroyed);  // the time of keep() counts from the next loss
    CHECK(site.pumps.counters().open.get() == 1);
    CHECK(site.pumps.counters().kept.get() == 0);
  }
}

TEST_CASE("taking over needs the same account and a token that is there") {
  Site site;
  Link a = site.connect([](const std::string& call, Outbox& out) {
    if (call == "open") log_in(out);
  });
  Link mallory = site.connect([](const std::string& call, Outbox& out) {
    if (call == "bytes r") out.belong_to({"mallory", "example.org", {}}), out.take_over("t", nullptr);
    if (call == "take_over_failed") out.send("failed");
  });
  mallory.wire->send("r");
  Link late = site.connect([](const std::string& call, Outbox& out) {
    if (call == "bytes r") log_in(out, nullptr), out.take_over("no such", nullptr), out.send("r");
  });
  late.wire->send("r");
  site.turn();
  CHECK(mallory.wire->written == "failed");
  CHECK(late.log->calls.back() == "take_over_failed");
  CHECK(a.log->calls.size() == 1);
}

TEST_CASE("ending: a goodbye for the connected, an end for the kept, a deadline for who does not close") {
  Site site;
  const auto act = [](const std::string& call, Outbox& out) {
    if (call == "open") log_in(out, nullptr);
    if (call == "bytes keep") out.keep("k", seconds(60));
    if (call == "end") out.send("bye"), out.close(CloseReason::shutdown);
  };
  Link polite = site.connect(act);
  Link kept = site.connect(act);
  Link stubborn = site.connect();
  kept.wire->send("keep");
  kept.wire->hang_up();
  site.turn();
  site.pumps.end_all(CloseReason::shutdown);
  site.turn();
  CHECK(polite.wire->written == "bye");
  CHECK(kept.log->destroyed);
  CHECK(site.pumps.size() == 1);
  Link late = site.connect(act);
  CHECK(late.log->count("end") == 1);
  site.turn(seconds(6));
  CHECK(stubborn.log->calls.back() == close_call(CloseReason::shutdown));
  CHECK(site.pumps.size() == 0);
  CHECK(site.domain.gone.size() == 4);
}
