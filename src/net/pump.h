// One connection: moves bytes between its stream and its session, and does what the session's outbox says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/timer_wheel.h"
#include "session/domain.h"
#include "session/session.h"
#include "session/stream.h"

namespace confab::net {

class Pumps;

// The same for every protocol and every kind of stream; free of sockets, so that the simulator runs this very class.
// An idle pump owns no buffer. Lives on: the connection's shard; handed from shard to shard whole, between turns.
class Pump final : public session::StreamListener {
 public:
  Pump(std::unique_ptr<session::Stream> stream, std::unique_ptr<session::Session> session, session::PeerInfo peer);
  ~Pump() override;

  // What follows is for Pumps alone.
  void start(Pumps& home, std::uint64_t number);
  void arrive(Pumps& home, std::uint64_t number);
  void depart();

  void deliver(const core::Delivery& delivery);
  void deliver(const core::TopicDelivery& delivery);
  void reply(session::RequestId request, const core::Reply& reply);
  // Lets the session say goodbye; gone at the latest when the time to linger is over.
  void end(session::CloseReason reason);
  // Now, and without a goodbye.
  void abort(session::CloseReason reason);
  // Writes what is queued. At the end of the loop's turn.
  void flush();

  std::uint64_t number() const { return number_; }
  bool leaving() const { return stage_ == Stage::leaving; }
  const Address& account() const;
  const std::string& token() const;

  void on_stream_bytes(ByteSpan bytes) override;
  void on_stream_writable() override;
  void on_stream_secured(const session::TlsInfo& tls) override;
  void on_stream_closed(session::CloseReason reason) override;

 private:
  enum class Stage : std::uint8_t {
    open,
    leaving,  // between belong_to() and the owner's shard
    closing,  // the session said close: what is queued still leaves
    kept,     // without a connection
    gone,
  };
  struct SessionTimer;
  struct Side;  // what most connections need late or never

  template <class Call>
  void run(Call&& call);
  template <class Call>
  void run_last(Call&& call);
  void perform(std::vector<session::Effect> effects);
  void perform_one(session::Effect& effect, std::vector<session::Effect>& effects);
  void perform_kept(session::Effect& effect);
  void submit(session::Submit& effect);
  void belong_to(session::BelongTo& effect);
  void keep(session::Keep& effect);
  void take_over(session::TakeOver& effect, std::vector<session::Effect>& effects);
  void continue_on(Pump& fresh, std::unique_ptr<session::Handover> handover);
  void arm(session::TimerId id, milliseconds delay);
  void disarm(session::TimerId id);
  void disarm_all();
  void close(session::CloseReason reason);

  void settle();
  void write_queue();
  void drained();
  void update_reading();
  void lose(session::CloseReason reason);
  void let_stream_go();
  void drop_queue();
  void expire();
  void finish();
  Side& side();
  static void on_deadline(Timer& timer);

  Pumps* home_ = nullptr;
  std::unique_ptr<session::Stream> stream_;
  std::unique_ptr<session::Session> session_;
  std::uint64_t number_ = 0;
  std::string queue_;                     // output that the kernel has not taken yet
  std::unique_ptr<SessionTimer> timers_;  // a list
  std::unique_ptr<Side> side_;
  session::PeerInfo peer_;
  Stage stage_ = Stage::open;
  session::CloseReason reason_ = session::CloseReason::finished;  // while closing
  bool dirty_ : 1 = false;                                        // flush() will be called this turn
  bool blocked_ : 1 = false;                                      // the stream takes no more until on_stream_writable
  bool reading_ : 1 = false;                                      // what the stream was told
  bool paused_ : 1 = false;                                       // by the session
  bool over_high_ : 1 = false;   // the peer does not read what it asked for: nothing more is read from it
  bool over_low_ : 1 = false;    // on_flushed is due once the queue is empty
  bool start_tls_ : 1 = false;   // once the queue is empty
  bool securing_ : 1 = false;    // from start_tls() to on_secured: nothing read may reach the session
  bool told_flush_ : 1 = false;  // on_flushed runs: it is not owed again for asking alone
};

}  // namespace confab::net
