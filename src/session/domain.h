// The two ports between connections and the domain: what a connection asks (Domain), and how the domain reaches it
// (Connections). net implements the second, the engine the first; neither knows the other.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "session/session.h"

namespace confab::session {

// Names a connection, or a session that is kept without one, for as long as it lives. Never used twice.
struct ConnectionId {
  std::uint32_t shard = 0;
  std::uint64_t number = 0;  // 0: none
  auto operator<=>(const ConnectionId&) const = default;
};

// Lives on: called on the connection's shard; never calls back before it has returned.
class Domain {
 public:
  virtual ~Domain() = default;

  // `account`: whose connection it is by BelongTo (core::topic_home too); empty before login.
  virtual void submit(ConnectionId from, const Address& account, RequestId request, core::Command command) = 0;

  // The shard that owns `account`.
  virtual std::uint32_t owner_shard(const Address& account) const = 0;

  // The connection, or kept session, is gone for ever. Whatever session it had opened is closed.
  virtual void closed(ConnectionId connection, const Address& account) = 0;
};

// The connections of one shard. Lives on: that shard. Calls for connections that have gone are ignored.
class Connections {
 public:
  virtual ~Connections() = default;

  virtual void deliver(ConnectionId to, const core::Delivery& delivery) = 0;
  virtual void deliver(ConnectionId to, const core::TopicDelivery& delivery) = 0;
  virtual void reply(ConnectionId to, RequestId request, const core::Reply& reply) = 0;
  virtual void end(ConnectionId connection, CloseReason reason) = 0;
};

}  // namespace confab::session
