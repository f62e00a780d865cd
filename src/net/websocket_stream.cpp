#include "net/websocket_stream.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "websocket/writer.h"

namespace confab::net {

using session::CloseReason;
using websocket::CloseCode;
using websocket::Opcode;

namespace {

// Clients bound what they take at once, and a ping is answered between two frames.
constexpr std::size_t kFrameBytes = 65535;
// Answers to pings that wait for room; beyond them the newest is enough (RFC 6455 §5.5.3).
constexpr std::size_t kControlsBytes = 2048;
constexpr std::size_t kSpareBytes = 131072;

CloseCode code_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::shutdown:
      return CloseCode::going_away;
    case CloseReason::violation:
    case CloseReason::timed_out:
    case CloseReason::slow_reader:
      return CloseCode::policy;
    default:
      return CloseCode::normal;
  }
}

// One thread's buffers, used inside a call alone: idle connections have none.
thread_local std::string t_payload;
thread_local std::string t_frame;

void free_if_empty(std::string& text) {
  if (text.empty()) std::string().swap(text);
}

}  // namespace

WebSocketStream::WebSocketStream(std::unique_ptr<session::Stream> stream, Loop& loop, const websocket::Limits& limits,
                                 std::string rest)
    : inner_(std::move(stream)),
      loop_(&loop),
      reader_(websocket::Side::server, websocket::Messages::binary, limits),
      held_(std::move(rest)) {
  inner_->listen(*this);
}

void WebSocketStream::leave() {
  posted_.reset();
  inner_->leave();
}

void WebSocketStream::enter(Loop& loop) {
  loop_ = &loop;
  inner_->enter(loop);
  if (reading_ && holds_back()) go_on_soon();
}

void WebSocketStream::start_tls() {
  assert(false && "WebSocket has no STARTTLS");
}

// ---- Reading. ----

void WebSocketStream::set_reading(bool on) {
  reading_ = on;
  if (on && holds_back()) go_on_soon();
  inner_->set_reading(on && !holds_back());
}

// The listener is told of nothing from inside its own call.
void WebSocketStream::go_on_soon() {
  if (posted_) return;
  posted_ = std::make_shared<WebSocketStream*>(this);
  loop_->post([post = std::weak_ptr(posted_)] {
    if (const auto stream = post.lock()) (*stream)->go_on();
  });
}

void WebSocketStream::go_on() {
  posted_.reset();
  if (!reading_ || over_) return;
  if (!held_.empty()) {
    read(std::exchange(held_, {}));
  } else if (ending_) {
    end();
  }
  if (!over_) inner_->set_reading(reading_ && !holds_back());
}

void WebSocketStream::on_stream_bytes(ByteSpan bytes) {
  if (!over_ && !ending_) read(as_text(bytes));
}

// All payload of one reading goes up in one call, so that nothing is left over when the listener turns reading off. The
// end waits until it is on again: what was said before it comes first.
void WebSocketStream::read(std::string_view bytes) {
  std::string payload = std::exchange(t_payload, {});
  payload.clear();
  decode(bytes, payload);
  if (!payload.empty()) listener_->on_stream_bytes(as_bytes(payload));
  if (payload.capacity() <= kSpareBytes) t_payload = std::move(payload);
  if (over_) return;
  if (left_ == 0) send_controls();
  if (ending_ && reading_) end();
}

void WebSocketStream::decode(std::string_view bytes, std::string& payload) {
  while (!ending_) {
    const auto event = reader_.read(bytes, payload);
    if (!event) {
      ending_ = {websocket::close_code_of(event.error().code), CloseReason::violation};
    } else if (!*event) {
      return;
    } else if ((*event)->opcode == Opcode::ping) {
      answer((*event)->payload);
    } else if ((*event)->opcode == Opcode::close) {
      ending_ = {(*event)->code, CloseReason::peer_closed};
    }
  }
}

void WebSocketStream::answer(std::string_view ping) {
  if (controls_.size() + ping.size() > kControlsBytes) controls_.clear();
  websocket::encode_frame(controls_, Opcode::pong, ping);
}

// ---- Writing. ----

// A frame has the length that its head told, whatever the layer below takes of it at once. Head and payload go in one
// write: each is a system call, and a record of TLS.
std::size_t WebSocketStream::write(std::string_view bytes) {
  if (over_) return 0;
  std::size_t taken = 0;
  bool room = left_ > 0 || send_controls();
  while (room && taken < bytes.size()) {
    if (left_ == 0) {
      left_ = std::min(bytes.size() - taken, kFrameBytes);
      websocket::encode_head(begun_, Opcode::binary, left_);
    }
    assert(left_ <= bytes.size() - taken);  // what was offered once is offered again
    const std::size_t count = write_on(bytes.substr(taken, left_));
    taken += count;
    left_ -= count;
    room = left_ == 0 && send_controls();
  }
  owed_ = taken < bytes.size();
  return taken;
}

// What has begun, then `payload`. How much of `payload` was taken.
std::size_t WebSocketStream::write_on(std::string_view payload) {
  if (begun_.empty()) return inner_->write(payload);
  t_frame.assign(begun_).append(payload);
  const std::size_t count = inner_->write(t_frame);
  const std::size_t of_begun = std::min(count, begun_.size());
  begun_.erase(0, of_begun);
  free_if_empty(begun_);
  return count - of_begun;
}

// Between two frames only. false: not everything has left.
bool WebSocketStream::send_controls() {
  begun_ += std::exchange(controls_, {});
  if (!begun_.empty()) write_on({});
  return begun_.empty();
}

void WebSocketStream::on_stream_writable() {
  if (over_) return;
  if (left_ == 0 && !send_controls()) return;
  if (std::exchange(owed_, false)) listener_->on_stream_writable();
}

// ---- The end (RFC 6455 §7). ----

void WebSocketStream::on_stream_closed(CloseReason reason) {
  if (std::exchange(over_, true)) return;
  listener_->on_stream_closed(reason);
}

// After the peer's Close, or its fault.
void WebSocketStream::end() {
  over_ = true;
  say_goodbye(ending_->code);
  inner_->close(ending_->reason);
  listener_->on_stream_closed(ending_->reason);
}

// The layer below waits for the peer's answer, and for its end of the connection, while it lingers.
void WebSocketStream::close(CloseReason reason) {
  if (std::exchange(over_, true)) return;
  say_goodbye(ending_ ? ending_->code : code_of(reason));
  inner_->close(reason);
}

// Inside a frame that will never be complete there is no place for another.
void WebSocketStream::say_goodbye(CloseCode code) {
  if (left_ > 0) return;
  websocket::encode_close(controls_, code);
  send_controls();
}

}  // namespace confab::net
