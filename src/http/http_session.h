// One HTTP connection: reads requests, answers GET and HEAD with pages, and hands itself on where WebSocket is asked
// for.
#pragma once

#include <string>

#include "http/pages.h"
#include "http/request_parser.h"
#include "http/upgrades.h"
#include "session/session.h"

namespace confab::http {

struct Limits {
  std::size_t head_bytes = 16384;
  seconds head_seconds{30};    // from its first byte (the first one's: from connect) to the end of a head
  seconds idle_seconds{75};    // between requests
  std::size_t answers = 100;   // on one connection: then it is closed, so that no one holds it for ever
  std::size_t pipelined = 16;  // answered per call of on_bytes: a peer that sends more at once is closed
};

// Lives on: the connection's shard.
class HttpSession final : public session::Session {
 public:
  // `pages` and `upgrades` outlive the session.
  HttpSession(Pages& pages, const Limits& limits, const Upgrades& upgrades = kNoUpgrades);

  void on_open(const session::PeerInfo& peer, session::Outbox& out) override;
  void on_secured(const session::TlsInfo& tls, session::Outbox& out) override;
  void on_bytes(ByteSpan bytes, session::Outbox& out) override;
  void on_delivery(const core::Delivery&, session::Outbox&) override {}
  void on_reply(session::RequestId, const core::Reply&, session::Outbox&) override {}
  void on_timer(session::TimerId timer, session::Outbox& out) override;
  void on_flushed(session::Outbox&) override {}
  void on_end(session::CloseReason reason, session::Outbox& out) override;
  void on_close(session::CloseReason, session::Outbox&) override { closed_ = true; }
  void on_resumed(const session::PeerInfo&, std::unique_ptr<session::Handover>, session::Outbox&) override {}
  void on_take_over_failed(std::unique_ptr<session::Handover>, session::Outbox&) override {}
  void on_expired(session::Outbox&) override {}

 private:
  void answer(const Request& request, std::string_view rest, session::Outbox& out);
  void upgrade(const Request& request, const UpgradeRoute& route, std::string_view rest, session::Outbox& out);
  void refuse(const Error& error, session::Outbox& out);
  void end(int status, session::Outbox& out);
  void write(int status, const Page& page, bool with_body, bool keep, session::Outbox& out);
  void arm(session::Outbox& out);

  Pages& pages_;
  const Limits limits_;
  const Upgrades& upgrades_;
  session::PeerInfo peer_;
  std::unique_ptr<session::TlsInfo> tls_;  // kept for who comes after us; null: in clear
  RequestParser parser_;
  std::size_t answered_ = 0;
  bool head_under_way_ = true;  // which deadline is armed
  bool closed_ = false;         // we said the last word: whatever comes is dropped
  bool handed_on_ = false;      // and it was 101
};

// "Not Found" for 404; "Error" for codes that we never send.
std::string_view reason_of(int status);

}  // namespace confab::http
