// The inside of Pump that its two units share.
#pragma once

#include "net/pump.h"
#include "net/pumps.h"

namespace confab::net {

// One timer of a session, made when first armed and kept for the next time.
struct Pump::SessionTimer : Timer {
  SessionTimer(Pump& owner, session::TimerId timer_id);
  Pump& pump;
  session::TimerId id;
  bool moving = false;  // armed on the shard that the pump left
  std::unique_ptr<SessionTimer> next;
};

struct Pump::Side {
  explicit Side(Pump& owner) : deadline(owner) {}

  struct Deadline : Timer {
    explicit Deadline(Pump& owner) : Timer(&Pump::on_deadline), pump(owner) {}
    Pump& pump;
  };

  Address account;
  std::string token;  // empty: not kept
  milliseconds span{0};
  std::vector<session::Effect> waiting;  // to be done on the owner's shard
  std::unique_ptr<session::Upgrade> upgrade;
  Deadline deadline;  // of a goodbye, or of a kept session
};

// Lets `call` use the session, then does what it asked for.
template <class Call>
void Pump::run(Call&& call) {
  const bool connected = stream_ != nullptr;
  if (connected && queue_.capacity() <= std::string().capacity()) queue_ = home_->take_buffer();
  session::Outbox out(connected ? queue_ : home_->waste());
  call(*session_, out);
  if (out.has_effects()) perform(out.take_effects());
  if (stage_ != Stage::gone) settle();
}

// The same for calls whose outbox can only submit.
template <class Call>
void Pump::run_last(Call&& call) {
  session::Outbox out(home_->waste());
  call(*session_, out);
  for (session::Effect& effect : out.take_effects()) {
    if (auto* asked = std::get_if<session::Submit>(&effect)) submit(*asked);
  }
}

}  // namespace confab::net
