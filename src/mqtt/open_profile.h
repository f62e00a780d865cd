// Free topics: a plain broker (MQTT 5 §4.7, §4.8). What is published goes to whoever asked for it; core/topic.h has the
// domain's side.
#pragma once

#include <string>
#include <vector>

#include "mqtt/profile.h"
#include "mqtt/session.h"

namespace confab::mqtt {

// Lives on: the connection's shard.
class OpenProfile final : public Profile {
 public:
  explicit OpenProfile(Session& session) : session_(session) {}
  static std::unique_ptr<Profile> make(Session& session) { return std::make_unique<OpenProfile>(session); }

  Reason check(const Connect& connect) override;
  void on_login(session::Outbox& out) override;
  void on_publish(const Publish& publish, session::Outbox& out) override;
  void on_released(PacketId id, session::Outbox& out) override;
  void on_subscribe(const Subscribe& subscribe, session::Outbox& out) override;
  void on_unsubscribe(const Unsubscribe& unsubscribe, session::Outbox& out) override;
  void on_taken(const UnderWay& taken, session::Outbox& out) override;
  void on_room(session::Outbox& out) override;
  void on_topic(const core::TopicDelivery& delivery, session::Outbox& out) override;
  void on_flushed(session::Outbox& out) override;
  bool wants_flush() const override { return unflushed_ > 0; }
  void on_close(bool will, std::optional<std::uint32_t> expiry, session::Outbox& out) override;
  std::size_t memory() const override;

 private:
  void on_opened(const core::Reply& reply, session::Outbox& out);
  void go_on_with(session::Outbox& out);
  void give_back(session::Outbox& out);
  bool is_denied(std::string_view filter) const;
  Reason refusal() const;
  std::string memo() const;
  void restore(std::string_view memo);
  PacketId earlier_id(core::TopicSeq seq);

  Session& session_;
  std::vector<UnderWay> earlier_;  // sent on an earlier connection, and not acknowledged there
  std::size_t freed_ = 0;          // room that the domain was not told of
  std::size_t unflushed_ = 0;      // deliveries that take room until the kernel has them
};

}  // namespace confab::mqtt
