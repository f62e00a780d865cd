// The answers of one connection, in the order of its requests (RFC 9112 §9.3.2), whenever each of them comes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/response.h"
#include "http/service.h"
#include "session/session.h"

namespace confab::http {

// Lives on: the connection's shard. An idle one owns no memory.
class AnswerQueue {
 public:
  // A request has begun, in the order of the bytes.
  Ticket open(Terms terms);

  // 100, before the answer (RFC 9110 §15.2.1).
  void go_on(Ticket ticket);
  // `held`: bytes that are kept for it until the answer is there.
  void hold(Ticket ticket, std::size_t held);
  // Of a ticket that is not open any more it is dropped.
  void answer(Ticket ticket, const Response& response);
  // The same, and then the connection ends; nothing leaves behind it.
  void end(Ticket ticket, const Response& response, session::CloseReason reason);
  // The same, and then the connection is another session's.
  void hand_on(Ticket ticket, std::string head, session::Upgrade upgrade);
  // Behind the last answer that is due.
  void end_after_all(session::CloseReason reason);

  // Moves to `to` what may leave.
  void flush(std::string& to);

  bool empty() const { return slots_.empty(); }
  std::size_t size() const { return slots_.size(); }
  std::size_t held() const;  // in all
  Ticket front() const { return slots_.empty() ? 0 : first_; }
  // The 100 has left, or none was to be sent.
  bool told_to_go_on(Ticket ticket) const;
  // The last request leads to another session, which waits for its turn; what comes behind it is that one's.
  bool leads_away() const { return !slots_.empty() && slots_.back().upgrade != nullptr; }
  void append_rest(std::string_view bytes);

  // Once everything before has left.
  std::optional<session::CloseReason> take_close() { return std::exchange(close_, std::nullopt); }
  std::unique_ptr<session::Upgrade> take_upgrade() { return std::exchange(upgrade_, nullptr); }

 private:
  struct Slot {
    Terms terms;
    std::string bytes;
    std::size_t held = 0;
    bool whole = false;  // the answer is there
    std::optional<session::CloseReason> close;
    std::unique_ptr<session::Upgrade> upgrade;
  };

  Slot* find(Ticket ticket);  // null: answered, or never opened

  std::vector<Slot> slots_;
  Ticket first_ = 1;  // slots_.front()'s
  std::optional<session::CloseReason> close_;
  std::unique_ptr<session::Upgrade> upgrade_;
};

}  // namespace confab::http
