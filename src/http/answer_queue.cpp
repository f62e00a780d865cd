#include "http/answer_queue.h"

#include <utility>

namespace confab::http {

using session::CloseReason;

Ticket AnswerQueue::open(Terms terms) {
  slots_.push_back({.terms = std::move(terms)});
  return first_ + static_cast<Ticket>(slots_.size()) - 1;
}

AnswerQueue::Slot* AnswerQueue::find(Ticket ticket) {
  const Ticket at = ticket - first_;
  if (at >= slots_.size() || slots_[at].whole) return nullptr;
  return &slots_[at];
}

void AnswerQueue::go_on(Ticket ticket) {
  if (Slot* slot = find(ticket)) slot->bytes.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void AnswerQueue::hold(Ticket ticket, std::size_t held) {
  if (Slot* slot = find(ticket)) slot->held = held;
}

void AnswerQueue::answer(Ticket ticket, const Response& response) {
  Slot* slot = find(ticket);
  if (slot == nullptr) return;
  write_response(response, slot->terms, slot->bytes);
  slot->whole = true;
  slot->held = 0;
  if (!slot->terms.keep && !slot->close) slot->close = CloseReason::finished;
}

void AnswerQueue::end(Ticket ticket, const Response& response, CloseReason reason) {
  Slot* slot = find(ticket);
  if (slot == nullptr) return;
  slot->terms.keep = false;
  answer(ticket, response);
  slot->close = reason;
}

void AnswerQueue::hand_on(Ticket ticket, std::string head, session::Upgrade upgrade) {
  Slot* slot = find(ticket);
  if (slot == nullptr) return;
  slot->bytes.append(head);
  slot->whole = true;
  slot->upgrade = std::make_unique<session::Upgrade>(std::move(upgrade));
}

void AnswerQueue::end_after_all(CloseReason reason) {
  if (slots_.empty()) {
    close_ = reason;
    return;
  }
  Slot& last = slots_.back();
  if (last.upgrade) {
    last.upgrade.reset();
    last.bytes.clear();
  }
  if (!last.whole) last.terms.keep = false;
  last.close = reason;
}

void AnswerQueue::flush(std::string& to) {
  std::size_t gone = 0;
  for (Slot& slot : slots_) {
    to.append(slot.bytes);
    slot.bytes.clear();
    if (!slot.whole) break;
    ++gone;
    close_ = slot.close;
    upgrade_ = std::move(slot.upgrade);
    if (close_ || upgrade_) {
      gone = slots_.size();
      break;
    }
  }
  if (gone == 0) return;
  first_ += static_cast<Ticket>(gone);
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(gone));
  if (slots_.empty()) slots_.shrink_to_fit();
}

std::size_t AnswerQueue::held() const {
  std::size_t sum = 0;
  for (const Slot& slot : slots_) sum += slot.held;
  return sum;
}

bool AnswerQueue::told_to_go_on(Ticket ticket) const {
  const Ticket at = ticket - first_;
  return at < slots_.size() && slots_[at].bytes.empty();
}

void AnswerQueue::append_rest(std::string_view bytes) {
  if (leads_away()) slots_.back().upgrade->rest.append(bytes);
}

}  // namespace confab::http
