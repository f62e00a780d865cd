// A session that writes down what it is told, and does what the test says; and a domain likewise.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "session/domain.h"
#include "session/session.h"

namespace confab::testing {

// What remains to look at after the session itself is gone.
struct SessionLog {
  std::vector<std::string> calls;
  std::string bytes;
  bool destroyed = false;
  bool wants_flush = false;
  // By the name of the call ("bytes", "timer", …): what it does. Set by the test; used from then on.
  std::function<void(const std::string& call, session::Outbox& out)> act;

  std::size_t count(const std::string& call) const {
    std::size_t n = 0;
    for (const std::string& one : calls) n += one == call ? 1 : 0;
    return n;
  }
};

class RecordingSession final : public session::Session {
 public:
  explicit RecordingSession(std::shared_ptr<SessionLog> log) : log_(std::move(log)) {}
  ~RecordingSession() override { log_->destroyed = true; }

  void on_open(const session::PeerInfo&, session::Outbox& out) override { told("open", out); }
  void on_secured(const session::TlsInfo& tls, session::Outbox& out) override { told("secured " + tls.alpn, out); }
  void on_bytes(ByteSpan bytes, session::Outbox& out) override {
    log_->bytes += as_text(bytes);
    told("bytes " + std::string(as_text(bytes)), out);
  }
  void on_delivery(const core::Delivery& delivery, session::Outbox& out) override {
    told("delivery " + std::to_string(delivery.seq), out);
  }
  void on_reply(session::RequestId request, const core::Reply&, session::Outbox& out) override {
    told("reply " + std::to_string(request), out);
  }
  void on_timer(session::TimerId timer, session::Outbox& out) override { told("timer " + std::to_string(timer), out); }
  void on_flushed(session::Outbox& out) override { told("flushed", out); }
  bool wants_flush() const override { return log_->wants_flush; }
  void on_end(session::CloseReason, session::Outbox& out) override { told("end", out); }
  void on_close(session::CloseReason reason, session::Outbox& out) override {
    told("close " + std::to_string(static_cast<int>(reason)), out);
  }
  void on_resumed(const session::PeerInfo& peer, std::unique_ptr<session::Handover>, session::Outbox& out) override {
    told("resumed " + peer.address, out);
  }
  void on_take_over_failed(std::unique_ptr<session::Handover>, session::Outbox& out) override {
    told("take_over_failed", out);
  }
  void on_expired(session::Outbox& out) override { told("expired", out); }

 private:
  void told(std::string call, session::Outbox& out) {
    log_->calls.push_back(call);
    if (log_->act) log_->act(call, out);
  }

  std::shared_ptr<SessionLog> log_;
};

class RecordingDomain final : public session::Domain {
 public:
  struct Asked {
    session::ConnectionId from;
    Address account;
    session::RequestId request;
  };

  void submit(session::ConnectionId from, const Address& account, session::RequestId request, core::Command) override {
    if (keep_log) asked.push_back({from, account, request});
  }
  std::uint32_t owner_shard(const Address&) const override { return owner; }
  void closed(session::ConnectionId connection, const Address&) override {
    if (keep_log) gone.push_back(connection);
  }

  bool keep_log = true;  // false: used by several threads
  std::uint32_t owner = 0;
  std::vector<Asked> asked;
  std::vector<session::ConnectionId> gone;
};

}  // namespace confab::testing
