// A scripted client of one session machine: packets in, packets and commands out, answers given by hand.
#pragma once

#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "mqtt/protocol.h"
#include "mqtt/session.h"

namespace confab::mqtt {

// Virtual time, counted randomness.
struct FakeWorld {
  Now now{{1'800'000'000'000}, {1'000'000}};
  unsigned char next = 0;

  Site site(Config config = {}) {
    config.domain = "example.org";
    return Site{std::move(config), [this] { return now; },
                [this](unsigned char* out, std::size_t size) {
                  for (std::size_t i = 0; i < size; ++i) out[i] = next++;
                },
                nullptr};
  }
};

// One connection. What the session does goes into `commands`, what it sends into `packets` (their texts are kept).
class Peer {
 public:
  Peer(const Site& site, bool open_profile, Level by = Level::v5)
      : level(by), session(open_profile ? make_open_session(site) : make_im_session(site)) {
    reader.set_level(by);
    run([](session::Session& to, session::Outbox& out) {
      session::PeerInfo peer;
      peer.address = "127.0.0.1";
      peer.loopback = true;
      to.on_open(peer, out);
    });
  }

  void feed(const Packet& packet) {
    std::string bytes;
    write(packet, level, bytes);
    feed_bytes(bytes);
  }
  void feed_bytes(const std::string& bytes) {
    run([&](session::Session& to, session::Outbox& out) { to.on_bytes(as_bytes(bytes), out); });
  }
  // Answers the oldest command that wants a reply.
  void reply(core::Reply with) {
    while (!commands.empty() && commands.front().request == 0) commands.pop_front();
    if (commands.empty()) return;
    const session::RequestId id = commands.front().request;
    commands.pop_front();
    run([&](session::Session& to, session::Outbox& out) { to.on_reply(id, with, out); });
  }
  void deliver(core::Event event, Upos seq = 0, bool own = false) {
    const core::Delivery delivery{
        .event = std::make_shared<core::Event>(std::move(event)), .seq = seq, .delayed = false, .own = own};
    run([&](session::Session& to, session::Outbox& out) { to.on_delivery(delivery, out); });
  }
  void topic(const core::TopicDelivery& delivery) {
    run([&](session::Session& to, session::Outbox& out) { to.on_topic(delivery, out); });
  }
  void timer(session::TimerId id) {
    run([&](session::Session& to, session::Outbox& out) { to.on_timer(id, out); });
  }
  void lose() {
    run([](session::Session& to, session::Outbox& out) { to.on_close(session::CloseReason::reset, out); });
  }

  template <class Command>
  const Command* command() const {
    for (const session::Submit& each : commands) {
      if (const auto* found = std::get_if<Command>(&each.command)) return found;
    }
    return nullptr;
  }
  template <class What>
  std::vector<What> sent() const {
    std::vector<What> found;
    for (const Packet& packet : packets) {
      if (const auto* one = std::get_if<What>(&packet)) found.push_back(*one);
    }
    return found;
  }
  void forget() {
    commands.clear();
    packets.clear();
  }

  Level level;
  std::unique_ptr<session::Session> session;
  std::deque<session::Submit> commands;
  std::vector<Packet> packets;
  bool closed = false;
  bool paused = false;

 private:
  template <class Call>
  void run(Call call) {
    std::string bytes;
    session::Outbox out(bytes);
    call(*session, out);
    for (session::Effect& effect : out.take_effects()) {
      if (auto* submit = std::get_if<session::Submit>(&effect)) commands.push_back(std::move(*submit));
      if (std::holds_alternative<session::Close>(effect)) closed = true;
      if (std::holds_alternative<session::Pause>(effect)) paused = true;
      if (std::holds_alternative<session::Resume>(effect)) paused = false;
    }
    kept.push_back(std::move(bytes));
    reader.feed(kept.back());
    while (true) {
      Result<std::optional<Packet>> packet = reader.next();
      if (!packet) std::abort();  // no client reads that
      if (!*packet) break;
      packets.push_back(**packet);
    }
  }

  Reader reader{1 << 20, From::server};
  std::deque<std::string> kept;  // what the packets' texts are slices of
};

inline Connect connect_as(std::string_view client_id, Level level = Level::v5) {
  Connect connect;
  connect.level = level;
  connect.client_id = client_id;
  connect.user_name = "alice";
  connect.password = "secret";
  return connect;
}

inline Publish publish_to(std::string_view topic, std::string_view payload, std::uint8_t qos = 1, PacketId id = 1) {
  Publish publish;
  publish.topic = topic;
  publish.payload = payload;
  publish.qos = qos;
  publish.id = qos == 0 ? PacketId{0} : id;
  return publish;
}

}  // namespace confab::mqtt
