#include "core/history.h"

#include <doctest/doctest.h>

using namespace confab;
using namespace confab::core;

namespace {

const Address kAlice{"alice", "example.org", "phone"};
const Address kBob{"bob", "example.org", "desk"};

MsgId id_of(unsigned char last) {
  MsgId id;
  id.bytes[15] = last;
  return id;
}

Event said(unsigned char id, const Address& from, Body body, std::vector<MsgId> about = {}) {
  Event event;
  event.id = id_of(id);
  event.at = {id};
  event.from = from;
  event.to = from == kAlice ? kBob.bare() : kAlice.bare();
  event.body = std::move(body);
  event.about = std::move(about);
  return event;
}

Message text(std::string words) {
  Message message;
  message.bodies.push_back({{}, std::move(words)});
  return message;
}

// One message of alice's, and what was said of it.
HistoryRow folded(Event message, std::vector<Event> events) {
  HistoryRows rows;
  rows.page.complete = false;
  rows.page.events.push_back({std::make_shared<const Event>(std::move(message)), 41});
  for (Event& event : events) rows.events.push_back(std::make_shared<const Event>(std::move(event)));
  HistoryFound found = fold(std::move(rows));
  CHECK_FALSE(found.complete);
  REQUIRE(found.rows.size() == 1);
  CHECK(found.rows[0].seq == 41);
  return found.rows[0];
}

const std::vector<MsgId> kFirst{id_of(1)};

}  // namespace

TEST_CASE("a message of which nothing was said is as it was") {
  const Event message = said(1, kAlice, text("hello"));
  const HistoryRow row = folded(message, {});
  CHECK(*row.event == message);
  CHECK(row.edited.ms == 0);
  CHECK(row.reactions.empty());
  CHECK(row.receipts.empty());
}

TEST_CASE("the last correction is what it says; its place, names and what it answers stay") {
  Message original = text("helo");
  original.re = "c0";
  original.kind = Message::Kind::normal;
  Event message = said(1, kAlice, original, {id_of(9)});
  message.cid = "c1";
  Event last = said(4, kAlice, Edit{"c1", text("hello")}, kFirst);
  last.annex = {{Wire::mqtt, "json", "{}"}};
  const HistoryRow row = folded(message, {said(3, kAlice, Edit{"c1", text("hallo")}, kFirst), last});
  CHECK(row.edited.ms == 4);
  CHECK(row.event->id == id_of(1));
  CHECK(row.event->cid == "c1");
  CHECK(row.event->at.ms == 1);
  CHECK(row.event->about == std::vector<MsgId>{id_of(9)});
  CHECK(row.event->annex == last.annex);
  Message now = text("hello");
  now.re = "c0";
  now.kind = Message::Kind::normal;
  CHECK(std::get<Message>(row.event->body) == now);
}

TEST_CASE("nobody corrects what somebody else said") {
  const HistoryRow row =
      folded(said(1, kAlice, text("hello")), {said(3, kBob, Edit{"c1", text("I owe you money")}, kFirst)});
  CHECK(std::get<Message>(row.event->body) == text("hello"));
  CHECK(row.edited.ms == 0);
}

TEST_CASE("reactions: each person's last set, and none that was taken away") {
  const HistoryRow row =
      folded(said(1, kAlice, text("hello")),
             {said(2, kBob, Reaction{"c1", {"+"}}, kFirst), said(3, kAlice, Reaction{"c1", {"x"}}, kFirst),
              said(4, kBob, Reaction{"c1", {"-", "o"}}, kFirst), said(5, kAlice, Reaction{"c1", {}}, kFirst)});
  CHECK(row.reactions == std::vector<HistoryRow::Reacted>{{kBob.bare(), {"-", "o"}, {4}}});
}

TEST_CASE("receipts: each person's first of a kind; one may speak of several messages") {
  const auto receipt = [](Receipt::Kind kind) { return Receipt{kind, {"c1", "c2"}}; };
  const HistoryRow row =
      folded(said(1, kAlice, text("hello")), {said(2, kBob, receipt(Receipt::Kind::delivered), {id_of(7), id_of(1)}),
                                              said(3, kBob, receipt(Receipt::Kind::read), kFirst),
                                              said(4, kBob, receipt(Receipt::Kind::read), kFirst)});
  CHECK(row.receipts == std::vector<HistoryRow::Received>{{kBob.bare(), Receipt::Kind::delivered, {2}},
                                                          {kBob.bare(), Receipt::Kind::read, {3}}});
}

TEST_CASE("of what was taken back nothing is told but that") {
  const HistoryRow row = folded(said(1, kAlice, Withdrawn{}), {said(2, kBob, Reaction{"c1", {"+"}}, kFirst)});
  CHECK(std::holds_alternative<Withdrawn>(row.event->body));
  CHECK(row.reactions.empty());
}
