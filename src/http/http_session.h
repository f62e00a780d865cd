// One HTTP connection: reads requests, answers them with pages and by services, and hands itself on where WebSocket is
// asked for.
#pragma once

#include <memory>
#include <string>

#include "http/answer_queue.h"
#include "http/pages.h"
#include "http/request_parser.h"
#include "http/service.h"
#include "http/upgrades.h"
#include "session/session.h"

namespace confab::http {

struct Limits {
  std::size_t head_bytes = 16384;
  seconds head_seconds{30};          // from its first byte (the first one's: from connect) to the end of a head
  seconds idle_seconds{75};          // between requests
  std::size_t answers = 100;         // on one connection: then it is closed, so that no one holds it for ever
  std::size_t pipelined = 16;        // requests per call of on_bytes, and without an answer yet: beyond, it is closed
  std::size_t body_bytes = 1 << 20;  // of a request
  seconds body_seconds{60};          // from the end of its head to its own
  seconds answer_seconds{60};        // for a service, from when it is the next to answer
};

// Lives on: the connection's shard.
class HttpSession final : public session::Session {
 public:
  // `pages`, `upgrades` and `site` outlive the session.
  HttpSession(Pages& pages, const Limits& limits, const Upgrades& upgrades = kNoUpgrades,
              const Site& site = kPagesOnly);
  ~HttpSession() override;

  void on_open(const session::PeerInfo& peer, session::Outbox& out) override;
  void on_secured(const session::TlsInfo& tls, session::Outbox& out) override;
  void on_bytes(ByteSpan bytes, session::Outbox& out) override;
  void on_delivery(const core::Delivery&, session::Outbox&) override {}
  void on_reply(session::RequestId request, const core::Reply& reply, session::Outbox& out) override;
  void on_timer(session::TimerId timer, session::Outbox& out) override;
  void on_flushed(session::Outbox&) override {}
  void on_end(session::CloseReason reason, session::Outbox& out) override;
  void on_close(session::CloseReason reason, session::Outbox& out) override;
  void on_resumed(const session::PeerInfo&, std::unique_ptr<session::Handover>, session::Outbox&) override {}
  void on_take_over_failed(std::unique_ptr<session::Handover>, session::Outbox&) override {}
  void on_expired(session::Outbox&) override {}

 private:
  struct Exchange;
  enum class Wait : std::uint8_t { head, body, idle, nothing };  // for what of the peer there is a deadline

  void begin(Request request, std::string_view rest, session::Outbox& out);
  void serve(Exchange& exchange, session::Outbox& out);
  void upgrade(const Request& request, const UpgradeRoute& route, std::string_view rest);
  const UpgradeRoute* upgrade_route(std::string_view path) const;
  Exchange aim(Request request) const;
  Response answer_page(const Request& request) const;
  void end(int status, bool head = false);
  void take_answers(Desk& desk);
  void settle(bool fresh, session::Outbox& out);
  void pace(session::Outbox& out);
  void watch_peer(bool fresh, session::Outbox& out);
  void watch_service(session::Outbox& out);

  Pages& pages_;
  const Limits limits_;
  const Upgrades& upgrades_;
  const Site& site_;
  session::PeerInfo peer_;
  std::unique_ptr<session::TlsInfo> tls_;  // kept for who comes after us; null: in clear
  RequestParser parser_;
  AnswerQueue queue_;
  std::unique_ptr<Exchange> under_way_;  // whose body is being read
  std::unique_ptr<Service> service_;
  std::size_t begun_ = 0;  // requests
  Ticket watched_ = 0;     // whose answer has a deadline
  Wait wait_ = Wait::head;
  bool paused_ = false;
  bool deaf_ = false;       // no further request is read
  bool closed_ = false;     // we said the last word: whatever comes is dropped
  bool handed_on_ = false;  // and it was 101
};

}  // namespace confab::http
