// What topics mean on a listener: the account's conversations, or free topics. The session does the protocol, the
// profile what is said.
#pragma once

#include <memory>

#include "core/command.h"
#include "core/topic.h"
#include "mqtt/packet.h"
#include "mqtt/sending.h"
#include "session/session.h"

namespace confab::mqtt {

class Session;

// One session's. Lives on: the connection's shard.
class Profile {
 public:
  virtual ~Profile() = default;

  // A Reason that is not success: CONNECT cannot have a session here, whoever it is.
  virtual Reason check(const Connect& connect) = 0;
  // The client has proved who it is (Session::who()): the connection is to belong to somebody, and a session is to be
  // opened; Session::open or Session::refuse ends it.
  virtual void on_login(session::Outbox& out) = 0;

  // A PUBLISH whose topic is there and whose identifier is new. With QoS over 0 Session::settle follows, now or later.
  virtual void on_publish(const Publish& publish, session::Outbox& out) = 0;
  // QoS 2: the client will not send that one again.
  virtual void on_released(PacketId, session::Outbox&) {}
  virtual void on_subscribe(const Subscribe& subscribe, session::Outbox& out) = 0;
  virtual void on_unsubscribe(const Unsubscribe& unsubscribe, session::Outbox& out) = 0;

  // The client has what was sent with QoS 1 or 2 (of QoS 2: has it for certain, at PUBREC).
  virtual void on_taken(const UnderWay& taken, session::Outbox& out) = 0;
  // An exchange is over: there is room for another one.
  virtual void on_room(session::Outbox& out) = 0;

  virtual void on_delivery(const core::Delivery&, session::Outbox&) {}
  virtual void on_topic(const core::TopicDelivery&, session::Outbox&) {}
  virtual void on_flushed(session::Outbox&) {}
  virtual bool wants_flush() const { return false; }

  // The domain ends the session: what the client is to hear before.
  virtual void on_end(session::CloseReason, session::Outbox&) {}
  // The connection is gone, or is about to be closed by us. `will`: nobody said goodbye.
  virtual void on_close(bool will, std::optional<std::uint32_t> expiry, session::Outbox& out) = 0;
  // The time for which the session asked to be kept is over.
  virtual void on_expired(session::Outbox&) {}

  virtual std::size_t memory() const = 0;
};

}  // namespace confab::mqtt
