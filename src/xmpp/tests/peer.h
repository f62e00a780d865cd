// A scripted client of one session machine: strings in, strings and commands out, answers given by hand.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/credentials.h"
#include "xmpp/protocol.h"
#include "xmpp/session.h"

namespace confab::xmpp {

inline constexpr std::string_view kOpen =
    "<?xml version='1.0'?><stream:stream to='example.org' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

// Virtual time, counted randomness.
struct FakeWorld {
  Now now{{1'800'000'000'000}, {1'000'000}};
  unsigned char next = 0;

  std::unique_ptr<Site> site(Config config) {
    config.domain = "example.org";
    return make_site(
        std::move(config), [this] { return now; },
        [this](unsigned char* out, std::size_t size) {
          for (std::size_t i = 0; i < size; ++i) out[i] = next++;
        },
        nullptr);
  }
};

// One connection. What the session does goes into `commands`, `out` and the flags.
class Peer {
 public:
  explicit Peer(const Site& site) : site_(site), session(std::make_unique<Session>(site)) {}

  // Each gives what the session sent meanwhile.
  std::string open(bool loopback = true) {
    return run([&](session::Outbox& out) {
      session::PeerInfo peer;
      peer.address = "127.0.0.1";
      peer.loopback = loopback;
      peer.listener = "xmpp";
      session->on_open(peer, out);
    });
  }
  std::string secure(session::TlsInfo tls = {}) {
    return run([&](session::Outbox& out) { session->on_secured(tls, out); });
  }
  std::string feed(std::string_view text) {
    return run([&](session::Outbox& out) { session->on_bytes(as_bytes(text), out); });
  }
  // Answers the oldest command that wants a reply.
  std::string reply(core::Reply with) {
    while (!commands.empty() && commands.front().request == 0) commands.pop_front();
    if (commands.empty()) return "NO COMMAND";
    const session::RequestId id = commands.front().request;
    commands.pop_front();
    return reply_to(id, std::move(with));
  }
  std::string reply_to(session::RequestId id, core::Reply with) {
    return run([&](session::Outbox& out) { session->on_reply(id, with, out); });
  }
  std::string deliver(core::Event event, Upos seq = 0, bool delayed = false) {
    return run([&](session::Outbox& out) {
      session->on_delivery({std::make_shared<core::Event>(std::move(event)), seq, delayed, false, delayed}, out);
    });
  }
  std::string timer(session::TimerId id) {
    return run([&](session::Outbox& out) { session->on_timer(id, out); });
  }
  std::string flushed() {
    return run([&](session::Outbox& out) { session->on_flushed(out); });
  }
  std::string end(session::CloseReason why) {
    return run([&](session::Outbox& out) { session->on_end(why, out); });
  }
  void lose() {
    run([&](session::Outbox& out) { session->on_close(session::CloseReason::reset, out); });
  }
  std::string resumed(std::unique_ptr<session::Handover> from) {
    return run([&](session::Outbox& out) { session->on_resumed({}, std::move(from), out); });
  }

  // Logs in as alice by PLAIN and binds "balcony"; everything that was said is forgotten.
  void log_in() {
    open();
    feed(kOpen);
    feed("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>");
    reply(core::Done{});
    feed(kOpen);
    feed(
        "<iq type='set' id='b'><bind "
        "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>");
    reply(core::SessionOpened{1, "balcony"});
    commands.clear();
  }

  template <class Command>
  const Command* last() const {
    return commands.empty() ? nullptr : std::get_if<Command>(&commands.back().command);
  }

  template <class Call>
  std::string run(Call call) {
    std::string bytes;
    session::Outbox out(bytes);
    call(out);
    for (session::Effect& effect : out.take_effects()) note(effect);
    return bytes;
  }

  const Site& site_;
  std::unique_ptr<Session> session;
  std::deque<session::Submit> commands;
  bool started_tls = false;
  bool paused = false;
  bool closed = false;
  session::CloseReason reason = session::CloseReason::finished;
  Address account;
  std::string kept;    // the token in force
  std::string wanted;  // the token to take over
  std::unique_ptr<session::Handover> handover;
  std::vector<session::Arm> timers;

 private:
  void note(session::Effect& effect) {
    if (auto* s = std::get_if<session::Submit>(&effect)) commands.push_back(std::move(*s));
    if (std::holds_alternative<session::StartTls>(effect)) started_tls = true;
    if (std::holds_alternative<session::Pause>(effect)) paused = true;
    if (std::holds_alternative<session::Resume>(effect)) paused = false;
    if (auto* b = std::get_if<session::BelongTo>(&effect)) account = b->account;
    if (auto* k = std::get_if<session::Keep>(&effect)) kept = k->span.count() == 0 ? std::string() : k->token;
    if (auto* a = std::get_if<session::Arm>(&effect)) timers.push_back(*a);
    if (auto* t = std::get_if<session::TakeOver>(&effect)) {
      wanted = t->token;
      handover = std::move(t->handover);
    }
    if (auto* c = std::get_if<session::Close>(&effect)) {
      closed = true;
      reason = c->reason;
    }
  }
};

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace confab::xmpp
