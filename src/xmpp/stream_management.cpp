// Stream management (XEP-0198): acknowledgements both ways, and resumption.
#include <charconv>
#include <optional>

#include "xmpp/session.h"
#include "xmpp/timers.h"
#include "xmpp/wire.h"

namespace confab::xmpp {
namespace {

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void send_failed(std::string_view condition, session::Outbox& out) {
  out.send("<failed xmlns='urn:xmpp:sm:3'><");
  out.send(condition);
  out.send(" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
}

}  // namespace

void Session::on_management(const xml::Element& element, Outbox& out) {
  if (element.name() == "resume" && !bound_) return on_resume(element, out);
  if (element.name() == "enable" && bound_ && sm_ == nullptr) return on_enable(element, out);
  if (sm_ != nullptr && element.name() == "r") {
    sm_->answer_wanted = true;
    sm_->answer_at = sm_->handled;
    return answer_ack_request(out);
  }
  if (sm_ != nullptr && element.name() == "a") return on_ack(element.attr("h"), out);
  const std::string_view name = element.name();
  if (name != "resume" && name != "enable" && name != "r" && name != "a") {
    return fail_stream("unsupported-stanza-type", out);
  }
  send_failed("unexpected-request", out);
}

void Session::on_enable(const xml::Element& enable, Outbox& out) {
  sm_ = std::make_unique<StreamManagement>();
  const std::string_view resume = enable.attr("resume");
  seconds span = site_.config.resume_time;
  if (const auto max = read_number(enable.attr("max")); max && seconds(*max) < span) span = seconds(*max);
  // What went out before is the kernel's business; from here on the client says what it got.
  if (delivered_ != acknowledged_) out.submit(0, core::Acknowledge{delivered_});
  acknowledged_ = delivered_;
  if ((resume != "true" && resume != "1") || span.count() == 0) {
    out.send("<enabled xmlns='urn:xmpp:sm:3'/>");
    return;
  }
  sm_->token = random_id(site_.random) + random_id(site_.random);
  sm_->span = span;
  out.keep(sm_->token, span);
  out.send("<enabled xmlns='urn:xmpp:sm:3' id='");
  out.send(sm_->token);
  out.send("' resume='true' max='");
  out.send(std::to_string(span.count()));
  out.send("'/>");
}

// Only what is durable is acknowledged: a stanza whose command has not been answered holds back h, and the answer to
// <r/> with it.
void Session::answer_ack_request(Outbox& out) {
  const std::uint32_t settled = requests_.settled(sm_->handled);
  if (static_cast<std::int32_t>(settled - sm_->answer_at) < 0) return;
  sm_->answer_wanted = false;
  if (detached_) return;
  out.send("<a xmlns='urn:xmpp:sm:3' h='");
  out.send(std::to_string(settled));
  out.send("'/>");
}

// One request under way at a time: a fast stream costs one per round trip.
void Session::request_ack(Outbox& out) {
  if (sm_->request_sent) return;
  // A page waits for its acknowledgement, be it ever so short.
  const bool pressing = sm_->queue.has_seq() || (backlog_ && sm_->queue.size() > 0);
  if (!pressing && sm_->queue.size() < 8) return;
  sm_->request_sent = true;
  out.send("<r xmlns='urn:xmpp:sm:3'/>");
}

void Session::on_ack(std::string_view text, Outbox& out) {
  const std::optional<std::uint32_t> h = read_number(text);
  if (!h) return fail_stream("policy-violation", out);
  sm_->request_sent = false;
  if (!drop_acked(*h, out)) return;
  request_ack(out);
  read_on(out);
}

// false: the client claims to have got more than was sent (XEP-0198 §4); the stream is closed.
bool Session::drop_acked(std::uint32_t h, Outbox& out) {
  const std::uint32_t count = h - sm_->acked;  // modulo 2^32
  if (count > sm_->queue.size()) {
    const std::uint32_t sent = sm_->acked + static_cast<std::uint32_t>(sm_->queue.size());
    out.send("<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
    out.send("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='");
    out.send(std::to_string(h) + "' send-count='" + std::to_string(sent) + "'/></stream:error>");
    out.send(kStreamEnd);
    finish(session::CloseReason::violation, out);
    return false;
  }
  sm_->acked = h;
  if (const Upos upto = sm_->queue.drop(count); upto != 0) out.submit(0, core::Acknowledge{upto});
  const bool drained = sm_->held && !is_half_full();
  if (drained || (backlog_ && !sm_->held && !sm_->queue.has_seq())) {
    sm_->held = backlog_ = false;
    out.submit(0, core::WantBacklog{});
  }
  return true;
}

void Session::on_resume(const xml::Element& resume, Outbox& out) {
  const std::optional<std::uint32_t> h = read_number(resume.attr("h"));
  const std::string_view token = resume.attr("previd");
  if (!h || token.empty()) return send_failed("bad-request", out);
  auto handover = std::make_unique<ResumedStream>();
  handover->reader = std::move(reader_);
  handover->lang = lang_;
  handover->h = *h;
  handover->secure = secure_;
  handover->password_may_go = password_may_go_;
  wait(kWaitTakeOver, out);
  out.disarm(kLoginTimer);
  out.take_over(std::string(token), std::move(handover));
}

void Session::on_take_over_failed(std::unique_ptr<session::Handover> handover, Outbox& out) {
  if (auto* stream = dynamic_cast<ResumedStream*>(handover.get())) reader_ = std::move(stream->reader);
  if (phase_ == Phase::over) return;
  send_failed("item-not-found", out);
  out.arm(kLoginTimer, site_.config.login_time);
  go_on(kWaitTakeOver, out);
}

void Session::on_resumed(const session::PeerInfo&, std::unique_ptr<session::Handover> handover, Outbox& out) {
  auto* stream = dynamic_cast<ResumedStream*>(handover.get());
  if (stream == nullptr || !can_be_resumed()) return finish(session::CloseReason::violation, out);
  reader_ = std::move(stream->reader);
  lang_ = std::move(stream->lang);
  secure_ = stream->secure;
  password_may_go_ = stream->password_may_go;
  detached_ = false;
  out.submit(0, core::SetAttached{true});
  wait_ = 0;
  header_sent_ = true;
  phase_ = Phase::open;
  scratch().clear();
  out.resume();
  if (!drop_acked(stream->h, out)) return;
  // What is not settled the client sends again, under the same numbers.
  sm_->handled = requests_.settled(sm_->handled);
  sm_->answer_wanted = false;
  forget_archive_queries();
  requests_.release_holds();
  out.keep(sm_->token, sm_->span);
  out.send("<resumed xmlns='urn:xmpp:sm:3' previd='");
  out.send(sm_->token);
  out.send("' h='" + std::to_string(sm_->handled) + "'/>");
  out.send(sm_->queue.bytes());
  sm_->request_sent = false;
  if (question_ != nullptr) ask_capabilities(out);
  if (sm_->queue.size() != 0) {
    sm_->request_sent = true;
    out.send("<r xmlns='urn:xmpp:sm:3'/>");
  }
  drain(out);
}

// Messages wait in the log for the next session; what was transient is lost.
void Session::give_up_resumption(Outbox& out) {
  phase_ = Phase::over;
  if (can_be_resumed()) out.keep(std::exchange(sm_->token, {}), seconds(0));
  sm_.reset();
  if (std::exchange(bound_, false)) out.submit(0, core::CloseSession{false});
}

}  // namespace confab::xmpp
