#include "xmpp/session.h"

#include "xmpp/map.h"
#include "xmpp/timers.h"
#include "xmpp/wire.h"

namespace confab::xmpp {

using session::CloseReason;

xml::Document& scratch() {
  thread_local xml::Document document;
  return document;
}

Session::Session(const Site& site) : site_(site), reader_(limits_before_login(site.config.stanza_bytes_before)) {}

void Session::on_open(const session::PeerInfo& peer, Outbox& out) {
  login_ = std::make_unique<Login>(site_, peer);
  password_may_go_ = login_->password_may_go();
  out.arm(kLoginTimer, site_.config.login_time);
}

void Session::on_secured(const session::TlsInfo& tls, Outbox& out) {
  if (phase_ == Phase::over || login_ == nullptr) return;
  // XEP-0368 §3: direct TLS may name its protocol; another one is not spoken here.
  if (!tls.alpn.empty() && tls.alpn != "xmpp-client") return finish(CloseReason::violation, out);
  login_->secured(tls);
  secure_ = password_may_go_ = true;
  if (phase_ != Phase::securing) return;
  phase_ = Phase::header;
  header_sent_ = false;
  reader_.reset();  // RFC 6120 §5.4.3.3: nothing of before counts
}

void Session::on_bytes(ByteSpan bytes, Outbox& out) {
  if (phase_ == Phase::over) return;
  if (phase_ == Phase::securing) return finish(CloseReason::violation, out);  // in clear, behind <starttls/>
  if (wait_ != 0 && reader_.buffered() > 2U * site_.config.stanza_bytes()) return finish(CloseReason::violation, out);
  reader_.feed(as_text(bytes));
  drain(out);
}

void Session::drain(Outbox& out) {
  while (wait_ == 0 && (phase_ == Phase::header || phase_ == Phase::open)) {
    const Result<xml::Item> item = reader_.next();
    if (!item) return fail_stream(stream_condition_of(reader_.problem()), out);
    if (item->kind == xml::Item::Kind::none) return;
    scratch().clear();
    take(*item, out);
  }
}

void Session::take(const xml::Item& item, Outbox& out) {
  switch (item.kind) {
    case xml::Item::Kind::stream_open:
      return on_stream_open(*item.element, out);
    case xml::Item::Kind::stream_close:
      clean_ = true;
      out.send(kStreamEnd);
      return finish(CloseReason::finished, out);
    case xml::Item::Kind::element:
      if (bound_) return on_stanza(*item.element, out);
      if (authenticated_) return on_binding_element(*item.element, out);
      return on_login_element(*item.element, out);
    case xml::Item::Kind::none:
      break;
  }
}

void Session::wait(Wait why, Outbox& out) {
  if (wait_ == 0) out.pause();
  wait_ |= why;
}

void Session::go_on(Wait why, Outbox& out) {
  if ((wait_ & why) == 0) return;
  wait_ = static_cast<std::uint8_t>(wait_ & ~why);
  if (wait_ != 0 || detached_ || phase_ == Phase::over) return;
  out.resume();
  drain(out);
}

void Session::send(const xml::Element& element, Outbox& out, Upos seq) {
  if (phase_ == Phase::over) return;  // nothing follows the end of the stream
  const std::size_t start = out.bytes().size();
  xml::write(element, out.bytes(), kScope);
  count_sent(start, out, seq);
}

// false: it would be more than the client may owe acknowledgements for, or than any client can be sent at once.
bool Session::send_if_it_fits(const xml::Element& element, Outbox& out) {
  if (phase_ == Phase::over) return true;
  const std::size_t start = out.bytes().size();
  xml::write(element, out.bytes(), kScope);
  const std::size_t owed = sm_ == nullptr ? 0 : sm_->queue.bytes().size();
  if (owed + out.bytes().size() - start > site_.config.unacked_bytes) {
    out.bytes().resize(start);
    return false;
  }
  count_sent(start, out, 0);
  return true;
}

void Session::count_sent(std::size_t start, Outbox& out, Upos seq) {
  if (sm_ == nullptr) {
    if (seq != 0) delivered_ = seq;
    return;
  }
  sm_->queue.add(std::string_view(out.bytes()).substr(start), seq);
  // What waits in the log costs nothing here: above half of the limits the client's acknowledgements set the pace.
  if (!sm_->held && is_half_full()) {
    sm_->held = true;
    out.submit(0, core::HoldBacklog{});
  }
  if (sm_->queue.size() <= site_.config.unacked_stanzas && sm_->queue.bytes().size() <= site_.config.unacked_bytes) {
    return detached_ ? void() : request_ack(out);
  }
  if (detached_) return give_up_resumption(out);
  fail_stream("policy-violation", out, CloseReason::slow_reader, "too many stanzas unacknowledged");
}

bool Session::is_half_full() const {
  return sm_->queue.size() > site_.config.unacked_stanzas / 2 ||
         sm_->queue.bytes().size() > site_.config.unacked_bytes / 2;
}

void Session::fail_stream(std::string_view condition, Outbox& out, CloseReason reason, std::string_view text) {
  if (phase_ == Phase::over) return;
  if (!header_sent_) send_header({}, out);  // RFC 6120 §4.9.1.2
  write_stream_error(out.bytes(), condition, text);
  out.send(kStreamEnd);
  finish(reason, out);
}

void Session::finish(CloseReason reason, Outbox& out) {
  phase_ = Phase::over;
  if (can_be_resumed()) out.keep(std::exchange(sm_->token, {}), seconds(0));
  out.close(reason);
}

void Session::submit(Request request, core::Command command, Outbox& out) {
  if (sm_ != nullptr && !request.told) {
    request.holds = true;
    request.stanza = sm_->handled;
  }
  out.submit(requests_.add(std::move(request)), std::move(command));
  if (requests_.size() >= site_.config.requests_under_way) wait(kWaitReplies, out);
}

Place Session::place() const {
  return {site_.config, site_.extensions, me_, site_.now(), secure_, password_may_go_};
}

void Session::on_timer(session::TimerId timer, Outbox& out) {
  if (phase_ == Phase::over) return;
  scratch().clear();
  if (timer == kLoginTimer && !bound_) {
    fail_stream("connection-timeout", out, CloseReason::timed_out);
  } else if (timer == kAnswerTimer && login_ != nullptr) {
    answer_failure(std::exchange(login_->held_failure, {}), out);
    go_on(kWaitLogin, out);
  } else if (timer == kRateTimer) {
    go_on(kWaitRate, out);
  }
}

void Session::on_flushed(Outbox& out) {
  if (archive_ != nullptr) archive_->unsent = false;
  read_on(out);
  if (sm_ != nullptr || !bound_) return;  // the client says itself what it got
  if (delivered_ != acknowledged_) out.submit(0, core::Acknowledge{delivered_});
  acknowledged_ = delivered_;
  if (std::exchange(backlog_, false)) out.submit(0, core::WantBacklog{});
}

void Session::on_end(CloseReason reason, Outbox& out) {
  if (phase_ == Phase::over) return;
  if (detached_) {
    give_up_resumption(out);
    return;
  }
  if (const std::string_view condition = stream_condition_of(reason); !condition.empty()) {
    return fail_stream(condition, out, reason);
  }
  if (!header_sent_) send_header({}, out);
  out.send(kStreamEnd);
  finish(reason, out);
}

void Session::on_close(CloseReason, Outbox& out) {
  if (bound_ && can_be_resumed() && phase_ != Phase::over) {
    detached_ = true;
    out.submit(0, core::SetAttached{false});
    wait_ = 0;
    sm_->request_sent = sm_->answer_wanted = false;
    reader_ = xml::Reader(reader_.limits());
    return;
  }
  phase_ = Phase::over;
  if (std::exchange(bound_, false)) out.submit(0, core::CloseSession{clean_});
}

void Session::on_expired(Outbox& out) {
  phase_ = Phase::over;
  if (std::exchange(bound_, false)) out.submit(0, core::CloseSession{false});
}

std::size_t Session::memory() const {
  std::size_t bytes = sizeof(*this) + reader_.memory() + full_.capacity() + lang_.capacity();
  if (login_ != nullptr) bytes += sizeof(Login);
  if (sm_ != nullptr) bytes += sizeof(StreamManagement) + sm_->queue.bytes().size();
  if (question_ != nullptr) bytes += sizeof(CapsQuestion) + question_->held_bytes;
  return bytes + requests_.size() * sizeof(Request);
}

}  // namespace confab::xmpp
