// The contract that every protocol implements: one connection's machine takes bytes and returns effects. No socket, no
// clock, no thread inside; so it is tested with strings and fuzzed directly.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "core/command.h"

namespace confab::session {

// Chosen by the session; comes back with the reply. 0: no reply wanted.
using RequestId = std::uint32_t;

// Chosen by the session: small numbers, each armed at most once at a time.
using TimerId = std::uint8_t;

// Where a connection came from.
struct PeerInfo {
  std::string address;  // "192.0.2.7", without the port: the key of limits per address
  std::uint16_t port = 0;
  bool loopback = false;  // never leaves this machine
  std::string listener;   // the configuration's name: "xmpp", "xmpps", "http", …
};

// What the TLS layer knows once the handshake is done.
struct TlsInfo {
  std::string alpn;     // empty: none
  std::string version;  // "TLSv1.3"
  std::string cipher;
  std::string exporter;          // RFC 9266 tls-exporter: 32 bytes; empty if not unique (TLS 1.2 without RFC 7627)
  std::string server_end_point;  // RFC 5929 tls-server-end-point: hash of our certificate
};

enum class CloseReason : std::uint8_t {
  peer_closed,  // end of file
  reset,        // error on the connection
  finished,     // this side said goodbye
  timed_out,    // a deadline of the pump's passed
  slow_reader,  // limits.queue_bytes was passed
  shutdown,     // the server goes down
  replaced,     // another session took over (conflict)
  removed,      // the account is gone or was disabled
  violation,    // the peer broke the protocol or a limit
};

// What one session hands to the session that continues in its place on a resumed connection (XEP-0198 §5). Each
// protocol derives its own.
struct Handover {
  virtual ~Handover() = default;
};

struct Submit {
  RequestId request;
  core::Command command;
};
struct StartTls {};
struct Arm {
  TimerId timer;
  milliseconds delay;
};
struct Disarm {
  TimerId timer;
};
struct Pause {};
struct Resume {};
struct BelongTo {
  Address account;
};
struct Keep {
  std::string token;
  milliseconds span;
};
struct TakeOver {
  std::string token;
  std::unique_ptr<Handover> handover;
};
struct Close {
  CloseReason reason;
};
using Effect = std::variant<Submit, StartTls, Arm, Disarm, Pause, Resume, BelongTo, Keep, TakeOver, Close>;

// Collects what a session wants done. The pump does it, in order, after the call that filled it has returned; bytes go
// out at the end of the loop's turn, all connections' together. Lives on: the connection's shard.
class Outbox {
 public:
  // `bytes`: where output is appended.
  explicit Outbox(std::string& bytes) : bytes_(bytes) {}

  // Bytes for the peer, in order.
  void send(std::string_view bytes) { bytes_.append(bytes); }
  // The same without a copy: whatever is appended here is sent.
  std::string& bytes() { return bytes_; }

  // Asks the domain; the reply comes by on_reply, unless `request` is 0.
  void submit(RequestId request, core::Command command) { add(Submit{request, std::move(command)}); }
  // TLS as the server, after everything sent so far has left in clear. Bytes that the peer sent too early are dropped
  // with the connection (RFC 6120 §5.4.3.3). on_secured follows.
  void start_tls() { add(StartTls{}); }
  // on_timer after `delay`, once; arming again moves it.
  void arm(TimerId timer, milliseconds delay) { add(Arm{timer, delay}); }
  void disarm(TimerId timer) { add(Disarm{timer}); }
  // Reads nothing until resume(): the peer's TCP window fills.
  void pause() { add(Pause{}); }
  void resume() { add(Resume{}); }
  // The connection is this account's (or of this core::topic_home) from now on: it moves to the shard that owns it, and
  // what follows is done there.
  void belong_to(Address account) { add(BelongTo{std::move(account)}); }
  // Whenever this connection is lost from now on, the session is kept for `span` and can be taken over with `token`
  // (unguessable) by a session of the same account. A `span` of 0 ends that.
  void keep(std::string token, milliseconds span) { add(Keep{std::move(token), span}); }
  // Puts the session kept under `token` in this one's place: it gets on_resumed; this one is destroyed. If there is
  // none, this one gets on_take_over_failed.
  void take_over(std::string token, std::unique_ptr<Handover> handover) {
    add(TakeOver{std::move(token), std::move(handover)});
  }
  // Sends what is queued, then closes. on_close follows, with `reason`.
  void close(CloseReason reason) { add(Close{reason}); }

  std::vector<Effect> take_effects() { return std::exchange(effects_, {}); }
  bool has_effects() const { return !effects_.empty(); }

 private:
  void add(Effect effect) { effects_.push_back(std::move(effect)); }

  std::string& bytes_;
  std::vector<Effect> effects_;
};

// One connection's protocol machine. Clock and randomness come by the constructor. Lives on: the connection's shard.
class Session {
 public:
  virtual ~Session() = default;

  virtual void on_open(const PeerInfo& peer, Outbox& out) = 0;
  virtual void on_secured(const TlsInfo& tls, Outbox& out) = 0;
  virtual void on_bytes(ByteSpan bytes, Outbox& out) = 0;
  virtual void on_delivery(const core::Delivery& delivery, Outbox& out) = 0;
  virtual void on_topic(const core::TopicDelivery&, Outbox&) {}  // of who has said core::OpenTopicSession
  virtual void on_reply(RequestId request, const core::Reply& reply, Outbox& out) = 0;
  virtual void on_timer(TimerId timer, Outbox& out) = 0;
  // Everything sent so far has left for the kernel, and the queue had been over the low-water mark or on_flushed was
  // asked for by returning true from wants_flush(): the moment to want more backlog, or to count it as delivered.
  virtual void on_flushed(Outbox& out) = 0;
  virtual bool wants_flush() const { return false; }
  // The domain ends this session (conflict, account removed, server going down): say goodbye and close.
  virtual void on_end(CloseReason reason, Outbox& out) = 0;
  // The connection is gone; `out` can only submit. If keep() was in force the session lives on, without a connection,
  // and still gets deliveries and replies (what it sends is dropped), until on_resumed or on_expired.
  virtual void on_close(CloseReason reason, Outbox& out) = 0;
  virtual void on_resumed(const PeerInfo& peer, std::unique_ptr<Handover> handover, Outbox& out) = 0;
  virtual void on_take_over_failed(std::unique_ptr<Handover> handover, Outbox& out) = 0;
  // The time of keep() is over: the last call before the session is destroyed.
  virtual void on_expired(Outbox& out) = 0;
};

}  // namespace confab::session
