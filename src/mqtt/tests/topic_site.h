// Clients of free topics: sessions as the server makes them, on a real topic space, in virtual time. In between is what
// the engine does: it carries commands and answers, and runs timers.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mqtt/protocol.h"
#include "mqtt/session.h"
#include "mqtt/tests/hex.h"
#include "mqtt/wire.h"
#include "testing/space_world.h"

namespace confab::mqtt {

class TopicClient;

class TopicSite {
 public:
  explicit TopicSite(Config config = {}, std::uint32_t shards = 1) : world({}, shards) {
    config.domain = "example.org";
    config.anonymous = true;
    site.config = std::move(config);
    site.now = [this] { return world.loop().now(); };
    site.random = [this](unsigned char* out, std::size_t size) {
      for (std::size_t i = 0; i < size; ++i) out[i] = next_++;
    };
    world.listening = true;
  }

  // Until nobody has anything to say.
  void settle();
  void pass(milliseconds span) {
    for (; span.count() > 0; span -= milliseconds(500)) {
      world.pass(std::min(span, milliseconds(500)));
      settle();
    }
  }

  testing::SpaceWorld world;
  Site site;
  std::map<testing::Link, TopicClient*> clients;

 private:
  unsigned char next_ = 0;
};

// One connection. What it hears is in `packets`, and as bytes what hear() gives.
class TopicClient {
 public:
  explicit TopicClient(TopicSite& site, Level level = Level::v5)
      : link_(site.world.connect("").link), site_(site), level_(level), session_(make_open_session(site.site)) {
    reader_.set_level(level);
    site_.clients[link_] = this;
    run([](session::Session& to, session::Outbox& out) {
      session::PeerInfo peer;
      peer.address = "127.0.0.1";
      peer.loopback = true;
      to.on_open(peer, out);
    });
  }
  TopicClient(TopicSite& site, const Connect& connect) : TopicClient(site, connect.level) { feed(connect); }
  ~TopicClient() {
    lose();
    site_.clients.erase(link_);
  }
  TopicClient(const TopicClient&) = delete;
  TopicClient& operator=(const TopicClient&) = delete;

  void feed(const Packet& packet) {
    std::string bytes;
    REQUIRE(write(packet, level_, bytes));
    feed_bytes(bytes);
  }
  void feed_bytes(const std::string& bytes) {
    run([&](session::Session& to, session::Outbox& out) { to.on_bytes(as_bytes(bytes), out); });
    site_.settle();
  }
  // The connection breaks.
  void lose() {
    if (std::exchange(closed, true)) return;
    run([](session::Session& to, session::Outbox& out) { to.on_close(session::CloseReason::reset, out); });
    site_.world.space(shard_).closed(link_);
    site_.settle();
  }
  void end(session::CloseReason reason) {
    run([&](session::Session& to, session::Outbox& out) { to.on_end(reason, out); });
    site_.settle();
  }

  // In hexadecimal: what it hears that it has not been asked for yet; after `said` has been said.
  std::string hear() { return encode_hex(std::exchange(unheard_, {})); }
  std::string hear(std::string_view said) {
    feed_bytes(hex(said));
    return hear();
  }
  template <class What>
  std::vector<What> sent() const {
    std::vector<What> found;
    for (const Packet& packet : packets) {
      if (const auto* one = std::get_if<What>(&packet)) found.push_back(*one);
    }
    return found;
  }
  // The payloads of what it was sent since it was last asked.
  std::vector<std::string> payloads() {
    std::vector<std::string> all;
    for (const Publish& publish : sent<Publish>()) all.emplace_back(publish.payload);
    forget();
    return all;
  }
  void forget() {
    packets.clear();
    unheard_.clear();
  }

  // Short words for what most clients do.
  std::vector<Reason> subscribe(std::string_view filter, std::uint8_t qos = 0, std::uint32_t id = 0) {
    Subscription one;
    one.filter = filter;
    one.qos = qos;
    return subscribe(one, id);
  }
  std::vector<Reason> subscribe(const Subscription& one, std::uint32_t id = 0) {
    const std::size_t before = sent<Suback>().size();
    feed(Subscribe{0x7000, id, {one}, {}});
    REQUIRE(sent<Suback>().size() == before + 1);
    return sent<Suback>().back().reasons;
  }
  void publish(std::string_view topic, std::string_view payload, std::uint8_t qos = 0, bool retain = false,
               PacketId id = 1) {
    Publish one;
    one.topic = topic;
    one.payload = payload;
    one.qos = qos;
    one.retain = retain;
    one.id = qos == 0 ? PacketId{0} : id;
    feed(one);
    if (qos == 2) feed(Ack{Ack::Kind::pubrel, id, Reason::success, {}, {}});
  }
  void acknowledge(Ack::Kind kind, PacketId id, Reason reason = Reason::success) {
    feed(Ack{kind, id, reason, {}, {}});
  }

  void hear(const testing::SpaceWorld::Heard& heard) {
    run([&](session::Session& to, session::Outbox& out) {
      if (const auto* delivery = std::get_if<core::TopicDelivery>(&heard.what)) return to.on_topic(*delivery, out);
      if (const auto* reply = std::get_if<std::pair<testing::RequestId, core::Reply>>(&heard.what)) {
        return to.on_reply(reply->first, reply->second, out);
      }
      to.on_end(session::CloseReason::replaced, out);
    });
  }
  bool flush() {
    if (closed || !session_->wants_flush()) return false;
    run([](session::Session& to, session::Outbox& out) { to.on_flushed(out); });
    return true;
  }

  std::vector<Packet> packets;
  bool closed = false;
  session::CloseReason closed_by = session::CloseReason::reset;

 private:
  template <class Call>
  void run(Call call) {
    std::string bytes;
    session::Outbox out(bytes);
    call(*session_, out);
    take(std::move(bytes));
    for (session::Effect& effect : out.take_effects()) perform(effect);
  }
  void perform(session::Effect& effect) {
    if (auto* submit = std::get_if<session::Submit>(&effect)) {
      ask(*submit);
    } else if (const auto* arm = std::get_if<session::Arm>(&effect)) {
      const std::uint64_t number = ++armed_[arm->timer];
      site_.world.loop().after(arm->delay, [&site = site_, link = link_, timer = arm->timer, number] {
        const auto at = site.clients.find(link);
        if (at != site.clients.end()) at->second->on_timer(timer, number);
      });
    } else if (const auto* disarm = std::get_if<session::Disarm>(&effect)) {
      ++armed_[disarm->timer];
    } else if (const auto* close = std::get_if<session::Close>(&effect); close != nullptr && !closed) {
      closed_by = close->reason;
      lose();
    }
  }
  void ask(session::Submit& submit) {
    // Every password is right but one.
    if (const auto* verify = std::get_if<core::VerifyPassword>(&submit.command)) {
      core::Reply verdict = core::Done{};
      if (verify->password == "wrong") verdict = core::Refused{Errc::not_authorized, {}};
      return site_.world.heard.push_back({link_, std::pair(submit.request, verdict)});
    }
    if (const auto* open = std::get_if<core::OpenTopicSession>(&submit.command)) {
      shard_ = site_.world.shard_of(open->client);
    }
    site_.world.space(shard_).submit(link_, submit.request, std::move(submit.command));
  }
  void on_timer(session::TimerId timer, std::uint64_t number) {
    if (closed || armed_[timer] != number) return;
    run([timer](session::Session& to, session::Outbox& out) { to.on_timer(timer, out); });
  }
  void take(std::string bytes) {
    if (bytes.empty()) return;
    CHECK_FALSE(closed);
    unheard_ += bytes;
    kept_.push_back(std::move(bytes));
    reader_.feed(kept_.back());
    for (;;) {
      Result<std::optional<Packet>> packet = reader_.next();
      REQUIRE(packet);
      if (!*packet) break;
      packets.push_back(**packet);
    }
    CHECK(reader_.buffered() == 0);
  }

  const testing::Link link_;
  TopicSite& site_;
  const Level level_;
  std::unique_ptr<session::Session> session_;
  std::uint32_t shard_ = 0;
  std::map<session::TimerId, std::uint64_t> armed_;
  Reader reader_{1 << 20, From::server};
  std::deque<std::string> kept_;  // what the packets' texts are slices of
  std::string unheard_;
};

inline void TopicSite::settle() {
  for (bool more = true; more;) {
    world.run();
    for (; !world.heard.empty(); world.run()) {
      const testing::SpaceWorld::Heard one = std::move(world.heard.front());
      world.heard.pop_front();
      const auto at = clients.find(one.to);
      if (at != clients.end() && !at->second->closed) at->second->hear(one);
    }
    more = false;
    for (const auto& [link, client] : clients) more = client->flush() || more;
  }
}

// CONNECT of nobody in particular.
inline Connect named(std::string_view client_id, Level level = Level::v5) {
  Connect connect;
  connect.level = level;
  connect.client_id = client_id;
  return connect;
}
// Of a session that outlives its connection: in 3.1.1 for ever.
inline Connect lasting(std::string_view client_id, Level level = Level::v5, std::uint32_t expiry = 1000) {
  Connect connect = named(client_id, level);
  connect.clean_start = false;
  connect.session_expiry = level == Level::v5 ? expiry : core::kNeverExpires;
  return connect;
}

// Bytes as text, as hear() has them.
inline std::string bytes_of(std::string_view text) {
  return encode_hex(hex(text));
}

}  // namespace confab::mqtt
