#include "core/event_codec.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace confab;
using namespace confab::core;

namespace {

Message full_message() {
  return {
      .kind = Message::Kind::group,
      .bodies = {{"en", "Wherefore art thou"}, {"", std::string("\0\xff zero", 7)}},
      .subjects = {{"de", "Balkon"}},
      .thread = "t1",
      .re = "r1",
      .media = {{"https://e/x", "image/png", "x.png", 1ULL << 40, std::string(64, 'a'), 640, 480, 4'294'967'295U}, {}},
      .app = {"chess", "{\"move\":\"e4\"}"},
      .wants = Ask::delivered | Ask::played,
      .keep = false};
}

RosterItem full_item() {
  return {.peer = {"romeo", "example.net", ""},
          .name = "Romeo",
          .groups = {"Friends", ""},
          .to = true,
          .from = true,
          .pending_out = true,
          .pending_in = true,
          .approved = true,
          .listed = false,
          .request = {{"en", "please"}},
          .version = 77,
          .deleted = true};
}

MsgId an_id() {
  MsgId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<unsigned char>(0xF0 + i);
  return id;
}

// Every alternative, with every field set to something.
std::vector<Body> full_bodies() {
  const Address peer{"juliet", "example.org", ""};
  return {full_message(),
          Edit{"m1", full_message()},
          Recall{"m1"},
          Receipt{Receipt::Kind::played, {"m1", "m2"}},
          ReadMarker{peer, an_id()},
          ChatState{ChatState::State::gone, "t1"},
          Reaction{"m1", {"\xF0\x9F\x91\x8D", "x"}},
          Presence{Status::busy, -128, {{"en", "in the garden"}}, "radio", {-5}, "111f4b3c"},
          PresenceProbe{},
          Subscription{Subscription::Step::unsubscribed, {{"", "hello"}}},
          RosterChange{full_item(), 78, true},
          BlockChange{{peer, {"", "spam.example", ""}}, true},
          GroupChange{GroupChange::What::destroyed, peer, {"a", "b", "c"}, "admin", "text"},
          Opaque{},
          Bounce{7, "m1"},
          Withdrawn{Message::Kind::group, an_id(), "r1", {1'795'166'336'124}, "m1"},
          Published{Published::What::configured, "urn:n", "i1", "<p xmlns='urn:n'/>", false},
          Listening{"Yes \u2013 Heart of the Sunrise"}};
}

Event event_of(Body body) {
  return {.id = an_id(),
          .at = {1'795'166'336'123},
          .from = {"juliet", "example.org", "balcony"},
          .to = {"romeo", "example.net", ""},
          .cid = "c1",
          .source = Wire::mqtt,
          .body = std::move(body),
          .annex = {{Wire::xmpp, "urn:x", "<x xmlns='urn:x'/>"}, {Wire::http, "", std::string("\0", 1)}},
          .about = {an_id(), {}}};
}

}  // namespace

TEST_CASE("every kind of event comes back as it was, filled or empty") {
  REQUIRE(full_bodies().size() == std::variant_size_v<Body>);
  for (std::size_t i = 0; i < full_bodies().size(); ++i) {
    const Event event = event_of(full_bodies()[i]);
    REQUIRE(event.body.index() == i);
    const auto back = decode_event(encode_event(event));
    REQUIRE(back.has_value());
    CHECK(*back == event);
    CHECK(encode_event(event).size() <= expected_size(event));
  }
  CHECK(decode_event(encode_event(Event{})) == Event{});
}

TEST_CASE("the numbers of the kinds are what stored events carry") {
  const std::vector<Body> bodies = full_bodies();
  for (std::size_t i = 0; i < bodies.size(); ++i) CHECK(kind_number(event_of(bodies[i])) == i);
}

TEST_CASE("an event that was cut off is refused at each byte") {
  for (const Body& body : full_bodies()) {
    const std::string bytes = encode_event(event_of(body));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto event = decode_event(std::string_view(bytes).substr(0, size));
      REQUIRE_FALSE(event.has_value());
      CHECK(event.error().code == Errc::bad_payload);
    }
    CHECK_FALSE(decode_event(bytes + '\0').has_value());
  }
}

TEST_CASE("flipped bits are refused or read as another event, which comes back too") {
  for (const Body& body : full_bodies()) {
    const std::string bytes = encode_event(event_of(body));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const auto event = decode_event(flipped);
      if (event) CHECK(decode_event(encode_event(*event)) == *event);
    }
  }
}

TEST_CASE("a newer server's event is refused with words") {
  std::string bytes = encode_event(event_of(Recall{"m"}));
  std::string version = bytes, kind = bytes, field = bytes;
  version[0] = 2;
  kind[1] = static_cast<char>(std::variant_size_v<Body>);
  field[2] = 99;
  CHECK(decode_event(version).error().text == "stored event: of a version that this server does not know");
  CHECK(decode_event(kind).error().text == "stored event: of a kind that this server does not know");
  CHECK(decode_event(field).error().text == "stored event: unknown field");
}

TEST_CASE("lengths and numbers beyond the bytes are refused") {
  const std::string head("\x01\x02\x00", 3);  // version, recall, no envelope
  CHECK(decode_event(head + std::string("\x01m", 2)).has_value());
  CHECK_FALSE(decode_event(head + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").has_value());
  CHECK_FALSE(decode_event(head + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f").has_value());
  CHECK_FALSE(decode_event(head + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").has_value());
  CHECK_FALSE(decode_event(std::string(kMaxEncodedEvent + 1, 'x')).has_value());
}

TEST_CASE("random bytes behind a good beginning never do harm") {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes{'\x01', static_cast<char>(random() % std::variant_size_v<Body>)};
    const std::size_t size = random() % 64;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random() % (round % 2 == 0 ? 12 : 256)));
    const auto event = decode_event(bytes);
    if (event) CHECK(decode_event(encode_event(*event)) == *event);
  }
}

TEST_CASE("what the logs keep") {
  const auto message = [](Message::Kind kind, bool keep) {
    Message m;
    m.kind = kind;
    m.keep = keep;
    return m;
  };
  const auto kept = [](Body body) { return is_kept(event_of(std::move(body))); };
  for (const auto kind : {Message::Kind::chat, Message::Kind::normal, Message::Kind::group}) {
    CHECK(kept(message(kind, true)));
    CHECK_FALSE(kept(message(kind, false)));
  }
  CHECK_FALSE(kept(message(Message::Kind::headline, true)));
  const bool others[] = {false, true,  true, true,  false, true, false, false, false,
                         false, false, true, false, false, true, false, false};
  const std::vector<Body> bodies = full_bodies();
  for (std::size_t i = 1; i < bodies.size(); ++i) CHECK(kept(bodies[i]) == others[i - 1]);
}

TEST_CASE("an annex item is found by its wire and key") {
  const Event event = event_of(Opaque{});
  REQUIRE(find(event.annex, Wire::xmpp, "urn:x") != nullptr);
  CHECK(find(event.annex, Wire::mqtt, "urn:x") == nullptr);
}
