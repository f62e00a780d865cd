// alice@example.org/balcony, logged in, with every extension; and what tests of extensions compare with.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "xml/reader.h"
#include "xml/writer.h"
#include "xmpp/tests/peer.h"

namespace confab::xmpp {

struct LoggedIn {
  explicit LoggedIn(Config config = {}) : site(world.site(std::move(config))), peer(*site) { peer.log_in(); }

  // What is submitted when the client says `text`; null: something else, or nothing.
  template <class Command>
  const Command* asks(std::string_view text) {
    peer.commands.clear();
    peer.feed(text);
    return peer.last<Command>();
  }
  // The body of the one event that is sent when the client says `text`.
  template <class Body>
  const Body* sends(std::string_view text) {
    const auto* send = asks<core::Send>(text);
    return send == nullptr ? nullptr : std::get_if<Body>(&send->event.body);
  }
  // The last event that was sent, as it reaches bob's client.
  std::string passed_on(bool delayed = false) {
    const auto* send = peer.last<core::Send>();
    if (send == nullptr) return "NOTHING WAS SENT";
    core::Event event = send->event;
    event.at = {1'800'000'000'000};
    return peer.deliver(std::move(event), 0, delayed);
  }

  FakeWorld world;
  std::unique_ptr<Site> site;
  Peer peer;
};

// The same XML in one way of writing it.
inline std::string canon(std::string_view text) {
  xml::Document document;
  xml::Limits limits;
  limits.bytes = 1 << 20;
  const std::string whole = "<all xmlns='jabber:client'>" + std::string(text) + "</all>";
  const Result<xml::Element*> read = xml::read_document(whole, limits, document);
  return read ? xml::to_string(**read) : "NOT XML: " + whole;
}

// From bob, for alice's session.
inline core::Event from_bob(core::Body body, core::Wire wire = core::Wire::mqtt) {
  core::Event event;
  event.at = {1'800'000'000'000};
  event.from = {"bob", "example.org", "phone"};
  event.to = {"alice", "example.org", ""};
  event.cid = "c1";
  event.source = wire;
  event.body = std::move(body);
  return event;
}

}  // namespace confab::xmpp
