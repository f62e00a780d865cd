// One MQTT connection's machine: CONNECT, authentication, packets both ways, acknowledgements, keep alive.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/function.h"
#include "mqtt/login.h"
#include "mqtt/profile.h"
#include "mqtt/receiving.h"
#include "mqtt/sending.h"
#include "mqtt/site.h"
#include "mqtt/wire.h"
#include "session/pending.h"
#include "session/session.h"

namespace confab::mqtt {

// What CONNECT said, as far as it counts later.
struct Who {
  Level level = Level::v311;
  std::string client_id;
  std::string name;  // the account's prepared local part; empty: nobody's
  bool clean_start = true;
  bool assigned = false;     // the server made the client id
  std::uint32_t expiry = 0;  // seconds
  std::uint16_t keep_alive = 0;
  std::uint32_t maximum_packet_size = 0;
  bool problem_information = true;
};

// The will, and what else a profile wants of CONNECT before it can open: given back once it is open.
struct Opening {
  std::string will_topic, will_payload, will_content_type, will_response_topic;
  std::optional<std::string> will_correlation;
  std::vector<std::pair<std::string, std::string>> will_user;
  std::optional<std::uint32_t> will_expiry;
  std::uint32_t will_delay = 0;
  std::uint8_t will_qos = 0;
  bool has_will = false, will_retain = false, will_utf8 = false;
  bool wants_response_information = false;
  std::vector<std::pair<std::string, std::string>> user;
};

// What CONNACK tells beside what the session knows itself.
struct Opened {
  bool present = false;
  std::optional<std::uint32_t> expiry;  // where it is another one than the client asked for
  std::string response_information;
};

// Lives on: the connection's shard.
class Session final : public session::Session {
 public:
  using Outbox = session::Outbox;
  using Then = UniqueFunction<void(const core::Reply&, Outbox&)>;
  using MakeProfile = std::unique_ptr<Profile> (*)(Session& session);

  // `anonymous`: whoever gives no name is let in.
  Session(const Site& site, MakeProfile make_profile, bool anonymous, std::uint16_t keep_alive_max);

  void on_open(const session::PeerInfo& peer, Outbox& out) override;
  void on_secured(const session::TlsInfo& tls, Outbox& out) override;
  void on_bytes(ByteSpan bytes, Outbox& out) override;
  void on_delivery(const core::Delivery& delivery, Outbox& out) override;
  void on_topic(const core::TopicDelivery& delivery, Outbox& out) override;
  void on_reply(session::RequestId request, const core::Reply& reply, Outbox& out) override;
  void on_timer(session::TimerId timer, Outbox& out) override;
  void on_flushed(Outbox& out) override;
  bool wants_flush() const override { return phase_ == Phase::open && profile_->wants_flush(); }
  void on_end(session::CloseReason reason, Outbox& out) override;
  void on_close(session::CloseReason reason, Outbox& out) override;
  void on_resumed(const session::PeerInfo&, std::unique_ptr<session::Handover>, Outbox&) override {}
  void on_take_over_failed(std::unique_ptr<session::Handover>, Outbox&) override {}
  void on_expired(Outbox& out) override;

  // ---- For the profile. ----

  const Site& site() const { return site_; }
  const Who& who() const { return who_; }
  const Opening& opening() const { return *opening_; }
  const std::string& peer_address() const { return peer_.address; }  // until it is open
  bool is_v5() const { return who_.level == Level::v5; }

  // Asks the domain; `then` gets the answer, unless the session is over by then.
  void ask(core::Command command, Outbox& out, Then then);
  // The session is there: CONNACK. It is over at once if the client takes no packet of that size.
  void open(const Opened& opened, Outbox& out);
  // There will be none: CONNACK with the reason.
  void refuse(Reason reason, Outbox& out, std::string_view text = {});
  // The end, from our side: DISCONNECT with the reason where the client knows such a thing.
  void end(Reason reason, session::CloseReason why, Outbox& out, std::string_view text = {});

  // What became of a PUBLISH with QoS 1 or 2.
  void settle(PacketId id, std::uint8_t qos, Reason reason, Outbox& out);
  // Sends it; with QoS 1 or 2 there must be room, and the identifier is `wanted` where that is free. `token` comes back
  // by on_taken. A packet that the client does not take in its size counts as taken, at once: false.
  bool publish(Publish& publish, std::uint64_t token, Outbox& out, PacketId wanted = 0);
  void send(const Packet& packet, Outbox& out);
  Sending& sending() { return sending_; }
  Receiving& receiving() { return receiving_; }
  bool is_over() const { return phase_ == Phase::over; }

  std::size_t memory() const;

 private:
  enum class Phase : std::uint8_t { connect, login, opening, open, over };
  // Why reading pauses. A set of bits.
  enum Wait : std::uint8_t { kWaitLogin = 1, kWaitRate = 2, kWaitReplies = 4 };

  // session.cpp
  void drain(Outbox& out);
  void take(const Packet& packet, Outbox& out);
  void take_open(const Packet& packet, Outbox& out);
  void fail(Outbox& out);
  void wait(Wait why, Outbox& out);
  void go_on(Wait why, Outbox& out);
  void finish(session::CloseReason reason, Outbox& out);
  void watch(Outbox& out);
  void on_silence(Outbox& out);

  // connecting.cpp
  void on_connect(const Connect& connect, Outbox& out);
  Reason take_connect(const Connect& connect);
  void remember(const Connect& connect);
  bool password_may_go() const;
  void perform(Login::Step step, Outbox& out);
  void answer_failure(Outbox& out);
  void log_in(std::string data, Outbox& out);
  void on_auth(const Auth& auth, Outbox& out);

  // publications.cpp
  bool pay(Outbox& out);
  void on_publish(const Publish& publish, Outbox& out);
  void on_ack(const Ack& ack, Outbox& out);
  void on_release(const Ack& ack, Outbox& out);
  void send_settled(Outbox& out);
  void on_disconnect(const Disconnect& disconnect, Outbox& out);

  const Site& site_;
  Reader reader_;
  std::unique_ptr<Profile> profile_;
  std::unique_ptr<Login> login_;      // until the session is open; again while it authenticates anew
  std::unique_ptr<Opening> opening_;  // until the session is open
  session::PeerInfo peer_;            // emptied once it is
  Who who_;
  session::Pending<Then> asked_;
  Sending sending_;
  Receiving receiving_;
  std::string data_;    // of CONNACK: the end of the authentication
  std::string method_;  // of the authentication, for another one
  MonoMs heard_;
  std::int64_t paid_until_us_ = 0;
  std::uint16_t keep_alive_max_;
  Reason failure_ = Reason::success;  // whose answer waits
  Phase phase_ = Phase::connect;
  std::uint8_t wait_ = 0;
  bool anonymous_;
  bool secure_ = false;
  bool clean_ = false;  // the client said goodbye
};

}  // namespace confab::mqtt
