// Shorthand for the tests of api: two people of one site, and events between them.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "api/members.h"
#include "api/topics.h"

namespace confab::api {

inline const Address kAlice{"alice", "example.org", "phone"};
inline const Address kBob{"bob", "example.org", {}};
inline const Viewer kToAlice{kAlice, false};
inline const Viewer kToBob{kBob.with("desk"), false};

inline MsgId id_of(unsigned char last) {
  MsgId id;
  id.bytes = {0x01, 0x98, 0x5b, 0x3e, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last};
  return id;
}
inline const std::string kId7 = "01985b3e-0000-7000-8000-000000000007";
inline const std::string kId3 = "01985b3e-0000-7000-8000-000000000003";

// From alice to bob.
inline core::Event event_of(core::Body body) {
  core::Event event;
  event.id = id_of(7);
  event.at = {1795166336123};
  event.from = kAlice;
  event.to = kBob;
  event.cid = "c1";
  event.source = core::Wire::mqtt;
  event.body = std::move(body);
  return event;
}
inline core::Message text_message(std::string text) {
  core::Message message;
  message.bodies.push_back({{}, std::move(text)});
  return message;
}
inline std::vector<Outgoing> told(core::Event event, const Viewer& viewer = kToBob, Upos seq = 18231) {
  return write_all({.event = std::make_shared<const core::Event>(std::move(event)), .seq = seq}, viewer);
}
// What is told in one topic.
inline std::string payload_of(core::Event event, const Viewer& viewer = kToBob, Upos seq = 18231) {
  const std::vector<Outgoing> out = told(std::move(event), viewer, seq);
  REQUIRE(out.size() == 1);
  return out[0].payload;
}

// What alice publishes.
inline Result<Said> said(std::string_view topic, std::string_view payload, std::size_t message_bytes = 1000) {
  return read({.topic = topic, .payload = payload}, kToAlice, message_bytes);
}
inline core::Send sent(std::string_view payload, std::string_view topic = "im/u/bob/msg") {
  Result<Said> got = said(topic, payload);
  REQUIRE_MESSAGE(got.has_value(), got.error().text);
  return std::get<core::Send>(*got);
}
inline Error refused(std::string_view payload, std::string_view topic = "im/u/bob/msg") {
  const Result<Said> got = said(topic, payload);
  REQUIRE_FALSE(got.has_value());
  return got.error();
}
// `send` as it comes out of bob's log.
inline core::Event delivered(core::Send send) {
  send.event.id = id_of(7);
  send.event.at = {1795166336123};
  send.event.from = kAlice;
  send.event.source = core::Wire::mqtt;
  return std::move(send.event);
}

}  // namespace confab::api
